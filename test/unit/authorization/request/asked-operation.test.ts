/** Documents of several operations: the guard decides, compiles and introspects the same one that graphql-js runs. */
import { type ExecutionArgs, type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Guard, GuardOptions } from '../../../../src/authorization/guard.ts';
import { askedOperation } from '../../../../src/authorization/request/asked-operation.ts';
import { anonymous, type Context, guardOf, user } from '../harness.ts';

const sdl = `
  type Query { open: String @public, closed: String @authenticated }
  type Mutation { add: String @public, remove: String @authenticated }
  type Subscription { news: String @public, secrets: String @authenticated }`;

function worldOf(options: Partial<GuardOptions<Context>> = {}) {
  const ran: string[] = [];
  const resolver = (name: string) => () => {
    ran.push(name);
    return name;
  };
  async function* events(name: string) {
    yield { [name]: name };
  }
  const guard = guardOf(
    sdl,
    {
      Query: { open: resolver('open'), closed: resolver('closed') },
      Mutation: { add: resolver('add'), remove: resolver('remove') },
      Subscription: { news: { subscribe: () => events('news') }, secrets: { subscribe: () => events('secrets') } },
    },
    { compile: { hotAfter: 1, milliseconds: 1_000_000 }, ...options },
  );
  return { guard, ran };
}

const plain = (result: unknown) => JSON.parse(JSON.stringify(result)) as ExecutionResult;

/** Cold, hot, and by graphql-js on the guarded schema. */
async function everyWay(guard: Guard, args: Omit<ExecutionArgs, 'schema'>): Promise<ExecutionResult[]> {
  const answers: ExecutionResult[] = [];
  for (let time = 0; time < 4; time++) answers.push(plain(await guard.execute(args)));
  return [...answers, plain(await execute({ ...args, schema: guard.schema }))];
}

const asked = (text: string, viewer: Context['viewer'], operationName?: string) => ({
  document: parse(text),
  contextValue: { viewer },
  ...(operationName !== undefined && { operationName }),
});

describe('of two operations of one name, which no valid document has,', () => {
  it('the last is the one that runs, cold and hot and under graphql-js', async () => {
    const { guard } = worldOf();
    const openLast = await everyWay(guard, asked('query A { closed } query A { open }', anonymous, 'A'));
    expect(openLast).toEqual(Array(5).fill({ data: { open: 'open' } }));
    const closedLast = await everyWay(guard, asked('query A { open } query A { closed }', user(), 'A'));
    expect(closedLast).toEqual(Array(5).fill({ data: { closed: 'closed' } }));
    expect(guard.compiled?.answers).toBeGreaterThan(0);
  });

  it('the last is the one that is decided', async () => {
    const { guard, ran } = worldOf();
    const answers = await everyWay(guard, asked('query A { open } query A { closed }', anonymous, 'A'));
    for (const { data, errors } of answers) {
      expect(data).toEqual({ closed: null });
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
    expect(ran).toEqual([]);
  });

  it('the last mutation is the one that mode reject decides before it runs', async () => {
    const { guard, ran } = worldOf({ denial: 'reject' });
    const denied = await guard.execute(asked('mutation A { add } mutation A { add remove }', anonymous, 'A'));
    expect(denied.data).toBeUndefined();
    expect(ran).toEqual([]);
    const allowed = await guard.execute(asked('mutation A { remove } mutation A { add }', anonymous, 'A'));
    expect(plain(allowed)).toEqual({ data: { add: 'add' } });
  });

  it('the last subscription is the one that starts', async () => {
    const { guard } = worldOf();
    const denied = await guard.subscribe(asked('subscription A { news } subscription A { secrets }', anonymous, 'A'));
    expect(denied).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const started = await guard.subscribe(asked('subscription A { secrets } subscription A { news }', anonymous, 'A'));
    if (!('next' in started)) throw new Error('It did not start.');
    expect(plain((await started.next()).value)).toEqual({ data: { news: 'news' } });
    await started.return();
  });

  it('the last is the one that is looked through for introspection', async () => {
    const { guard } = worldOf({ introspection: 'visible' });
    const types = '__type(name: "Query") { fields { name } }';
    const shown = await guard.execute(asked(`query A { open } query A { ${types} }`, anonymous, 'A'));
    expect(plain(shown)).toEqual({ data: { __type: { fields: [{ name: 'open' }] } } });
    const other = await guard.execute(asked(`query A { ${types} } query A { open }`, anonymous, 'A'));
    expect(plain(other)).toEqual({ data: { open: 'open' } });
  });
});

describe('an operation', () => {
  it.each([
    ['the only one, without a name', '{ open }', undefined, 0],
    ['the only one, though it has a name', 'query A { open }', undefined, 0],
    ['the one of that name', 'query A { open } query B { open }', 'B', 1],
    ['none of several, without a name', 'query A { open } query B { open }', undefined, null],
    ['none of another name', 'query A { open }', 'B', null],
    ['none of an empty name', '{ open }', '', null],
    ['none where there are fragments alone', 'fragment A on Query { open }', 'A', null],
  ])('is chosen as graphql-js chooses it: %s', async (_, text, operationName, index) => {
    const { guard } = worldOf();
    const args = asked(text, anonymous, operationName);
    expect(askedOperation(args)).toBe(index === null ? null : args.document.definitions[index]);
    // Another operation name of the same document has become hot.
    for (let time = 0; time < 3; time++) await guard.execute({ ...args, operationName: null });
    const [first, ...others] = await everyWay(guard, args);
    expect(first?.data).toEqual(index === null ? undefined : { open: 'open' });
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('what no valid document has is answered alike, cold and hot and under graphql-js', () => {
  it.each([
    ['a fragment that nobody defines, of a name that every object has', '{ open ...toString ...constructor }'],
    ['a fragment `__proto__` that nobody defines', '{ open ...__proto__ }'],
  ])('%s', async (_, text) => {
    const { guard } = worldOf();
    expect(await everyWay(guard, asked(text, anonymous))).toEqual(Array(5).fill({ data: { open: 'open' } }));
  });

  it('two fragments of one name', async () => {
    const { guard } = worldOf();
    const [first, ...others] = await everyWay(
      guard,
      asked('{ ...F } fragment F on Query { open } fragment F on Query { closed }', anonymous),
    );
    expect(first?.data).toEqual({ closed: null });
    expect(others).toEqual(Array(4).fill(first));
  });

  it.each(['@include(if: "yes")', '@skip(if: 5)', '@skip', '@include(if: null)'])(
    'a condition %s',
    async (condition) => {
      const { guard } = worldOf();
      const [first, ...others] = await everyWay(guard, asked(`{ open closed ${condition} }`, anonymous));
      expect([first?.data, first?.errors?.[0]?.message]).toEqual([null, expect.stringContaining('"if"')]);
      expect(others).toEqual(Array(4).fill(first));
      const rejecting = worldOf({ denial: 'reject' });
      await everyWay(rejecting.guard, asked(`mutation { add remove ${condition} }`, anonymous));
      expect(rejecting.ran).not.toContain('remove');
    },
  );
});

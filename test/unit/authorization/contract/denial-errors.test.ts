/** `denialErrors`: how often, and where, a denial that depends on the viewer alone is reported. */
import { type ExecutionResult, parse } from 'graphql';
import { toe } from 'graphql-toe';
import { describe, expect, it } from 'vitest';
import { type DenialErrors, type DenialEvent, type GuardOptions, rule } from '../../../../src/authorization/guard.ts';
import { askAlike } from '../executors.ts';
import { type Context, denialsOf, guardOf, refusalsOf, user } from '../harness.ts';

const row = { email: 'e', name: 'n', mine: 'm', ownerId: 'u2' };
const odd = [row, null, { ...row, ownerId: 'u1' }];
const resolvers = {
  Query: { rows: () => odd, grid: () => [[row], null, odd], one: () => row, none: () => [] },
  Row: { friends: () => [row, row], called: () => 'c' },
  Mutation: { change: () => ({ changed: [row] }) },
  Subscription: {
    row: {
      async *subscribe() {
        yield { row: { ...row, friends: [row] } };
      },
    },
  },
};
const sdl = `
  type Query { rows: [Row] @public  grid: [[Row]] @public  one: Row @public  none: [Row] @public }
  type Mutation { change: Changed @public }
  type Subscription { row: Row @public }
  type Changed @public { changed: [Row] }
  type Row @public {
    email: String @requiresRole(roles: [ADMIN])
    strict: String! @requiresRole(roles: [ADMIN])
    called: String @policy(policies: [["never"]])
    mine: String @owner
    name: String
    friends: [Row]
  }`;

function guardRows(denialErrors?: DenialErrors, more: Partial<GuardOptions<Context>> = {}) {
  const never = rule<Context>('never', { cache: 'contextual' })(() => false);
  return guardOf(sdl, resolvers, { policies: { never }, ...(denialErrors && { denialErrors }), ...more });
}

describe('with `each`, what rights deny is reported at every position', () => {
  it.each([
    ['a list', '{ rows { email } }', ['rows.0.email', 'rows.2.email']],
    ['lists in lists', '{ grid { email } }', ['grid.0.0.email', 'grid.2.0.email', 'grid.2.2.email']],
    [
      'lists beneath lists',
      '{ rows { friends { email } } }',
      ['0.friends.0', '0.friends.1', '2.friends.0', '2.friends.1'].map((at) => `rows.${at}.email`),
    ],
    ['no list', '{ one { email } }', ['one.email']],
    ['an empty list', '{ none { email } }', []],
    ['an alias, twice', '{ rows { a: email b: email } }', ['rows.0.a', 'rows.0.b', 'rows.2.a', 'rows.2.b']],
    ['a policy about the viewer', '{ rows { called } }', ['rows.0.called', 'rows.2.called']],
    ['a field that cannot be null', '{ rows { strict } }', ['rows.0.strict', 'rows.2.strict']],
  ])('of %s', async (_, query, paths) => {
    const result = await askAlike(guardRows('each'), user(), query);
    expect(denialsOf(result)).toEqual(paths.map((path) => `FORBIDDEN ${path}`));
  });

  it('beside what rows deny', async () => {
    const guard = guardRows('each');
    const result = await askAlike(guard, user(), '{ rows { email mine name } }');
    expect(guard.compiled).toMatchObject({ answers: expect.toSatisfy((times: number) => times > 0), doubts: 0 });
    expect(denialsOf(result)).toEqual(['FORBIDDEN rows.0.email', 'FORBIDDEN rows.0.mine', 'FORBIDDEN rows.2.email']);
    expect(result.data).toEqual({
      rows: [{ email: null, mine: null, name: 'n' }, null, { email: null, mine: 'm', name: 'n' }],
    });
  });

  it('and each error says what would have been enough', async () => {
    const { errors } = await askAlike(guardRows('each'), null, '{ rows { email } }');
    expect(errors).toHaveLength(2);
    for (const error of errors ?? []) {
      expect(error.message).toBe('Row.email requires role `ADMIN`. Nobody is signed in.');
      const requires = { scopes: [], roles: ['ADMIN'], policies: [] };
      expect(error.extensions).toEqual({ code: 'UNAUTHENTICATED', requires });
    }
  });

  it('except without a viewer', async () => {
    const admin = user({ roles: ['ADMIN'] });
    const result = await askAlike(guardRows('each'), admin, '{ rows { email } }');
    expect(result).toEqual({ data: { rows: [{ email: 'e' }, null, { email: 'e' }] } });
  });

  it('in each event of a subscription', async () => {
    const events = await guardRows('each').subscribe({
      document: parse('subscription { row { email friends { email } } }'),
      contextValue: { viewer: user() },
    });
    const results: ExecutionResult[] = [];
    for await (const result of events as AsyncIterable<ExecutionResult>) results.push(result);
    expect(results.map(denialsOf)).toEqual([
      ['FORBIDDEN row.email', 'FORBIDDEN row.friends.0.email', 'FORBIDDEN row.friends.1.email'],
    ]);
  });
});

it('with `each`, a mutation that does not run has no rows: its error stands where the null does', async () => {
  const query = 'mutation { change { changed { email name } } }';
  expect(denialsOf(await askAlike(guardRows('each'), user(), query))).toEqual(['FORBIDDEN change.changed']);
  expect(denialsOf(await askAlike(guardRows('once'), user(), query))).toEqual(['FORBIDDEN change.changed.@.email']);
});

it('with `each`, a refused operation names positions as well', async () => {
  const guard = guardRows('each', { denial: 'reject' });
  const ask = (query: string) => guard.execute({ document: parse(query), contextValue: { viewer: user() } });
  for (const query of ['{ rows { email } }', 'mutation { change { changed { email } } }']) {
    const result = await ask(query);
    expect(result.data).toBeUndefined();
    expect(JSON.stringify(result.errors)).not.toContain('@');
  }
});

it.each([undefined, 'once'] as const)('with %s, it is reported once for all rows', async (denialErrors) => {
  const result = await askAlike(guardRows(denialErrors), user(), '{ rows { email friends { called } mine } }');
  expect(denialsOf(result)).toEqual([
    'FORBIDDEN rows.0.mine',
    'FORBIDDEN rows.@.email',
    'FORBIDDEN rows.@.friends.@.called',
  ]);
});

it.each(['once', 'each'] as const)('with %s, `onDenial` is told once of a selected field', async (denialErrors) => {
  const events: DenialEvent[] = [];
  const guard = guardRows(denialErrors, { onDenial: (event) => events.push(event) });
  const document = parse('{ rows { email } }');
  for (let times = 1; times <= 6; times++) {
    await guard.execute({ document, contextValue: { viewer: user() } });
    expect(events.map(({ coordinate }) => coordinate)).toEqual(Array(times).fill('Row.email'));
  }
});

describe('a client that looks for an error by the path of a null', () => {
  const read = async (denialErrors: DenialErrors) => {
    const result = await askAlike(guardRows(denialErrors), user(), '{ rows { email name } one { email } }');
    return toe(result as never) as { rows: { email: string; name: string }[]; one: { email: string } };
  };

  it('finds it in a list with `each`', async () => {
    const { rows, one } = await read('each');
    expect(() => rows[0]?.email).toThrow('Row.email requires role `ADMIN`.');
    expect(() => rows[2]?.email).toThrow('Row.email requires role `ADMIN`.');
    expect(() => one.email).toThrow('Row.email requires role `ADMIN`.');
    expect(rows[0]?.name).toBe('n');
  });

  it('takes it for a null with `once`', async () => {
    const { rows, one } = await read('once');
    expect(rows[0]?.email).toBeNull();
    expect(() => one.email).toThrow('Row.email requires role `ADMIN`.');
  });
});

it.each(['all', 'EACH', true, null])('cannot be %s', (denialErrors) => {
  expect(() => refusalsOf('type Query { a: Int @public }', { denialErrors: denialErrors as never })).toThrow(
    /There is no denialErrors `.*`: write `once` or `each`\./,
  );
});

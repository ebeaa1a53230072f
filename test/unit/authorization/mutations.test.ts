import { parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { rule } from '../../../src/authorization/rules/shield.ts';
import { errorHttp } from '../../../src/errors.ts';
import { anonymous, ask, denialsOf, guardOf, user } from './harness.ts';

const sdl = /* GraphQL */ `
  type Query { a: Int @public }
  type Mutation {
    change(input: Change!): Payload @requiresScopes(scopes: [["write"]]) @ownerOf(type: "Task", id: "input.id", orScopes: [["any"]])
    touch: Payload @authenticated
    anything: Thing @authenticated
  }
  input Change { id: ID, flag: Boolean @settableBy(roles: [ADMIN]) }
  type Payload @authenticated { task: Task, tasks: [[Task!]], ok: Boolean }
  interface Thing @authenticated { id: ID }
  type Other implements Thing @authenticated { id: ID }
  type Task implements Thing @requiresScopes(scopes: [["read"]]) {
    id: ID
    notes: String @owner
    slow: Int @policy(policies: [["slow"]])
    sub(by: Int @settableBy(roles: [ADMIN])): Task
  }
`;

let changes: number;
let lookUps: string[][];
const owners: Record<string, string> = { t1: 'u1', t2: 'u2' };
const change = () => {
  changes++;
  return { task: { __typename: 'Task', id: 't1', ownerId: 'u2', notes: 'n' }, ok: true };
};
const options = {
  owners: {
    Task: async (ids: readonly string[]) => {
      lookUps.push([...ids]);
      return ids.map((id) => owners[id] ?? null);
    },
  },
  policies: { slow: rule({ cache: 'contextual' })(async (_p, _a, context) => context.viewer.id === 'quick') },
};
const resolvers = { Mutation: { change, touch: change, anything: () => ({ ...change().task }) } };
const guard = guardOf(sdl, resolvers, options);
const writer = user({ scopes: ['read', 'write'] });

beforeEach(() => {
  changes = 0;
  lookUps = [];
});

describe('@ownerOf', () => {
  it('lets the owner change the row, or a viewer with the scope', async () => {
    expect((await ask(guard, writer, 'mutation { change(input: { id: "t1" }) { ok } }')).errors).toBeUndefined();
    const any = user({ scopes: ['write', 'any'] });
    expect((await ask(guard, any, 'mutation { change(input: { id: "t2" }) { ok } }')).errors).toBeUndefined();
    expect(changes).toBe(2);
  });

  it.each(['{ id: "t2" }', '{ id: "missing" }', '{ id: null }', '{}'])(
    'denies another’s row, a missing one and none alike: %s',
    async (input) => {
      const denied = await ask(guard, writer, `mutation { change(input: ${input}) { ok } }`);
      expect(denied.data).toEqual({ change: null });
      expect(denied.errors).toEqual([
        {
          message: expect.stringMatching(/a Task of your own/),
          path: ['change'],
          locations: expect.anything(),
          extensions: { code: 'FORBIDDEN', requires: { scopes: [['any', 'write']], roles: [], policies: [] } },
        },
      ]);
      expect(changes).toBe(0);
    },
  );

  it('asks nothing of the database when the scope is missing anyway', async () => {
    const denied = await ask(guard, user({ scopes: ['read'] }), 'mutation { change(input: { id: "t1" }) { ok } }');
    expect(denied.errors?.[0]?.extensions?.requires).toEqual({ scopes: [['write']], roles: [], policies: [] });
    expect({ changes, lookUps }).toEqual({ changes: 0, lookUps: [] });
  });

  it('looks up the owner again for the next mutation of the operation', async () => {
    const twice = 'mutation { a: change(input: { id: "t1" }) { ok } b: change(input: { id: "t1" }) { ok } }';
    await ask(guard, writer, twice);
    expect(lookUps).toEqual([['t1'], ['t1']]);
  });
});

describe('a mutation does not run', () => {
  const owner = user({ id: 'u1', scopes: ['write'] });
  const beneath: [string, string, string][] = [
    ['a field', '{ task { id } }', 'change.task'],
    ['a field by fragments', '{ ...P } fragment P on Payload { t: task { ... on Task { id } } }', 'change.t'],
    ['a field in lists', '{ tasks { id } }', 'change.tasks'],
    ['what a field takes', '{ ok task { sub(by: 1) { id } } }', 'change.task'],
  ];
  it.each(beneath)('where the viewer’s rights deny %s beneath it', async (_, selection, path) => {
    const query = (rest: string) =>
      `mutation { change(input: { id: "t1" }) ${rest.split(' fragment')[0]} }${rest.includes(' fragment') ? ` fragment${rest.split(' fragment')[1]}` : ''}`;
    const denied = await ask(guard, owner, query(selection));
    expect(denied.data).toEqual({ change: null });
    expect(denialsOf(denied)).toContain(`FORBIDDEN ${path}`);
    expect(changes).toBe(0);
    const admin = user({ scopes: ['read', 'write'], roles: ['ADMIN'] });
    expect((await ask(guard, admin, query(selection))).errors).toBeUndefined();
    expect(changes).toBe(1);
  });

  it('when the viewer may not supply an argument below it', async () => {
    const denied = await ask(guard, writer, 'mutation { change(input: { id: "t1" }) { task { sub(by: 1) { id } } } }');
    expect(denialsOf(denied)).toEqual(['FORBIDDEN change.task.sub']);
    expect(changes).toBe(0);
    const skipped = 'mutation { change(input: { id: "t1" }) { task { sub(by: 1) @skip(if: true) { id } id } } }';
    expect((await ask(guard, writer, skipped)).errors).toBeUndefined();
    expect(changes).toBe(1);
  });

  it('where a policy on the viewer, even a slow one, denies a field beneath it', async () => {
    const query = 'mutation { touch { task { slow } } }';
    const denied = await ask(guard, user({ scopes: ['read'] }), query);
    expect(denialsOf(denied)).toEqual(['FORBIDDEN touch.task.slow']);
    expect(changes).toBe(0);
    expect((await ask(guard, user({ id: 'quick', scopes: ['read'] }), query)).errors).toBeUndefined();
  });

  it('where an interface may turn out to be what the viewer may not see', async () => {
    expect(denialsOf(await ask(guard, user(), 'mutation { anything { id } }'))).toEqual(['FORBIDDEN anything.id']);
    expect(changes).toBe(0);
    expect((await ask(guard, user({ scopes: ['read'] }), 'mutation { anything { id } }')).errors).toBeUndefined();
  });

  it('when the viewer may not supply one of its own arguments', async () => {
    const query = 'mutation { change(input: { id: "t1", flag: true }) { ok } }';
    expect(denialsOf(await ask(guard, writer, query))).toEqual(['FORBIDDEN change']);
    expect(changes).toBe(0);
    expect((await ask(guard, user({ ...writer, roles: ['ADMIN'] }), query)).errors).toBeUndefined();
  });

  it('without a viewer', async () => {
    expect(denialsOf(await ask(guard, anonymous, 'mutation { touch { ok } }'))).toEqual(['UNAUTHENTICATED touch']);
    expect(changes).toBe(0);
  });

  it('but runs when only the row decides, and that field is null', async () => {
    const result = await ask(guard, writer, 'mutation { change(input: { id: "t1" }) { ok task { notes } } }');
    expect(result.data).toEqual({ change: { ok: true, task: { notes: null } } });
    expect(denialsOf(result)).toEqual(['FORBIDDEN change.task.notes']);
    expect(changes).toBe(1);
  });

  it('and names every field that denies it', async () => {
    const denied = await ask(guard, user(), 'mutation { touch { a: task { id } b: task { id } } }');
    expect(denialsOf(denied)).toContain('FORBIDDEN touch.a');
    expect(denialsOf(denied)).toContain('FORBIDDEN touch.b');
  });
});

describe('AUTHORIZATION_DENIAL=reject', () => {
  const strict = guardOf(sdl, resolvers, { ...options, denial: 'reject' as const });
  const refuse = async (viewer: Parameters<typeof ask>[1], query: string) => {
    return await strict.execute({ document: parse(query), contextValue: { viewer } });
  };

  it('runs none of several mutations when the last is denied', async () => {
    const query = 'mutation { touch { ok } change(input: { id: "t2" }) { ok } }';
    const refused = await refuse(writer, query);
    expect(refused.data).toBeUndefined();
    expect(refused.errors?.[0]?.extensions.http).toEqual(
      errorHttp(403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="any write"' }),
    );
    expect(changes).toBe(0);
    expect((await refuse(writer, query.replace('t2', 't1'))).errors).toBeUndefined();
    expect(changes).toBe(2);
  });

  it('runs none when a field beneath the last is denied', async () => {
    const refused = await refuse(user(), 'mutation { touch { ok } other: touch { task { id } } }');
    expect(refused.data).toBeUndefined();
    expect(changes).toBe(0);
  });

  it('tells each place that one fragment stands in', async () => {
    const query = 'mutation { a: touch { ...F } b: touch { ...F } } fragment F on Payload { task { id } }';
    expect((await refuse(user(), query)).errors?.map(({ path }) => path?.join('.'))).toContain('a.task');
    expect(changes).toBe(0);
  });

  it('answers with a fault when a rule throws, and runs nothing', async () => {
    const crash = rule({ cache: 'contextual' })(() => {
      throw new Error('secret detail');
    });
    const faulty = guardOf(
      'type Query { a: Int @public } type Mutation { ok: Int @public, t: Int @policy(policies: [["crash"]]) }',
      { Mutation: { ok: () => ++changes, t: () => ++changes } },
      { denial: 'reject', policies: { crash } },
    );
    const result = await ask(faulty, user(), 'mutation { ok t }');
    expect(result.errors?.[0]?.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
    expect(JSON.stringify(result)).not.toContain('secret detail');
    expect(changes).toBe(0);
    expect((await ask(faulty, user(), 'mutation { ok }')).data).toEqual({ ok: 1 });
  });

  it('takes its caller for the same after what is decided ahead', async () => {
    const sdl =
      'type Query { a: Int @public } type Mutation { ok: String @authenticated, no: String @requiresRole(roles: [ADMIN]) }';
    const bare = guardOf(sdl, {}, { denial: 'reject' });
    const run = (query: string) =>
      bare.execute({
        document: parse(query),
        contextValue: { viewer: user() },
        fieldResolver: (_parent, _args, _context, { fieldName }) => `custom ${fieldName}`,
      });
    expect(await run('mutation { ok }')).toEqual({ data: { ok: 'custom ok' } });
    expect(await run('mutation { ok no }')).not.toHaveProperty('data');
  });

  it('asks no rule about arguments that do not coerce, in mode reject as in mode filter', async () => {
    const sdl = `type Query { a: Int @public } input I { id: ID! }
      type Mutation { m(input: I!): Int @policy(policies: [["own"]]) }`;
    const own = rule()((_parent, { input }: { input: { id: string } }) => input.id === 'mine');
    const asked = (denial: 'filter' | 'reject', id: string | null) =>
      ask(
        guardOf(sdl, { Mutation: { m: () => 1 } }, { denial, policies: { own } }),
        user(),
        'mutation ($id: ID = "mine") { m(input: { id: $id }) }',
        { id },
      );
    for (const denial of ['filter', 'reject'] as const) {
      const result = await asked(denial, null);
      expect(result.data).toEqual({ m: null });
      expect(result.errors?.[0]?.message).toMatch(/^Argument "input" has invalid value/);
      expect((await asked(denial, 'mine')).data).toEqual({ m: 1 });
      expect((await asked(denial, 'theirs')).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    }
  });

  it('leaves arguments that do not coerce to the execution', async () => {
    const plain = guardOf(
      'type Query { a: Int @public } type Mutation { ok(x: Int!): Int @public }',
      { Mutation: { ok: () => 1 } },
      { denial: 'reject' },
    );
    const result = await ask(plain, user(), 'mutation ($x: Int = 5) { ok(x: $x) }', { x: null });
    expect(result.data).toEqual({ ok: null });
    expect(result.errors).toHaveLength(1);
  });

  it('answers 401 to nobody, 403 to somebody, and no data to either', async () => {
    const query = '{ a t: __typename } ';
    expect((await refuse(anonymous, query)).data).toEqual({ a: null, t: 'Query' });
    const nobody = await refuse(anonymous, 'mutation { touch { ok } }');
    expect(nobody).not.toHaveProperty('data');
    expect(nobody.errors?.[0]?.extensions.http).toMatchObject({ status: 401 });
  });
});

describe('AUTHORIZATION_DENIAL=report', () => {
  it('serves everything, adds nothing, and tells what it would have denied', async () => {
    const events: string[] = [];
    const lenient = guardOf(sdl, resolvers, {
      ...options,
      denial: 'report',
      onDenial: ({ coordinate, viewerId }) => events.push(`${coordinate} ${viewerId}`),
    });
    const query = 'mutation { change(input: { id: "t2", flag: true }) { ok task { notes } } }';
    expect(await ask(lenient, writer, query)).toEqual({ data: { change: { ok: true, task: { notes: 'n' } } } });
    expect(events.sort()).toEqual(['Change.flag u1', 'Mutation.change u1', 'Task.notes u1']);
    const enforced: string[] = [];
    const usual = guardOf(sdl, resolvers, { ...options, onDenial: ({ coordinate }) => enforced.push(coordinate) });
    expect((await ask(usual, writer, query)).data).toEqual({ change: null });
    expect(enforced).toEqual(['Change.flag']);
  });

  it('lets a rule that throws through as well, and tells of it', async () => {
    const events: unknown[] = [];
    const policies = {
      crash: rule()(() => {
        throw new Error('slip');
      }),
    };
    const sdl = 'type Query { a: Int @policy(policies: [["crash"]]) }';
    const onDenial = ({ coordinate, fault }: { coordinate: string; fault?: unknown }) =>
      events.push([coordinate, String(fault)]);
    const lenient = guardOf(sdl, { Query: { a: () => 1 } }, { policies, denial: 'report', onDenial });
    expect(await ask(lenient, user(), '{ a }')).toEqual({ data: { a: 1 } });
    expect(events).toEqual([['Query.a', 'Error: slip']]);
    const enforcing = guardOf(sdl, { Query: { a: () => 1 } }, { policies });
    expect((await ask(enforcing, user(), '{ a }')).data).toEqual({ a: null });
  });

  it('is not disturbed by a hook that throws, in any mode', async () => {
    const onDenial = () => {
      throw new Error('hook');
    };
    const sdl = 'type Query { a: Int @authenticated }';
    const lenient = guardOf(sdl, { Query: { a: () => 1 } }, { denial: 'report', onDenial });
    expect(await ask(lenient, anonymous, '{ a }')).toEqual({ data: { a: 1 } });
    const usual = guardOf(sdl, { Query: { a: () => 1 } }, { onDenial });
    expect(denialsOf(await ask(usual, anonymous, '{ a }'))).toEqual(['UNAUTHENTICATED a']);
  });
});

import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import type { ExecutionRequest, Executor } from '@graphql-tools/utils';
import { type ExecutionArgs, execute, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, type Guard, GuardError, type GuardOptions } from '../../../../src/authorization/guard.ts';
import { askAlike, askEveryWay, causeOf } from '../executors.ts';
import { ask, type Context, denialsOf, user, vocabulary } from '../harness.ts';

const link = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@external", "@requires"])`;
const guards = { 'Query._service': '@public', _Service: '@public', 'Query._entities': '@public' };

const accounts = `${link} ${vocabulary}
  type Query { me: User @authenticated }
  type User @key(fields: "id") @authenticated { id: ID! name: String email: String @owner(field: "id") }
  type Invoice @key(fields: "id") @requiresScopes(scopes: [["invoice:read"]]) { id: ID! total: Int ownerId: ID secret: String @owner }
  type Note @key(fields: "id") @public { id: ID! text: String @owner }
`;

const subgraphOf = (sdl: string, resolvers: NonNullable<GraphQLSchemaModule['resolvers']> = {}): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);

/** Records the calls of each reference resolver. */
function accountsSubgraph(asked: string[] = []): GraphQLSchema {
  const found = (type: string, row: (id: string) => object) => ({
    __resolveReference: ({ id }: { id: string }) => {
      asked.push(`${type} ${id}`);
      return id === 'missing' ? null : row(id);
    },
  });
  return subgraphOf(accounts, {
    User: found('User', (id) => ({ id, name: `Name of ${id}`, email: `${id}@example.com` })),
    Invoice: found('Invoice', (id) => ({ id, total: 5, ownerId: 'u1', secret: `secret of ${id}` })),
    Note: found('Note', (id) => ({ id, text: 'note', ownerId: 'u2' })),
  });
}

function guardedBy(schema: GraphQLSchema, options: Partial<GuardOptions<Context>> = {}): Guard {
  return createGuard<Context>(schema, { viewer: ({ viewer }) => viewer, guards, ...options });
}

const entities = `query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename ... on User { id name email } ... on Invoice { id total secret } ... on Note { id text } } }`;

describe('a schema of @apollo/subgraph', () => {
  it('is refused without guards on what the library adds, with what to write', () => {
    const guarding = () => guardedBy(accountsSubgraph(), { guards: {} });
    expect(guarding).toThrow(GuardError);
    for (const [coordinate, use] of [
      ['_Service', 'see'],
      ['Query._service', 'use'],
      ['Query._entities', 'use'],
    ]) {
      expect(guarding).toThrow(
        `${coordinate}: it carries no guard; say @public if anyone may ${use} it, in the option \`guards\`: \`{ '${coordinate}': '@public' }\``,
      );
    }
  });

  it('starts with guards in an option, which decide', async () => {
    const guard = guardedBy(accountsSubgraph(), { guards: { ...guards, 'Query._service': '@authenticated' } });
    expect(denialsOf(await ask(guard, null, '{ _service { sdl } }'))).toEqual(['UNAUTHENTICATED _service']);
    expect(JSON.stringify(await ask(guard, user(), '{ _service { sdl } }'))).toContain('type User');
    expect(guard.explain('Query._service').sources[0]).toMatchObject({
      directive: '@authenticated',
      location: 'the option `guards`:1',
    });
  });

  it.each([
    ['one’s own', 'u1', 'u1@example.com', []],
    ['another’s', 'u2', null, ['FORBIDDEN _entities.0.email']],
  ])('shows of an entity what its guards allow: %s', async (_whose, id, email, denials) => {
    const answer = await ask(guardedBy(accountsSubgraph()), user(), entities, { of: [{ __typename: 'User', id }] });
    expect(answer.data?._entities).toEqual([{ __typename: 'User', id, name: `Name of ${id}`, email }]);
    expect(denialsOf(answer)).toEqual(denials);
  });
});

describe('_entities', () => {
  const of = ['User u1', 'Invoice i1', 'User missing', 'Invoice i2', 'User u3'].map((text) => {
    const [__typename, id] = text.split(' ');
    return { __typename, id };
  });
  const shown = (rows: unknown) => (rows as ({ id: string } | null)[]).map((row) => row?.id ?? null);

  it('decides each representation by the guards of its type, before its resolver is asked', async () => {
    const asked: string[] = [];
    const guard = guardedBy(accountsSubgraph(asked));
    const clerk = user({ scopes: ['invoice:read'] });
    const nobody = await ask(guard, null, entities, { of });
    expect(nobody.data).toEqual({ _entities: [null, null, null, null, null] });
    expect(denialsOf(nobody)).toEqual(['UNAUTHENTICATED _entities.@']);
    expect(asked).toEqual([]);
    const reader = await ask(guard, user(), entities, { of });
    expect(shown(reader.data?._entities)).toEqual(['u1', null, null, null, 'u3']);
    expect(denialsOf(reader)).toEqual(['FORBIDDEN _entities.4.email', 'FORBIDDEN _entities.@']);
    expect(asked).toEqual(['User u1', 'User missing', 'User u3']);
    expect(shown((await ask(guard, clerk, entities, { of })).data?._entities)).toEqual(['u1', 'i1', null, 'i2', 'u3']);
  });

  it.each([[null], [user()], [user({ scopes: ['invoice:read'] })]])(
    'answers the same hot, and the same data under another executor: %j',
    async (viewer) => {
      const guard = guardedBy(accountsSubgraph());
      const document = parse(entities);
      const args = { document, contextValue: { viewer }, variableValues: { of } };
      const plain = (result: unknown) => JSON.parse(JSON.stringify(result));
      const cold = plain(await guard.execute(args));
      for (let i = 0; i < 6; i++) expect(plain(await guard.execute(args))).toEqual(cold);
      expect(plain(await execute({ ...args, schema: guard.schema })).data).toEqual(cold.data);
    },
  );

  it.each([
    ['once', ['_entities.@']],
    ['each', ['_entities.1', '_entities.3']],
  ] as const)('reports a denied type with `%s` as in any list, under any executor', async (denialErrors, paths) => {
    const guard = guardedBy(accountsSubgraph(), { denialErrors });
    const query = entities.replace('email', '');
    const denied = await askAlike(guard, user(), query, { of });
    expect(denialsOf(denied)).toEqual(paths.map((path) => `FORBIDDEN ${path}`));
    expect(shown(denied.data?._entities)).toEqual(['u1', null, null, null, 'u3']);
    expect((await askAlike(guard, user({ scopes: ['invoice:read'] }), query, { of })).errors).toBeUndefined();
  });

  it('refuses the operation in mode reject, and denies nothing in mode report', async () => {
    const rejecting = guardedBy(accountsSubgraph(), { denial: 'reject' });
    const [own] = of;
    const refused = await ask(rejecting, user(), entities, { of });
    expect([refused.data, denialsOf(refused)]).toEqual([
      undefined,
      expect.arrayContaining([expect.stringMatching(/^FORBIDDEN/)]),
    ]);
    expect((await ask(rejecting, user(), entities, { of: [own] })).data).toBeDefined();
    const told: string[] = [];
    const reporting = guardedBy(accountsSubgraph(), {
      denial: 'report',
      onDenial: ({ coordinate }) => told.push(coordinate),
    });
    expect(shown((await ask(reporting, null, entities, { of })).data?._entities)).toEqual([
      'u1',
      'i1',
      null,
      'i2',
      'u3',
    ]);
    expect(told).toContain('Invoice');
  });

  it('refuses what names no entity', async () => {
    const answer = await ask(guardedBy(accountsSubgraph()), user(), entities, { of: [{ __typename: 'Nope' }] });
    expect([answer.data, denialsOf(answer)]).toEqual([null, ['BAD_USER_INPUT _entities']]);
  });
});

describe('an owner that a caller of _entities claims to be', () => {
  const claim = [{ __typename: 'Note', id: 'n1', ownerId: 'u1', text: 'whatever' }];
  const head = `${link} ${vocabulary} type Query { a: Int @public }`;
  const note = 'type Note @key(fields: "id") @public { id: ID! ownerId: ID text: String @owner }';
  const tag = 'type Tag @key(fields: "id") @public { id: ID! }';
  const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Note { id text } } }';
  const found = { __resolveReference: ({ id }: object & { id?: string }) => ({ id, ownerId: 'u1', text: 't' }) };

  it('is not believed where the representation is taken for the row, which the log tells', async () => {
    const guard = guardedBy(subgraphOf(head + note));
    for (const { result } of await askEveryWay(guard, user(), query, { of: claim })) {
      expect(result.data?._entities).toEqual([{ id: 'n1', text: null }]);
      expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR _entities.0.text']);
    }
    const { errors } = await guard.execute({
      ...{ document: parse(query), contextValue: { viewer: user() }, variableValues: { of: claim } },
    });
    expect(causeOf(errors?.[0])).toBe(
      '`Note.text`: @owner reads `ownerId` of the row: `Note` has no reference resolver, so `_entities` takes for the ' +
        'row what a client wrote; add a `__resolveReference` that returns the row, with its owner',
    );
  });

  it('is believed of a row that a reference resolver finds', async () => {
    const guard = guardedBy(subgraphOf(head + note, { Note: found }));
    expect(await askAlike(guard, user(), query, { of: claim })).toEqual({
      data: { _entities: [{ id: 'n1', text: 't' }] },
    });
    const other = await askAlike(guard, user({ id: 'u2' }), query, { of: claim });
    expect(denialsOf(other)).toEqual(['FORBIDDEN _entities.0.text']);
  });

  describe('and no reference resolver finds, while it does for other types', () => {
    const starting = (sdl: string, more: object = {}) => {
      const tags = { __resolveReference: ({ id }: object & { id?: string }) => ({ id }) };
      return () => guardedBy(subgraphOf(head + tag + sdl, { Tag: tags, ...more }));
    };
    const refusal = (owner: string) =>
      `Note: it has no reference resolver, and @owner reads \`${owner}\`, which its @key does not tell: add a ` +
      '`__resolveReference` that returns the row, with its owner';

    it.each([
      ['a field that no key names', note, 'ownerId'],
      ['a field that one of its keys names', note.replace('@public', '@key(fields: "ownerId") @public'), 'ownerId'],
      ['a path', note.replace('ownerId: ID', 'org: Note').replace('@owner', '@owner(field: "org.id")'), 'org.id'],
      ['the type’s own guard', note.replace('@public', '@owner').replace('String @owner', 'String'), 'ownerId'],
    ])('is refused at the start: %s', (_, sdl, owner) => {
      expect(starting(sdl)).toThrow(refusal(owner));
      expect(starting(sdl, { Note: found })).not.toThrow();
    });

    it.each([
      ['the key tells it', note.replace('@owner', '@owner(field: "id")')],
      ['no gateway may ask', note.replace('"id"', '"id", resolvable: false')],
      ['nothing asks for it', note.replace('@owner', '@authenticated')],
    ])('is left where %s', (_, sdl) => expect(starting(sdl)).not.toThrow());
  });

  it('is believed of a key, by which the row is found', async () => {
    const sdl = `${link} ${vocabulary} type Query { a: Int @public }
      type User @key(fields: "id") @public { id: ID! drafts: Int @owner(field: "id") }`;
    const guard = guardedBy(subgraphOf(sdl, { User: { drafts: () => 3 } }));
    const query = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { drafts } } }';
    const drafts = async (id: string) =>
      (await ask(guard, user(), query, { of: [{ __typename: 'User', id }] })).data?._entities;
    expect([await drafts('u1'), await drafts('u2')]).toEqual([[{ drafts: 3 }], [{ drafts: null }]]);
  });

  it('is refused at the start where a gateway is to fill it in', () => {
    const schemaOf = (key: string) =>
      subgraphOf(`${link} ${vocabulary} type Query { a: Int @public }
          type Note @key(fields: "${key}") @public { id: ID! ownerId: ID @external text: String @owner @requires(fields: "ownerId") }`);
    expect(() => guardedBy(schemaOf('id'))).toThrow(
      'Note.ownerId: an owner is read from `ownerId`, which whoever asks `_entities` fills in: @requires names it',
    );
    expect(() => guardedBy(schemaOf('ownerId'))).not.toThrow();
  });
});

describe('guards in an option are refused', () => {
  const refusing = (more: Record<string, string>) => () =>
    guardedBy(accountsSubgraph(), { guards: { ...guards, ...more } });
  it.each([
    [
      'where the schema has nothing of the kind',
      { 'Query.nope': '@public' },
      'Query.nope: it is in `guards`, but the schema has no such',
    ],
    [
      'beside a guard in the SDL',
      { 'Query.me': '@requiresRole(roles: [USER])' },
      'Query.me: `guards` guards it, and so does the schema',
    ],
    [
      'that are no directives',
      { 'User.name': 'authenticated' },
      'User.name: `guards` gives it "authenticated": write directives',
    ],
    ['that hold more than directives', { 'User.name': '@owner type A { a: Int }' }, 'User.name: `guards` gives it'],
    ['that are empty', { 'User.name': '' }, 'User.name: `guards` gives it "": write directives'],
    ['that are misspelt', { 'User.name': '@owned' }, 'User.name: @owned is not defined'],
    ['with an unknown role', { 'User.name': '@requiresRole(roles: [BOSS])' }, 'User.name: there is no role `BOSS`'],
    ['where they have no effect', { _Any: '@public' }, '_Any: @public cannot take effect here'],
  ])('%s', (_name, more, message) => {
    expect(refusing(more)).toThrow(message);
    expect(refusing({ 'User.name': '@owner(field: "id")' })).not.toThrow();
  });
});

describe('two guarded subgraphs behind a gateway', () => {
  const reviews = `${link} ${vocabulary}
    type Query { latest: Review @authenticated }
    type Review @key(fields: "id") @authenticated { id: ID! author: User stars: Int @requiresScopes(scopes: [["stars:read"]]) }
    type User @key(fields: "id") @authenticated { id: ID! reviews: [Review] drafts: Int @owner(field: "id") }`;
  const reviewsSubgraph = () =>
    subgraphOf(reviews, {
      Query: { latest: () => ({ id: 'r1', author: { id: 'u2' }, stars: 4 }) },
      User: { reviews: () => [{ id: 'r1', stars: 4 }], drafts: () => 2 },
    });
  const services: Record<string, { sdl: string; guard: Guard }> = {
    ACCOUNTS: { sdl: accounts, guard: guardedBy(accountsSubgraph()) },
    REVIEWS: { sdl: reviews, guard: guardedBy(reviewsSubgraph()) },
  };
  const { supergraphSdl = '', errors } = composeServices(
    Object.entries(services).map(([name, { sdl }]) => ({ name, url: `http://${name}`, typeDefs: parse(sdl) })),
  );
  const gateway = (viewer: Context['viewer'], query: string) => {
    const schema = getStitchedSchemaFromSupergraphSdl({
      supergraphSdl,
      onSubschemaConfig: (config) => {
        const { guard } = services[config.name.toUpperCase()] as { guard: Guard };
        const run = ({ document, variables }: ExecutionRequest) =>
          guard.execute({ document, variableValues: variables, contextValue: { viewer } });
        config.executor = run as Executor;
      },
    });
    return execute({ schema, document: parse(query) } as ExecutionArgs) as Promise<{
      data?: Record<string, unknown>;
      errors?: object[];
    }>;
  };
  const query = '{ latest { stars author { name email reviews { id } drafts } } me { id } }';

  it('compose', () => expect(errors?.map(({ message }) => message)).toBeUndefined());

  it('join what the viewer may see of both', async () => {
    const { data } = await gateway(user({ id: 'u2', scopes: ['stars:read'] }), query);
    expect(data?.latest).toEqual({
      stars: 4,
      author: { name: 'Name of u2', email: 'u2@example.com', reviews: [{ id: 'r1' }], drafts: 2 },
    });
  });

  it('show nobody else more', async () => {
    const stranger = await gateway(user(), query);
    expect(stranger.data?.latest).toEqual({
      stars: null,
      author: { name: 'Name of u2', email: null, reviews: [{ id: 'r1' }], drafts: null },
    });
    expect((await gateway(null, query)).data).toMatchObject({ latest: null });
  });
});

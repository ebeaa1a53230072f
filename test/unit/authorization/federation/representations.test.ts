import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, type Guard, type GuardOptions, viewerIs } from '../../../../src/authorization/guard.ts';
import { type Context, user, vocabulary } from '../harness.ts';

const head = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6",
  import: ["@key", "@external", "@requires"]) ${vocabulary} type Query { a: Int @public }`;
const guards = { 'Query._service': '@public', _Service: '@public', 'Query._entities': '@public' };

type Resolvers = NonNullable<GraphQLSchemaModule['resolvers']>;

function guardOf(sdl: string, resolvers: Resolvers = {}, options: Partial<GuardOptions<Context>> = {}): Guard {
  const schema = buildSubgraphSchema([{ typeDefs: parse(head + sdl), resolvers }]);
  return createGuard<Context>(schema, { viewer: ({ viewer }) => viewer, guards, ...options });
}

const ask = (guard: Guard, selected: string, of: unknown[], viewer: Context['viewer'] = user({ id: 'me' })) =>
  guard.execute({
    document: parse(`query ($of: [_Any!]!) { _entities(representations: $of) { ${selected} } }`),
    contextValue: { viewer },
    variableValues: { of },
  });

describe('the name of a type in a representation', () => {
  const asked: unknown[] = [];
  const payroll = (options: Partial<GuardOptions<Context>> = {}) =>
    guardOf(
      `type Payroll @key(fields: "id") @requiresRole(roles: [ADMIN]) { id: ID! salary: Int }
       type Hidden @public { id: ID! } extend type Query { hidden: Hidden @public }`,
      {
        Payroll: {
          __resolveReference: ({ id }: { id: string }) => {
            asked.push(id);
            return { id, salary: 90000 };
          },
        },
      },
      options,
    );
  const admin = user({ roles: ['ADMIN'] });
  const wrong = [['Payroll'], [['Payroll']], { toString: () => 'Payroll' }, 5, null, undefined, '', 'Hidden', 'Query'];

  it.each(wrong)('is refused before the library sees it: %j', async (__typename) => {
    for (const denial of ['filter', 'reject'] as const) {
      asked.length = 0;
      const { data, errors } = await ask(payroll({ denial }), '... on Payroll { salary }', [{ __typename, id: 'p' }]);
      expect(errors?.map(({ message, extensions }) => [message, extensions.code])).toEqual([
        ['A representation is an object whose `__typename` is the name of an entity of this schema.', 'BAD_USER_INPUT'],
      ]);
      expect([data, asked]).toEqual([null, []]);
    }
  });

  it.each(['null', '"Payroll"', '["Payroll"]', '{ __typename: ["Payroll"], id: "p" }', '{ id: "p" }'])(
    'is refused of a literal: %s',
    async (literal) => {
      asked.length = 0;
      const document = parse(`{ _entities(representations: [${literal}]) { ... on Payroll { salary } } }`);
      const { errors } = await payroll().execute({ document, contextValue: { viewer: null } });
      expect([JSON.stringify(errors).includes('90000'), asked]).toEqual([false, []]);
    },
  );

  it.each([1, 2, 3, 4, 5])('is decided as it is handed on, if it answers otherwise at the %i. reading', async (at) => {
    asked.length = 0;
    let reads = 0;
    const of = {
      id: 'p',
      get __typename() {
        return ++reads === at ? ['Payroll'] : 'Payroll';
      },
    };
    await ask(payroll(), '... on Payroll { salary }', [of], null);
    expect([reads > 0, asked]).toEqual([true, []]);
  });

  it('is taken from no prototype', async () => {
    const of = JSON.parse('{ "__proto__": { "__typename": "Payroll" }, "id": "p" }');
    const { errors } = await ask(payroll(), '... on Payroll { salary }', [of], admin);
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('opens what its guards allow', async () => {
    const { data, errors } = await ask(
      payroll(),
      '... on Payroll { salary }',
      [{ __typename: 'Payroll', id: 'p' }],
      admin,
    );
    expect([data?._entities, errors]).toEqual([[{ salary: 90000 }], undefined]);
  });
});

describe('what a representation says of an owner', () => {
  const secret = () => 777;
  const note = 'type Note @key(fields: "id") @public { id: ID! ownerId: ID secret: Int @owner }';
  const wallet = `type Account @key(fields: "id") @public { id: ID! wallet: Wallet wallets: [Wallet] }
    type Wallet @public { id: ID! ownerId: ID balance: Int @owner }`;
  const owned = `type Account @key(fields: "id") @public { id: ID! wallet: Wallet wallets: [Wallet] }
    type Wallet @owner { id: ID! ownerId: ID balance: Int }`;
  const claim = { id: 'w', ownerId: 'me' };

  it.each<[string, string, Resolvers, string, object]>([
    ['a nested object', wallet, { Wallet: { balance: secret } }, 'wallet { balance }', { wallet: claim }],
    ['nested lists', wallet, { Wallet: { balance: secret } }, 'wallets { balance }', { wallets: [[claim], claim] }],
    [
      'a nested object of an owner’s type',
      owned,
      { Wallet: { balance: secret } },
      'wallet { balance }',
      { wallet: claim },
    ],
    [
      'a nested entity',
      wallet.replace('type Wallet', 'type Wallet @key(fields: "id")'),
      {
        Wallet: {
          balance: secret,
          __resolveReference: ({ id }: object & { id?: string }) => ({ id, ownerId: 'other' }),
        },
      },
      'wallet { balance }',
      { wallet: claim },
    ],
    [
      'an object of which the key names another field',
      wallet.replace('"id"', '"id wallet { id }"'),
      { Wallet: { balance: secret } },
      'wallet { balance }',
      { wallet: claim },
    ],
    [
      'an object of which @requires names another field',
      wallet.replace('wallet: Wallet', 'wallet: Wallet @external total: Int @requires(fields: "wallet { id }")'),
      { Wallet: { balance: secret } },
      'wallet { balance }',
      { wallet: claim },
    ],
    [
      'the object that the owner is read from',
      `type Account @key(fields: "org { id }") @public { org: Org secret: Int @owner(field: "org.ownerId") }
       type Org @public { id: ID! ownerId: ID }`,
      { Account: { secret } },
      'secret',
      { org: claim },
    ],
    [
      'a prototype',
      note.replace('Note', 'Account'),
      { Account: { secret, __resolveReference: (of: object) => Object.assign({}, of) } },
      'secret',
      JSON.parse('{ "__proto__": { "ownerId": "me" } }'),
    ],
    [
      'another key',
      'type Account @key(fields: "slug") @key(fields: "ownerId") @public { slug: ID ownerId: ID secret: Int @owner }',
      { Account: { secret } },
      'secret',
      { slug: 'theirs', ownerId: 'me' },
    ],
    [
      'two keys, each of an owner',
      `type Account @key(fields: "id") @key(fields: "ownerId") @public {
         id: ID ownerId: ID secret: Int @owner own: Int @owner(field: "id") }`,
      { Account: { secret } },
      'secret',
      { id: 'theirs', ownerId: 'me' },
    ],
  ])('is not believed in %s', async (_where, sdl, resolvers, selected, told) => {
    const of = Object.assign(JSON.parse('{"__typename":"Account","id":"a"}'), told);
    // Object.assign would lose a client's property `__proto__`.
    if (Object.hasOwn(told, '__proto__')) Object.defineProperty(of, '__proto__', { value: claim, enumerable: true });
    const answer = await ask(guardOf(sdl, resolvers), `... on Account { ${selected} }`, [of]);
    expect(answer.data).toBeDefined();
    expect(JSON.stringify(answer)).not.toContain('777');
  });

  it('leaves what the library finds, and the key that it finds it by', async () => {
    const handed: object[] = [];
    const guard = guardOf(
      `type Parcel @key(fields: "id") @key(fields: "depot { code } number") @public {
         id: ID depot: Depot number: Int weight: Int @external ownerId: ID
         price: Int @requires(fields: "weight") secret: Int @owner }
       type Depot @public { code: ID name: String }`,
      {
        Parcel: {
          __resolveReference: (of: object) => handed.push(of) && { ...of, ownerId: 'me', secret: 777 },
          price: ({ weight }: { weight: number }) => weight * 2,
        },
      },
    );
    const { data } = await ask(guard, '... on Parcel { price secret }', [
      { __typename: 'Parcel', depot: { code: 'D', name: 'Lie' }, number: 1, weight: 3, ownerId: 'x' },
      { __typename: 'Parcel', id: 'p', depot: null, number: null, weight: 4 },
    ]);
    expect(data?._entities).toEqual([
      { price: 6, secret: 777 },
      { price: 8, secret: 777 },
    ]);
    expect(handed).toEqual([
      { __typename: 'Parcel', depot: { code: 'D' }, number: 1, weight: 3 },
      { __typename: 'Parcel', id: 'p', weight: 4 },
    ]);
  });

  it.each([
    ['a key holds beside others', note.replace('"id"', '"id ownerId"'), 'Note.ownerId', 'a @key holds it beside other'],
    [
      'an alternative key holds beside others',
      note.replace('@public', '@key(fields: "id ownerId") @public'),
      'Note.ownerId',
      'a @key holds it beside other',
    ],
    [
      '@requires of another type names',
      wallet.replace('wallet: Wallet', 'wallet: Wallet @external a: Int @requires(fields: "wallet { id ownerId }")'),
      'Wallet.ownerId',
      '@key or @requires of Account names it',
    ],
    [
      'a key of another type holds',
      wallet.replace('"id"', '"wallet { id ownerId }"'),
      'Wallet.ownerId',
      '@key or @requires of Account names it',
    ],
  ])('is refused at the start where %s', (_what, sdl, coordinate, why) => {
    expect(() => guardOf(sdl)).toThrow(
      `${coordinate}: an owner is read from \`ownerId\`, which whoever asks \`_entities\` fills in: ${why}`,
    );
    expect(() => guardOf(note)).not.toThrow();
    expect(() => guardOf(note.replace('"id"', '"ownerId"'))).not.toThrow();
  });
});

describe('a resolver’s fault whose message holds a row', () => {
  const sdl = `type Pay @public { id: ID! salary: Int @requiresRole(roles: [ADMIN]) } type Bill @key(fields: "id") @public { id: ID! }
    union Paper = Pay | Bill extend type Query { paper: Paper @public pay: Pay @public text: String @public }`;
  const row = () => ({ id: 'p', salary: 90000 });
  const resolvers = {
    Query: { paper: row, pay: row, text: row },
    Paper: { __resolveType: () => ['Pay'] as unknown as string },
    Pay: { __isTypeOf: () => false },
  };

  it.each(['paper { ... on Pay { id } }', 'pay { id }', 'text'])('is masked, cold and hot: %s', async (field) => {
    const guard = guardOf(sdl, resolvers);
    const document = parse(`{ ${field} }`);
    for (let i = 0; i < 6; i++) {
      const { errors } = await guard.execute({ document, contextValue: { viewer: null } });
      expect(errors?.map(({ message }) => message)).toEqual(['Internal server error']);
    }
  });

  it('leaves other messages', async () => {
    const guard = guardOf(sdl, {
      Query: {
        text: () => {
          throw new Error('No text today.');
        },
      },
    });
    const { errors } = await guard.execute({ document: parse('{ text }'), contextValue: { viewer: null } });
    expect(errors?.map(({ message }) => message)).toEqual(['No text today.']);
  });
});

describe('a representation that stands for its row', () => {
  it('does not say itself who sees it', async () => {
    const guard = guardOf(
      'type Note @key(fields: "id ownerId") @public @visibleTo(relations: [["owner"]]) { id: ID! ownerId: ID! }',
      {},
      {
        rows: {
          of: { Note: { table: 'notes', columns: { ownerId: 'owner_id' }, relations: { owner: viewerIs('ownerId') } } },
          idType: 'text',
          ask: async () => [{ id: 'mine' }],
        },
      },
    );
    const of = ['mine', 'others'].map((id) => ({ __typename: 'Note', id, ownerId: 'me' }));
    const { data } = await ask(guard, '... on Note { id }', of);
    expect(data?._entities).toEqual([{ id: 'mine' }, null]);
  });
});

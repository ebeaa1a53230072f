import {
  buildASTSchema,
  concatAST,
  getIntrospectionQuery,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { federationTypeDefs } from '../../../../src/api/federation.ts';
import { readTypeDefs } from '../../../../src/api/type-defs.ts';
import { costOf } from '../../../../src/server/pipeline/cost.ts';
import { checkLimits, checkSource, limits } from '../../../../src/server/pipeline/limits.ts';

const schema = buildASTSchema(readTypeDefs());

function prepare(source: string) {
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return { document, operation: operation as OperationDefinitionNode };
}

function check(source: string, variables: Record<string, unknown> = {}): void {
  const { document, operation } = prepare(source);
  checkLimits(schema, document, operation, variables);
}

function cost(source: string, variables: Record<string, unknown> = {}): number {
  const { document, operation } = prepare(source);
  return costOf(schema, document, operation, variables);
}

const tooComplex = (message: RegExp) =>
  expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX', message: expect.stringMatching(message) });

/** `{ me { tasks { nodes { owner { tasks { …` with this many levels. */
function nested(levels: number): string {
  const names = ['me', ...Array.from({ length: levels }, (_, i) => ['tasks(first: 1)', 'nodes', 'owner'][i % 3])];
  const used = names.slice(0, levels - 1);
  return `{ ${used.join(' { ')} { __typename }${' }'.repeat(used.length)}`;
}

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

describe('depth', () => {
  it('is allowed up to the limit', () => expect(() => check(nested(limits.depth))).not.toThrow());

  it('is refused above it, and the message states the limit and what was asked for', () => {
    expect(() => check(nested(limits.depth + 1))).toThrow(
      tooComplex(
        new RegExp(`^The operation may have ${limits.depth} levels of fields; this one has ${limits.depth + 1}\\.$`),
      ),
    );
  });

  it('counts what fragments hide', () => {
    const source = `{ me { ...A } }
      fragment A on User { tasks(first: 1) { nodes { owner { ...B } } } }
      fragment B on User { tasks(first: 1) { nodes { owner { ... { tasks(first: 1) { nodes { owner { ...C } } } } } } } }
      fragment C on User { tasks(first: 1) { nodes { owner { id } } } }`;
    expect(() => check(source)).toThrow(tooComplex(/levels of fields/));
  });
});

describe('introspection', () => {
  it.each([
    [
      'as GraphiQL asks',
      {
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
        oneOf: true,
      },
    ],
    ['as Apollo Sandbox asks', { directiveIsRepeatable: true, inputValueDeprecation: true }],
    ['by default', {}],
  ])('passes %s, and costs nothing', (_who, options) => {
    const query = getIntrospectionQuery(options);
    expect(() => check(query)).not.toThrow();
    expect(() => parse(query, { maxTokens: limits.tokens })).not.toThrow();
    expect(cost(query)).toBe(0);
  });
});

describe('fields at the top', () => {
  const query = (count: number) => `{ ${times(count, (i) => `a${i}: __typename`)} }`;
  it('are allowed up to the limit', () => expect(() => check(query(limits.rootFields))).not.toThrow());
  it('are refused above it', () =>
    expect(() => check(query(limits.rootFields + 1))).toThrow(tooComplex(/20 fields at its top; this one has 21/)));
});

describe('aliases', () => {
  const query = (count: number) => `{ me { ${times(count, (i) => `a${i}: id`)} } }`;
  it('are allowed up to the limit', () => expect(() => check(query(limits.aliases))).not.toThrow());
  it('are refused above it', () =>
    expect(() => check(query(limits.aliases + 1))).toThrow(tooComplex(/50 aliases; this one has 51/)));
  it('are counted as often as their fragment is spread', () => {
    const fragment = `fragment F on User { ${times(26, (i) => `a${i}: id`)} }`;
    expect(() => check(`{ me { ...F } } ${fragment}`)).not.toThrow();
    expect(() => check(`{ me { ...F } x: me { ...F } } ${fragment}`)).toThrow(tooComplex(/aliases/));
  });
});

describe('directives', () => {
  const query = (count: number) => `{ ${times(count, () => '... @include(if: true) { __typename }')} }`;
  const spread = (count: number) => `{ me { ${times(count, () => 'id @include(if: true)')} } }`;
  it('are allowed up to the limit', () => expect(() => check(spread(limits.directives))).not.toThrow());
  it('are refused above it', () => expect(() => check(query(limits.directives + 1))).toThrow(tooComplex(/directives/)));
});

describe('names', () => {
  const name = (length: number) => 'x'.repeat(length);
  it.each([
    ['an alias', (length: number) => `{ me { ${name(length)}: id } }`],
    ['an operation', (length: number) => `query ${name(length)} { me { id } }`],
    [
      'a variable',
      (length: number) => `query ($${name(length)}: Int) { tasks(first: $${name(length)}) { totalCount } }`,
    ],
    ['a fragment', (length: number) => `{ me { ...${name(length)} } } fragment ${name(length)} on User { id }`],
  ])('are allowed up to the limit, and refused above it: of %s', (_, query) => {
    expect(() => check(query(limits.name))).not.toThrow();
    expect(() => check(query(limits.name + 1))).toThrow(tooComplex(/256 characters in a name; this one has 257/));
  });
});

describe('lines', () => {
  it.each(['\n', '\r', '\r\n'])('are allowed up to the limit, and refused above it: %j', (end) => {
    const source = (lines: number) => `{ me${end.repeat(lines - 1)}{ id } }`;
    expect(() => checkSource(source(limits.lines))).not.toThrow();
    expect(() => checkSource(source(limits.lines + 1))).toThrow(tooComplex(/5000 lines; this one has 5001/));
  });

  it('may have as many characters as the body', () => {
    expect(() => checkSource(`{ me ${' '.repeat(limits.body)} }`)).not.toThrow();
  });
});

describe('fragments that double', () => {
  it('are refused without being written out', () => {
    const chain = times(60, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`);
    expect(() => check(`{ me { ...F0 } } ${chain} fragment F60 on User { id }`)).toThrow(
      tooComplex(/1000 fields, fragments written out; this one has far more/),
    );
  });

  it('pass when there are few', () => {
    const chain = times(5, (i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`);
    expect(() => check(`{ me { ...F0 } } ${chain} fragment F5 on User { id }`)).not.toThrow();
  });
});

describe('what guesses at a password or a token', () => {
  const login = 'login(input: { identifier: "a", password: "b" }) { errors { code } }';
  const refresh = 'refresh(input: { refreshToken: "a" }) { errors { code } }';

  const others = [
    'changePassword(input: { currentPassword: "a", newPassword: "b" }) { errors { code } }',
    'updateProfile(input: { username: "a", currentPassword: "b" }) { errors { code } }',
    'deleteAccount(input: { password: "a" }) { errors { code } }',
  ];

  it.each([login, refresh, ...others])('may be used once in a request: %s', (field) => {
    expect(() => check(`mutation { ${field} }`)).not.toThrow();
    expect(() => check(`mutation { ${field} b: ${field} }`)).toThrow(tooComplex(/this one does it 2 times/));
    expect(() => check(`mutation { ${field} b: ${login} }`)).toThrow(tooComplex(/this one does it 2 times/));
  });

  it.each([
    ['under other names', `mutation { a: ${login} b: ${login} }`],
    ['together', `mutation { ${login} ${refresh} }`],
    ['in a fragment', `mutation { ${login} ...F } fragment F on Mutation { b: ${login} }`],
    ['in one fragment twice', `mutation { ...F ... { ...F } } fragment F on Mutation { ${login} }`],
    ['in an inline fragment', `mutation { ${login} ... on Mutation { b: ${login} } }`],
    ['and skipped', `mutation { ${login} b: ${login.replace('{ errors', '@skip(if: true) { errors')} }`],
  ])('may not be used twice %s', (_how, source) => {
    expect(() => check(source)).toThrow(tooComplex(/once in all; this one does it 2 times/));
  });
});

describe('cost', () => {
  const page = (args: string) =>
    `query ${args.includes('$n') ? '($n: Int)' : ''} { tasks${args} { nodes { id title } pageInfo { hasNextPage } } }`;

  it('multiplies by the page, whether its size is written, a variable, or left out', () => {
    expect(cost(page('(first: 10)'))).toBe(10 + 10 * 3);
    expect(cost(page('(last: 10)'))).toBe(10 + 10 * 3);
    expect(cost(page('(first: $n)'), { n: 100 })).toBe(10 + 100 * 3);
    expect(cost(page('(first: $n)'))).toBe(10 + 20 * 3);
    expect(cost(page(''))).toBe(10 + 20 * 3);
  });

  it('bounds the size of a page by the largest page and by zero', () => {
    expect(cost(page('(first: 2000000000)'))).toBe(10 + 100 * 3);
    expect(cost(page('(first: -5)'))).toBe(10);
  });

  it('multiplies pages in pages', () => {
    const source = '{ tasks(first: 10) { nodes { owner { tasks(first: 20) { nodes { id } } } } } }';
    expect(cost(source)).toBe(10 + 10 * (1 + 1 + (10 + 20 * 2)));
  });

  it('counts the representations of entities, also more than a page of them', () => {
    const subgraph = buildASTSchema(concatAST([readTypeDefs(), federationTypeDefs]));
    const document = parse(
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Task { id owner { id } } ... on User { id } } }',
    );
    const [operation] = document.definitions as [OperationDefinitionNode];
    const of = (count: number) => ({ of: Array.from({ length: count }, () => ({ __typename: 'Task', id: 'a' })) });
    expect(costOf(subgraph, document, operation, of(3))).toBe(1 + 3 * 4);
    expect(() => checkLimits(subgraph, document, operation, of(2000))).not.toThrow();
    expect(() => checkLimits(subgraph, document, operation, of(2500))).toThrow(tooComplex(/points of cost/));
  });

  it('counts the ids of nodes', () => {
    expect(cost('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] })).toBe(1 + 3 * 2);
  });

  it('is refused above the limit, by the variables that are sent', () => {
    const source =
      'query ($n: Int) { tasks(first: 100) { nodes { owner { tasks(first: $n) { nodes { id title } } } } } }';
    expect(() => check(source, { n: 20 })).not.toThrow();
    expect(() => check(source, { n: 100 })).toThrow(tooComplex(/10000 points of cost; this one has \d{5}\./));
  });

  it('has room for pages of a usual size in a page, with all their fields', () => {
    const task =
      'id title description notes status version priority dueAt completedAt createdAt updatedAt owner { username }';
    const user = `id username displayName email role isActive createdAt tasks { totalCount nodes { ${task} } }`;
    expect(() => check(`{ users { totalCount nodes { ${user} } } }`)).not.toThrow();
    expect(() => check(`{ users(first: 100) { totalCount nodes { ${user} } } }`)).toThrow(tooComplex(/points of cost/));
  });

  it('is not avoided by an argument that cannot be coerced', () => {
    const source = 'query ($id: ID = "x") { task(id: $id) { id } tasks(first: 100) { nodes { id } } }';
    expect(() => check(source, { id: null })).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(() => check(source, {})).not.toThrow();
  });

  it('leaves variables that cannot be coerced to the executor, and reads each only a few times', () => {
    expect(() => check(page('(first: $n)'), { n: 'many' })).not.toThrow();
    const source = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
    let reads = 0;
    const field = { enumerable: true, get: () => ++reads };
    const filter = Object.defineProperties(
      {},
      Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, field])),
    );
    expect(() => check(source, { filter })).not.toThrow();
    expect(reads).toBeLessThan(3000 * 3);
  });
});

import { composeServices } from '@apollo/composition';
import { buildSchema, type GraphQLField, type GraphQLObjectType, parse, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printSubgraph } from '../../../src/api/subgraph.ts';

function compose(...services: string[]) {
  const { errors, supergraphSdl } = composeServices(
    services.map((sdl, i) => ({ name: `service${i}`, url: `http://localhost:400${i}/graphql`, typeDefs: parse(sdl) })),
  );
  return { errors: errors?.map(({ message }) => message), supergraphSdl };
}

/** The access control at a coordinate of the supergraph, such as `Task` or `Query.me`. */
function guardsAt(supergraphSdl: string, coordinate: string): string[] {
  const schema = buildSchema(supergraphSdl, { assumeValidSDL: true });
  const [typeName = '', fieldName] = coordinate.split('.');
  const type = schema.getType(typeName) as GraphQLObjectType;
  const at: GraphQLObjectType | GraphQLField<unknown, unknown> | undefined = fieldName
    ? type.getFields()[fieldName]
    : type;
  return (at?.astNode?.directives ?? [])
    .filter(({ name }) => ['authenticated', 'requiresScopes', 'policy'].includes(name.value))
    .map(({ name, loc }) => supergraphSdl.slice(loc?.start ?? 0, loc?.end ?? 0) || name.value);
}

describe('the printed schema', () => {
  const sdl = printSubgraph();
  const { errors, supergraphSdl = '' } = compose(sdl);

  it('composes as a subgraph', () => expect(errors).toBeUndefined());

  it.each([
    ['Query.me', ['@authenticated']],
    ['Query.node', ['@authenticated']],
    ['Query.tasks', ['@requiresScopes(scopes: [["task:read"]])']],
    ['Mutation.createTask', ['@requiresScopes(scopes: [["task:write"]])']],
    ['Mutation.login', []],
    ['User', ['@authenticated']],
    ['User.email', ['@requiresScopes(scopes: [["user:read"]])']],
    ['AuthSession', []],
  ])('carries the access control of %s', (coordinate, guards) => {
    expect(guardsAt(supergraphSdl, coordinate)).toEqual(guards);
  });

  it('puts an interface’s requirement on its types, because composition allows none on interfaces', () => {
    expect(guardsAt(supergraphSdl, 'Task')).toEqual(['@authenticated', '@requiresScopes(scopes: [["task:read"]])']);
  });

  it('is valid by itself, for tools that know nothing of federation', () => {
    expect(validateSchema(buildSchema(sdl))).toEqual([]);
    expect(parse(sdl).definitions.filter(({ kind }) => kind.endsWith('Extension'))).toEqual([]);
  });

  it('keeps every guard of our own, and the descriptions', () => {
    expect(sdl).toContain('notes: String @owner\n');
    expect(sdl).toContain('@ownerOf(type: "Task", id: "input.id", orScopes: [["task:write:any"]])');
    expect(sdl).toContain('notes: String @settableBy(policies: [["ownsTask"]])');
    expect(sdl).toContain('isActive: Boolean @requiresRole(roles: [ADMIN])');
    expect(sdl).toContain("The viewer's own account.");
  });
});

const fed = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key", "@shareable"])`;
const reviews = 'type Review implements Node @key(fields: "id") { id: ID! }';
const node = `type Query { node(id: ID!): Node @shareable nodes(ids: [ID!]!): [Node]! @shareable } interface Node { id: ID! }`;

describe.each([
  ['with guards', {}],
  ['without guards', { guards: false }],
])('the printed schema %s composes beside', (_form, options) => {
  it.each([
    [
      'a service with connections',
      'type Query { a: A } type A { pageInfo: PageInfo! } type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }',
    ],
    ['a service that finds tasks as nodes as well', `${node} type Task implements Node @key(fields: "id") { id: ID! }`],
    [
      'a service that refers to a task',
      'type Query { pinned: Task } type Task @key(fields: "id", resolvable: false) { id: ID! }',
    ],
    [
      'a service that adds to what has an id',
      'type Query { a: Int } type Task @key(fields: "id") { id: ID! pins: Int } type SecurityEvent @key(fields: "id") { id: ID! pins: Int }',
    ],
  ])('%s', (_service, other) => {
    expect(compose(printSubgraph(options), `${fed} ${other}`).errors).toBeUndefined();
  });

  it('a service that finds other nodes, without its own `node`', () => {
    const other = `${fed} ${node} ${reviews}`;
    expect(compose(printSubgraph(options), other).errors?.join()).toContain(
      'non-intersecting set of possible runtime types',
    );
    expect(compose(printSubgraph({ ...options, node: false }), other).errors).toBeUndefined();
  });
});

it('the printed schema without guards has neither guards nor types that only they use', () => {
  const sdl = printSubgraph({ guards: false });
  expect(validateSchema(buildSchema(sdl))).toEqual([]);
  const directives = new Set(sdl.replace(/"""[\s\S]*?"""/g, '').match(/@\w+/g));
  expect([...directives].sort()).toEqual(['@key', '@link', '@shareable', '@specifiedBy']);
  expect(sdl).not.toMatch(/scalar (Scope|Policy)/);
  expect(sdl).toContain('enum Role');
  const supergraph = compose(sdl).supergraphSdl ?? '';
  expect(supergraph).not.toContain('SECURITY)');
  expect(compose(printSubgraph()).supergraphSdl).toContain('SECURITY)');
});

describe('guards of interfaces', () => {
  const vocabulary = `
    scalar Scope
    scalar Policy
    directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    directive @policy(policies: [[Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  `;
  const { errors, supergraphSdl = '' } = compose(
    printSubgraph({
      typeDefs: parse(`${vocabulary}
      type Query { one: One, two: Two }
      interface A @requiresScopes(scopes: [["a"], ["b"]]) @policy(policies: [["p"]]) { id: ID @authenticated }
      type One implements A @requiresScopes(scopes: [["c"], ["b"]]) { id: ID }
      type Two implements A { id: ID @policy(policies: [["q"]]) }
    `),
    }),
  );

  it('compose when they are written on the types that implement them', () => expect(errors).toBeUndefined());

  it('are joined by AND with the guards that stand there', () => {
    expect(guardsAt(supergraphSdl, 'One')).toEqual([
      '@requiresScopes(scopes: [["c", "a"], ["c", "b"], ["b", "a"], ["b"]])',
      '@policy(policies: [["p"]])',
    ]);
    expect(guardsAt(supergraphSdl, 'Two')).toEqual([
      '@requiresScopes(scopes: [["a"], ["b"]])',
      '@policy(policies: [["p"]])',
    ]);
  });

  it('hold for fields as for types', () => {
    expect(guardsAt(supergraphSdl, 'One.id')).toEqual(['@authenticated']);
    expect(guardsAt(supergraphSdl, 'Two.id')).toEqual(['@authenticated', '@policy(policies: [["q"]])']);
  });
});

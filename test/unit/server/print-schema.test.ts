import { composeServices } from '@apollo/composition';
import { buildSchema, type GraphQLField, type GraphQLObjectType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { printSubgraph } from '../../../src/server/subgraph.ts';

function compose(sdl: string) {
  const { errors, supergraphSdl } = composeServices([
    { name: 'gatewright', url: 'http://localhost:4000/graphql', typeDefs: parse(sdl) },
  ]);
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

  it('asks of a type what its interface asks, which composition cannot say', () => {
    expect(guardsAt(supergraphSdl, 'Task')).toEqual(['@authenticated', '@requiresScopes(scopes: [["task:read"]])']);
  });

  it('keeps every guard of our own, and the descriptions', () => {
    expect(sdl).toContain('notes: String @owner\n');
    expect(sdl).toContain('@ownerOf(type: "Task", id: "input.id", orScopes: [["task:write:any"]])');
    expect(sdl).toContain('notes: String @settableBy(policies: [["ownsTask"]])');
    expect(sdl).toContain('isActive: Boolean @requiresRole(roles: [ADMIN])');
    expect(sdl).toContain("The viewer's own account.");
  });
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
    printSubgraph(
      parse(`${vocabulary}
      type Query { one: One, two: Two }
      interface A @requiresScopes(scopes: [["a"], ["b"]]) @policy(policies: [["p"]]) { id: ID @authenticated }
      type One implements A @requiresScopes(scopes: [["c"], ["b"]]) { id: ID }
      type Two implements A { id: ID @policy(policies: [["q"]]) }
    `),
    ),
  );

  it('compose when they are written on what implements them', () => expect(errors).toBeUndefined());

  it('are joined by AND with those that stand there', () => {
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

import { readFileSync } from 'node:fs';
import { buildSchema, type DirectiveDefinitionNode, Kind, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, directiveTypeDefs } from '../../../../src/authorization/guard.ts';

const definitions = (sdl: string) =>
  parse(sdl).definitions.filter(
    (definition): definition is DirectiveDefinitionNode => definition.kind === Kind.DIRECTIVE_DEFINITION,
  );

describe('directiveTypeDefs', () => {
  it('is the vocabulary that schema/directives.graphql holds, to the letter', () => {
    const file = readFileSync(new URL('../../../../schema/directives.graphql', import.meta.url), 'utf8');
    const ours = definitions(directiveTypeDefs({ roles: ['USER', 'ADMIN'] })).map(print);
    expect(ours).toHaveLength(11);
    expect(ours).toEqual(definitions(file).map(print));
  });

  it('makes a schema valid that uses it', () => {
    const sdl = 'type Query { a: Int @requiresRole(roles: [BOSS]) @policy(policies: [["p"]]) }';
    expect(() => buildSchema(directiveTypeDefs({ roles: ['BOSS'] }) + sdl)).not.toThrow();
    expect(() => buildSchema(sdl)).toThrow(/Unknown directive/);
  });

  it('needs a role', () => {
    expect(() => directiveTypeDefs({ roles: [] })).toThrow(/at least one role/);
  });

  it.each([['admin user'], ['ROLE-ADMIN'], ['A } type Query { a: Int'], [''], ['true'], ['1ST']])(
    'refuses the role %j, which is no name',
    (role) => {
      const named = `directiveTypeDefs cannot call a role ${JSON.stringify(role)}: `;
      expect(() => directiveTypeDefs({ roles: ['USER', role] })).toThrow(named);
      expect(definitions(directiveTypeDefs({ roles: ['USER', 'ROLE_ADMIN', 'admin'] }))).toHaveLength(11);
    },
  );

  it('refuses a role that is there twice', () => {
    expect(() => directiveTypeDefs({ roles: ['USER', 'USER'] })).toThrow('takes each role once');
  });
});

describe('a schema that has types of the names Role, Scope and Policy', () => {
  const names = { Role: 'ViewerRole', Scope: 'TokenScope', Policy: 'RuleName' };
  const types =
    'type Role @public { name: String } type Scope @public { name: String } type Policy @public { name: String }';
  const schemaOf = (guard: string) =>
    buildSchema(`${directiveTypeDefs({ roles: ['USER', 'ADMIN'], names })} ${types}
      type Query { role: Role @public scope: Scope @public policy: Policy @public a: Int ${guard} }`);
  const guarding = (guard: string) => () => createGuard(schemaOf(guard), { viewer: () => null, scopes: ['s'] });

  it('calls those of the vocabulary otherwise', () => {
    expect(guarding('@requiresRole(roles: [ADMIN])')().requirements.get('Query.a')).toEqual([
      [{ kind: 'role', name: 'ADMIN' }],
    ]);
    expect(guarding('@requiresScopes(scopes: [["s"]])')().requirements.get('Query.a')).toHaveLength(1);
  });

  it.each([
    ['what is no name', { Role: 'Viewer Role' }, 'cannot call a type "Viewer Role": '],
    ['a scalar of GraphQL', { Role: 'String' }, 'cannot call a type "String": it is a scalar of GraphQL itself.'],
    ['a type of introspection', { Scope: '__Type' }, 'cannot call a type "__Type": names that begin with "__"'],
    ['the same, two of them', { Role: 'Policy' }, 'needs a name of its own for each type.'],
  ])('cannot call them %s', (_, misnamed, message) => {
    expect(() => directiveTypeDefs({ roles: ['USER'], names: misnamed })).toThrow(`directiveTypeDefs ${message}`);
    expect(() => directiveTypeDefs({ roles: ['USER'], names })).not.toThrow();
  });

  it('refuses a misspelt key', () => {
    const misspelt = { role: 'ViewerRole' } as object;
    expect(() => directiveTypeDefs({ roles: ['USER'], names: misspelt })).toThrow(
      'directiveTypeDefs has no type role to rename: there are Role, Scope, Policy and Relation.',
    );
  });
});

describe('a misspelt role', () => {
  const renamed = directiveTypeDefs({ roles: ['USER', 'ADMIN'], names: { Role: 'ViewerRole' } });
  const guarding = (sdl: string) => () =>
    createGuard(buildSchema(`${renamed} type Task @public { id: ID } ${sdl}`, { assumeValidSDL: true }), {
      viewer: () => null,
      owners: { Task: async (ids) => ids.map(() => null) },
    });

  it.each([
    ['@requiresRole', (role: string) => `type Query { a: Int @requiresRole(roles: [${role}]) }`],
    ['@owner', (role: string) => `type Query { t: T @public } type T @owner(orRoles: [${role}]) { a: Int }`],
    [
      '@ownerOf',
      (role: string) => `type Query { a(id: ID!): Int @ownerOf(type: "Task", id: "id", orRoles: [${role}]) }`,
    ],
    ['@settableBy', (role: string) => `type Query { a(b: Int @settableBy(roles: [${role}])): Int @public }`],
  ])('in %s is refused whatever the enum of roles is called', (_directive, sdl) => {
    expect(guarding(sdl('ADMN'))).toThrow('there is no role `ADMN`; there are `USER`, `ADMIN`');
    expect(guarding(sdl('ADMIN'))).not.toThrow();
  });

  it('is refused where another directive takes its roles from an enum that has it', () => {
    const other = renamed.replace(/(@settableBy\(\s*roles: )\[ViewerRole!\]/, '$1[Old!]');
    const of = (role: string, old: string) => () =>
      createGuard(
        buildSchema(
          `${other} enum Old { ADMN } type Query {
            a: Int @requiresRole(roles: [${role}]) b(c: Int @settableBy(roles: [${old}])): Int @public
          }`,
          { assumeValidSDL: true },
        ),
        { viewer: () => null },
      );
    expect(of('ADMN', 'ADMN')).toThrow('Query.a: there is no role `ADMN`; there are `USER`, `ADMIN`');
    expect(of('ADMIN', 'ADMIN')).toThrow('Query.b(c:): there is no role `ADMIN`; there are `ADMN`');
    expect(of('ADMIN', 'ADMN')).not.toThrow();
  });

  it('is refused beside another enum of the name Role', () => {
    const own = 'enum Role { ADMN } type Query { role: Role @public';
    expect(guarding(`${own} a: Int @requiresRole(roles: [ADMN]) }`)).toThrow('there is no role `ADMN`');
    expect(guarding(`${own} a: Int @requiresRole(roles: [ADMIN]) }`)).not.toThrow();
  });
});

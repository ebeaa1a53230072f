import { readFileSync } from 'node:fs';
import { buildSchema, type DirectiveDefinitionNode, Kind, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { directiveTypeDefs } from '../../../src/authorization/guard.ts';

const definitions = (sdl: string) =>
  parse(sdl).definitions.filter(
    (definition): definition is DirectiveDefinitionNode => definition.kind === Kind.DIRECTIVE_DEFINITION,
  );

describe('directiveTypeDefs', () => {
  it('is the vocabulary that schema/directives.graphql holds, to the letter', () => {
    const file = readFileSync(new URL('../../../schema/directives.graphql', import.meta.url), 'utf8');
    const ours = definitions(directiveTypeDefs({ roles: ['USER', 'ADMIN'] })).map(print);
    expect(ours).toHaveLength(8);
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
});

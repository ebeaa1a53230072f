import { makeExecutableSchema } from '@graphql-tools/schema';
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import { type GraphQLInputObjectType, type GraphQLObjectType, print, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { allow, createGuard, describeRequirements, directiveTypeDefs } from '../../../../src/authorization/guard.ts';
import { requirementText } from '../../../../src/authorization/reflection/described.ts';

function guarded() {
  const typeDefs = `
    ${directiveTypeDefs({ roles: ['READER', 'EDITOR'] })}
    type Query {
      "All notes."
      notes(everyone: Boolean @settableBy(roles: [EDITOR]), first: Int): [Note!]! @authenticated
      open: Int @public
      """
      Told by hand.

      Requires: what it no longer does.
      """
      stale(filter: Filter): Int @requiresRole(roles: [READER])
      odd: Int @policy(policies: [["a\`b"]])
    }
    type Note @authenticated { id: ID! text: String @owner(orRoles: [EDITOR]) }
    input Filter { plain: Int "Hidden ones." hidden: Boolean @settableBy(roles: [EDITOR]) }
  `;
  const policies = { 'a`b': allow };
  const guard = createGuard(makeExecutableSchema({ typeDefs }), { viewer: () => null, policies });
  describeRequirements(guard.schema, guard.requirements);
  return guard;
}

describe('descriptions', () => {
  const { schema, requirements } = guarded();
  const query = schema.getQueryType()?.getFields() ?? {};
  const note = (schema.getType('Note') as GraphQLObjectType).getFields();
  const filter = (schema.getType('Filter') as GraphQLInputObjectType).getFields();

  it('end with what a field requires', () => {
    expect(query.notes?.description).toBe('All notes.\n\nRequires: being signed in.');
    expect(note.id?.description).toBe('Requires: being signed in.');
    expect(note.text?.description).toBe('Requires: a row of your own, or role `EDITOR`.');
    expect(query.open?.description).toBe('Requires: nothing.');
  });

  it('end with what an argument or an input field requires, where it is guarded', () => {
    const [everyone, first] = query.notes?.args ?? [];
    expect([everyone?.description, first?.description ?? null]).toEqual(['Requires: role `EDITOR`.', null]);
    expect(filter.hidden?.description).toBe('Hidden ones.\n\nRequires: role `EDITOR`.');
    expect(filter.plain?.description ?? null).toBeNull();
  });

  it('lose a line that somebody wrote', () => {
    expect(query.stale?.description).toBe('Told by hand.\n\nRequires: role `READER`.');
  });

  it('are the same when they are written again', () => {
    const once = printSchema(schema);
    describeRequirements(schema, requirements);
    expect(printSchema(schema)).toBe(once);
  });

  it('are printed by what reads the schema, and by what reads its syntax', () => {
    for (const sdl of [printSchema(schema), print(getDocumentNodeFromSchema(schema))]) {
      expect(sdl.match(/Requires: /g)).toHaveLength(8);
      expect(sdl).not.toContain('no longer');
    }
  });

  it('stay in one line, whatever a policy is called', () => {
    expect(query.odd?.description).toBe('Requires: policy `a\ufffdb`.');
    expect(requirementText([[{ kind: 'scope', name: 'a\nb\u202e' }]])).toBe('scope `a b\ufffd`');
  });

  it('say so where nobody is let through', () => expect(requirementText([])).toBe('what nobody has'));
});

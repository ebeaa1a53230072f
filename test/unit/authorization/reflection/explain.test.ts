import { buildASTSchema, parse, Source } from 'graphql';
import { describe, expect, it } from 'vitest';
import { allOf } from '../../../../src/authorization/contract/requirement.ts';
import { createGuard, type Guard } from '../../../../src/authorization/guard.ts';
import { compile } from '../../../../src/authorization/policy/policy.ts';
import { type Context, vocabulary } from '../harness.ts';

const sdl = `type Query {
  tasks(filter: Filter, everyone: Boolean @settableBy(roles: [ADMIN])): [Task!]! @requiresScopes(scopes: [["read"]])
  found: Item @public
  state: State @public
  open: Int @public
}
interface Item @authenticated {
  notes(full: Boolean @settableBy(scopes: [["read:full"]])): String @requiresScopes(scopes: [["read:notes"]])
}
type Task implements Item
  @requiresScopes(scopes: [["task"]]) {
  notes(full: Boolean @settableBy(roles: [ADMIN])): String
    @owner
  title: String
}
extend type Task @owner(field: "teamId", orRoles: [ADMIN])
enum State @requiresRole(roles: [ADMIN]) { ON }
input Filter { text: String hidden: Boolean @settableBy(scopes: [["read:hidden"]]) }`;

/** Built from SDL alone, because it needs no resolver. */
function guardFromSdl(): Guard {
  const definitions = [vocabulary, new Source(sdl, 'schema/tasks.graphql')].flatMap((text) => parse(text).definitions);
  const schema = buildASTSchema({ kind: 'Document' as never, definitions });
  return createGuard<Context>(schema, { viewer: ({ viewer }) => viewer });
}

const guard = guardFromSdl();

/** `directive, location, on, through`, one line for each source. */
function sourcesOf(coordinate: string): string[] {
  return guard
    .explain(coordinate)
    .sources.map(({ directive, location, on, through }) => [directive, location, on, through].join(' | '));
}

it('every coordinate that a client can ask for or supply has a requirement', () => {
  const { requirements } = guard;
  expect(requirements.get('Query.tasks(filter:)')).toEqual([[]]);
  expect(requirements.get('Filter.text')).toEqual([[]]);
  expect(requirements.get('Filter.hidden')).toEqual([[{ kind: 'scope', name: 'read:hidden' }]]);
  for (const [coordinate, requirement] of requirements) {
    if (!coordinate.startsWith('Item.')) expect(guard.explain(coordinate).requirement).toEqual(requirement);
  }
});

describe('an explanation', () => {
  it('names every directive, where it is written, and how it reaches the field', () => {
    expect(sourcesOf('Task.notes')).toEqual([
      '@owner | schema/tasks.graphql:13 | Task.notes | itself',
      '@requiresScopes(scopes: [["task"]]) | schema/tasks.graphql:11 | Task | type',
      '@owner(field: "teamId", orRoles: [ADMIN]) | schema/tasks.graphql:16 | Task | type',
      '@authenticated | schema/tasks.graphql:7 | Item | interface',
      '@requiresScopes(scopes: [["read:notes"]]) | schema/tasks.graphql:8 | Item.notes | interface field',
    ]);
  });

  it('names what guards the fields that an input reads, the part that rights can meet', () => {
    const schema = buildASTSchema(
      parse(`${vocabulary}
      type Query { tasks(text: String @settableBy(roles: [USER]), open: Int): [Row!] @public }
      type Row @authenticated { title: String @owner(orRoles: [ADMIN]) }`),
    );
    const reading = createGuard<Context>(schema, {
      viewer: ({ viewer }) => viewer,
      reads: { 'Query.tasks(text:)': ['Row.title'] },
    });
    const { requirement, sources } = reading.explain('Query.tasks(text:)');
    expect(sources.map(({ directive, on, through, reads }) => [directive, on, through, reads])).toEqual([
      ['@settableBy(roles: [USER])', 'Query.tasks(text:)', 'itself', undefined],
      ['@owner(orRoles: [ADMIN])', 'Row.title', 'itself', 'Row.title'],
      ['@authenticated', 'Row', 'type', 'Row.title'],
    ]);
    expect(requirement).toEqual([
      [
        { kind: 'role', name: 'ADMIN' },
        { kind: 'role', name: 'USER' },
      ],
    ]);
    expect(reading.explain('Query.tasks(open:)')).toMatchObject({ requirement: [[]], sources: [] });
  });

  it('leaves out what reaches other fields of the type alone', () => {
    expect(sourcesOf('Task.title')).toEqual([
      '@requiresScopes(scopes: [["task"]]) | schema/tasks.graphql:11 | Task | type',
      '@owner(field: "teamId", orRoles: [ADMIN]) | schema/tasks.graphql:16 | Task | type',
      '@authenticated | schema/tasks.graphql:7 | Item | interface',
    ]);
  });

  it('follows what a field returns, with the viewer’s part of what its row requires', () => {
    expect(sourcesOf('Query.tasks')).toEqual([
      '@requiresScopes(scopes: [["read"]]) | schema/tasks.graphql:2 | Query.tasks | itself',
      '@requiresScopes(scopes: [["task"]]) | schema/tasks.graphql:11 | Task | returned type',
      '@owner(field: "teamId", orRoles: [ADMIN]) | schema/tasks.graphql:16 | Task | returned type',
      '@authenticated | schema/tasks.graphql:7 | Item | interface of the returned type',
    ]);
    expect(guard.explain('Query.tasks').sources[2]?.requirement).toEqual([[{ kind: 'authenticated' }]]);
  });

  it('follows an interface and an enum that a field returns', () => {
    expect(sourcesOf('Query.found')).toContain('@authenticated | schema/tasks.graphql:7 | Item | returned type');
    expect(sourcesOf('Query.state')).toContain(
      '@requiresRole(roles: [ADMIN]) | schema/tasks.graphql:17 | State | returned type',
    );
  });

  it('follows an argument to the interface that declares it', () => {
    expect(sourcesOf('Task.notes(full:)')).toEqual([
      '@settableBy(roles: [ADMIN]) | schema/tasks.graphql:12 | Task.notes(full:) | itself',
      '@settableBy(scopes: [["read:full"]]) | schema/tasks.graphql:8 | Item.notes(full:) | interface argument',
    ]);
    expect(sourcesOf('Filter.hidden')).toEqual([
      '@settableBy(scopes: [["read:hidden"]]) | schema/tasks.graphql:18 | Filter.hidden | itself',
    ]);
  });

  it('shows @public of what anyone may use, and nothing of what anyone may supply', () => {
    expect(guard.explain('Query.open')).toMatchObject({ requirement: [[]], sources: [{ directive: '@public' }] });
    expect(guard.explain('Filter.text')).toEqual({
      coordinate: 'Filter.text',
      requirement: [[]],
      sources: [],
      rows: [],
    });
    expect(guard.explain('Query.tasks(filter:)').sources).toEqual([]);
  });

  it('holds the effective requirement, which is what its sources require together', () => {
    for (const [coordinate, requirement] of guard.requirements) {
      const explained = guard.explain(coordinate);
      expect(explained.requirement).toBe(requirement);
      expect(allOf(...explained.sources.map((source) => source.requirement))).toEqual(requirement);
    }
  });

  it.each([
    ['Task.note', /there are `Task\.notes`, `Task\.title`$/],
    ['task.Notes', /did you mean `Task\.notes`\?$/],
    ['Query.tasks(filtr:)', /its field has `Query\.tasks\(filter:\)`, `Query\.tasks\(everyone:\)`$/],
    ['Item.notes', /Item is an interface: ask for what implements it, `Task\.notes`$/],
    ['Task', /there are `Task\.notes`, `Task\.title`$/],
    ['Nope.x', /write `Type\.field`.*there are the types `Query`, `Task`, `Filter`$/],
    ['', /write `Type\.field`/],
    ['__proto__.x', /write `Type\.field`/],
  ])('of %o, which is no coordinate, says what there is', (coordinate, hint) => {
    expect(() => guard.explain(coordinate)).toThrow(RangeError);
    expect(() => guard.explain(coordinate)).toThrow(hint);
  });
});

it('a schema is compiled from SDL alone, or refused with every reason', () => {
  const schema = (text: string) => buildASTSchema(parse(`${vocabulary}\n${text}`));
  const options = { viewer: ({ viewer }: Context) => viewer };
  expect(compile(schema('type Query { a: Int @public }'), options).requirements.get('Query.a')).toEqual([[]]);
  expect(() => compile(schema('type Query { a: Int b: Int }'), options)).toThrow(/Query\.a:.*\n.*Query\.b:/);
});

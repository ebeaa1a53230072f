import { describe, expect, it } from 'vitest';
import type { GuardError } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { guardOf, refusalsOf } from '../harness.ts';

describe('the guard refuses to start on `reads` that', () => {
  const ofRow = rule({ cache: 'no_cache' })(() => true);
  const schema = `
    type Query { people(search: String, filter: Filter, by: Key): [Person!]! @authenticated }
    type Person @authenticated { name: String, salary: Int @requiresRole(roles: [ADMIN]) }
    input Filter { name: String }
    enum Key { NAME }
    type Secret @public { own: String @owner, both: String @owner(orScopes: [["s"]]), row: Int @policy(policies: [["ofRow"]]) }
    interface Named { name: String }`;
  const refuse = (more: Record<string, unknown>) => refusalsOf(schema, { policies: { ofRow }, reads: more as never });

  it.each([
    [
      'an argument that there is not',
      { 'Query.people(serach:)': ['Person.name'] },
      'Query.people(serach:)',
      /no such input/,
    ],
    ['a type that there is not', { 'Fliter.name': ['Person.name'] }, 'Fliter.name', /no such input/],
    ['an enum value that there is not', { 'Key.NAMES': ['Person.name'] }, 'Key.NAMES', /no such input/],
    ['what is no coordinate', { 'name it': ['Person.name'] }, 'name it', /no such input/],
    ['a whole type', { Filter: ['Person.name'] }, 'Filter', /no such input/],
    ['an argument of a directive', { '@skip(if:)': ['Person.name'] }, '@skip(if:)', /no such input/],
    [
      'an argument of introspection',
      { '__Type.fields(includeDeprecated:)': ['Person.name'] },
      '__Type.fields(includeDeprecated:)',
      /no such input/,
    ],
    ['a field', { 'Person.name': ['Person.name'] }, 'Person.name', /it is a field: name the argument/],
    ['no list of fields', { 'Filter.name': 'Person.name' }, 'Filter.name', /must list the output fields/],
    ['nothing', { 'Filter.name': [] }, 'Filter.name', /must list the output fields/],
    [
      'a field that there is not',
      { 'Filter.name': ['Person.nmae'] },
      'Filter.name',
      /reads `Person.nmae`, which is no field/,
    ],
    [
      'an input field as if it were output',
      { 'Filter.name': ['Filter.name'] },
      'Filter.name',
      /`Filter.name`, which is no field/,
    ],
    [
      'a field of an interface',
      { 'Filter.name': ['Named.name'] },
      'Filter.name',
      /`Named.name`, which is no field of an object/,
    ],
    ['what is no text', { 'Filter.name': [1] }, 'Filter.name', /`1`, which is no field/],
    [
      'what only a row’s owner sees',
      { 'Filter.name': ['Secret.own'] },
      'Filter.name',
      /requires a row of your own: that is known of a row, not of a list/,
    ],
    [
      'what a policy decides by the row',
      { 'Key.NAME': ['Person.name', 'Secret.row'] },
      'Key.NAME',
      /requires policy `ofRow`.*leave this out of `reads`/,
    ],
  ])('name %s', (_, wrong, coordinate, reason) => {
    const refusals = refuse(wrong);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatch(reason);
    expect(refusals[0]?.startsWith(`${coordinate}: `)).toBe(true);
  });

  it('name values of an enum that is never given', () => {
    const output = 'type Query { e: E @public } enum E { A } type T @public { a: Int }';
    expect(refusalsOf(output, { reads: { 'E.A': ['T.a'] } })).toEqual([
      expect.stringMatching(/^E\.A: .*no argument and no input field takes the enum$/),
    ]);
    expect(refusalsOf(output.replace('e:', 'e(e: E):'), { reads: { 'E.A': ['T.a'] } })).toEqual([]);
  });

  it.each([
    ['an argument', { 'Query.people(search:)': ['Person.name'] }],
    ['an input field', { 'Filter.name': ['Person.name', 'Person.salary'] }],
    ['an enum value', { 'Key.NAME': ['Person.name'] }],
    ['what rights open beside the owner', { 'Filter.name': ['Secret.both'] }],
  ])('but not on %s', (_, right) => {
    expect(refuse(right)).toEqual([]);
  });

  it('say nothing twice: a field whose guard is refused is no reason more', () => {
    const wrong =
      'type Query { f(by: Key): Int @public } enum Key { A } type T @public { a: Int @requiresRole(roles: []) }';
    expect(refusalsOf(wrong, { reads: { 'Key.A': ['T.a'] } })).toEqual([expect.stringMatching(/^T\.a: .*empty/)]);
  });

  it('are wrong, together with everything else, and says where they stand', () => {
    const wrong = 'type Query {\n open(by: Key): Int\n}\nenum Key {\n A\n}\ntype T @public {\n a: Int @owner\n}';
    let problems: GuardError['problems'] = [];
    try {
      guardOf(wrong, {}, { reads: { 'Key.A': ['T.a'], 'Key.B': ['T.a'], 'Nope.a': ['T.a'] } });
    } catch (error) {
      problems = (error as GuardError).problems;
    }
    expect(problems.map(({ coordinate, location }) => [coordinate, location?.replace(/^.*:/, '')])).toEqual([
      ['Query.open', '2'],
      ['Key.A', '5'],
      ['Key.B', '4'],
      ['Nope.a', undefined],
    ]);
  });
});

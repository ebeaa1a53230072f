import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  visit,
} from 'graphql';
import { expect, it } from 'vitest';
import { guardSchema } from '../../../src/api/schema.ts';
import { readTypeDefs } from '../../../src/api/type-defs.ts';
import { GuardError } from '../../../src/authorization/guard.ts';
import { readsOfTasks } from '../../../src/tasks/task.ownership.ts';
import { readsOfUsers } from '../../../src/users/user.ownership.ts';

const reads: Record<string, readonly string[]> = { ...readsOfTasks, ...readsOfUsers };
const { schema, requirements } = guardSchema({ denial: 'filter' });

const paging = ['first', 'after', 'last', 'before'];

/** Everything by which lists can be filtered or ordered: the fields of filters, the values of orders. */
function filtersAndOrders(): string[] {
  const lists = Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .filter(({ field }) => getNamedType(field.type).name.endsWith('Connection'));
  const coordinates = lists.flatMap(({ type, field }) =>
    field.args
      .filter(({ name }) => !paging.includes(name))
      .flatMap((arg) => {
        const input = getNamedType(arg.type);
        if (!isInputObjectType(input)) return [`${type.name}.${field.name}(${arg.name}:)`];
        const fields = input.getFields();
        const key = fields.field && getNamedType(fields.field.type);
        if (isEnumType(key)) return key.getValues().map(({ name }) => `${key.name}.${name}`);
        return Object.keys(fields).map((name) => `${input.name}.${name}`);
      }),
  );
  return [...new Set(coordinates)];
}

/** The schema's files, with one more guard on a field. */
function guardedAt(coordinate: string, guard: string): DocumentNode {
  const [typeName, fieldName] = coordinate.split('.');
  const { definitions } = parse(`type T { f: Int ${guard} }`);
  const more = (definitions[0] as ObjectTypeDefinitionNode).fields?.[0]?.directives as ConstDirectiveNode[];
  const guarded = (field: FieldDefinitionNode) =>
    field.name.value === fieldName ? { ...field, directives: [...(field.directives ?? []), ...more] } : field;
  return visit(readTypeDefs(), {
    [Kind.OBJECT_TYPE_DEFINITION]: (type) =>
      type.name.value === typeName ? { ...type, fields: type.fields?.map(guarded) } : undefined,
  });
}

function readersOf(field: string): string[] {
  return Object.keys(reads).filter((input) => reads[input]?.includes(field));
}

it('every filter and every order requires what the fields require that it reads, or a right of its own', () => {
  const inputs = filtersAndOrders();
  expect(inputs).toEqual(expect.arrayContaining(Object.keys(reads)));
  expect(inputs.filter((input) => !requirements.has(input))).toEqual([]);
});

it.each([...new Set(Object.values(reads).flat())])('a guard on %s is the guard of whatever reads it', (field) => {
  const guarded = guardSchema({ denial: 'filter' }, guardedAt(field, '@requiresScopes(scopes: [["user:write:any"]])'));
  const scope = { kind: 'scope', name: 'user:write:any' };
  for (const input of Object.keys(reads)) {
    const alternatives = guarded.requirements.get(input) ?? [];
    expect(alternatives.length).toBeGreaterThan(0);
    for (const alternative of alternatives) {
      if (readersOf(field).includes(input)) expect(alternative).toContainEqual(scope);
      else expect(alternative).not.toContainEqual(scope);
    }
  }
});

it('lists cannot be filtered or ordered by a field that only its owner sees', () => {
  let problems: readonly { coordinate: string }[] = [];
  try {
    guardSchema({ denial: 'filter' }, guardedAt('Task.title', '@owner'));
  } catch (error) {
    problems = (error as GuardError).problems;
    expect(error).toBeInstanceOf(GuardError);
  }
  expect(problems.map(({ coordinate }) => coordinate)).toEqual(['TaskFilter.text', 'TaskOrderField.TITLE']);
});

it('only administrators filter by whether an account can sign in', () => {
  expect(requirements.get('UserFilter.isActive')).toEqual([[{ kind: 'role', name: 'ADMIN' }]]);
  expect(requirements.get('UserFilter.text')).toEqual([[{ kind: 'authenticated' }]]);
});

/** Random valid queries of the schema's readable fields, in every form of a query. */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
} from 'graphql';
import type { randomOf } from '../unit/authorization/differential.world.ts';

type Random = ReturnType<typeof randomOf>;

const maxDepth = 5;

/**
 * Arguments by coordinate, as literals. Values of `first` are small, so that no query is too complex. A field with an
 * empty list is left out.
 */
export type Arguments = Readonly<Record<string, readonly string[]>>;

export function queryOf(schema: GraphQLSchema, given: Arguments, random: Random): string {
  const root = schema.getQueryType() as GraphQLObjectType;
  // Each variable must be used.
  const rest = 'query: __typename @include(if: $yes) @skip(if: $no)';
  return `query Q($yes: Boolean = true, $no: Boolean = false) { ${rest} ... on Query ${selectionsOf(root, 0, 2)} }`;

  function selectionsOf(type: GraphQLObjectType, depth: number, atMost = 8): string {
    const fields = Object.values(type.getFields()).filter((field) => isAskable(type, field, depth));
    const chosen = new Set(Array.from({ length: 1 + random.upTo(atMost - 1) }, () => random.pick(fields)));
    const selections = [...chosen].map((field, i) => selectionOf(type, field, depth, i));
    if (random.chance(0.2)) selections.push('__typename');
    if (random.chance(0.15)) return `{ ... on ${type.name} { ${selections.join(' ')} } }`;
    return `{ ${selections.join(' ')} }`;
  }

  function isAskable(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, depth: number): boolean {
    if (given[`${type.name}.${field.name}`]?.length === 0) return false;
    const isKnown = field.args.every(({ name, type: of }) => !String(of).endsWith('!') || knows(type, field, name));
    return isKnown && (depth < maxDepth || !isCompositeType(getNamedType(field.type)));
  }

  function knows(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>, name: string): boolean {
    return given[`${type.name}.${field.name}`]?.some((args) => args.includes(`${name}:`)) ?? false;
  }

  function selectionOf(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    depth: number,
    index: number,
  ): string {
    const args = given[`${type.name}.${field.name}`];
    const alias = random.chance(0.15) ? `as${type.name}${index}: ` : '';
    const call = `${alias}${field.name}${args ? `(${random.pick(args)})` : ''}${conditionOf()}`;
    const named = getNamedType(field.type);
    if (!isCompositeType(named)) return call;
    if (isObjectType(named)) return `${call} ${selectionsOf(named, depth + 1)}`;
    if (!isAbstractType(named)) return call;
    const possible = schema.getPossibleTypes(named).map((one) => `... on ${one.name} ${selectionsOf(one, depth + 1)}`);
    return `${call} { __typename ${possible.join(' ')} }`;
  }

  function conditionOf(): string {
    if (!random.chance(0.1)) return '';
    return random.pick([' @include(if: $yes)', ' @skip(if: $no)', ' @include(if: $no)', ' @skip(if: $yes)']);
  }
}

/** Tells which rows a field can return to a persona, by rights alone, and what each relation is read from. */
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { RelationSource, RowsOf } from '../contract/relations.ts';
import {
  type Alternative,
  anyOf,
  type Condition,
  given,
  isNothing,
  isRight,
  type Requirement,
} from '../contract/requirement.ts';
import { connectionTypes, possibleTypes } from '../rows/connections.ts';
import type { RowPolicies, RowPolicy } from '../rows/row-policy.ts';

/** `all`: every row. `on`: the relations of which a row needs one. If there are none, no row is returned. */
export type RowAccess = { readonly all: true } | { readonly on: Requirement };

/** The rows of one type, explained for a reader of the policy. */
export interface RowExplanation {
  readonly type: string;
  /** Relations and rights. Any alternative shows a row. */
  readonly visibleTo: Requirement;
  /** By relation: what it is read from, such as `tasks.owner_id is the viewer`. */
  readonly relations: Readonly<Record<string, string>>;
}

/** By coordinate of a field: the types of the rows that it can return, alone, in a list or in a connection. */
export function returnedRows(schema: GraphQLSchema, policies: RowPolicies): ReadonlyMap<string, readonly string[]> {
  const returned = new Map<string, readonly string[]>();
  if (policies.size === 0) return returned;
  const connections = connectionTypes(schema, policies);
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const types = possibleTypes(schema, field.type).flatMap(
        (name) => connections.get(name) ?? (policies.has(name) ? [name] : []),
      );
      if (types.length > 0) returned.set(`${type.name}.${field.name}`, [...new Set(types)]);
    }
  }
  return returned;
}

/** @param holds answers undefined where rights do not tell. */
export function rowAccessOf(
  types: readonly string[],
  policies: RowPolicies,
  holds: (condition: Condition) => boolean | undefined,
): RowAccess {
  const each = types.map((type) => remaining(type, policies.get(type) as RowPolicy, holds));
  const confined = each.filter((requirement) => !isNothing(requirement));
  return confined.length === 0 ? { all: true } : { on: anyOf(...confined) };
}

function remaining(type: string, policy: RowPolicy, holds: (condition: Condition) => boolean | undefined): Requirement {
  const isAcross = policy.tenant && given(policy.tenant.across, holds).some((alternative) => alternative.length === 0);
  const alternatives = policy.visibleTo.flatMap((alternative): Alternative[] => {
    if (alternative.some((condition) => holds(condition) === false)) return [];
    const relations = alternative.filter((condition) => !isRight(condition));
    const names = relations.flatMap((condition) => (condition.kind === 'relation' ? [condition.name] : []));
    const isFar = !policy.tenant || isAcross || names.some((name) => policy.tenant?.beyond.includes(name));
    const asked = relations.filter((condition) => condition.kind !== 'relation' || condition.name !== 'anyone');
    return [isFar ? asked : [...asked, { kind: 'relation', type, name: 'tenant', needsViewer: false }]];
  });
  return anyOf(alternatives);
}

export function explainRows(type: string, { rows, visibleTo, tenant }: RowPolicy): RowExplanation {
  const relations = Object.entries(rows.relations).map(([name, source]) => [name, describeSource(rows, source)]);
  const parents = Object.entries(rows.parents ?? {}).map(([name, { type: of, property }]) => [
    `${name}.…`,
    `the ${of} that ${columnOf(rows, property)} names`,
  ]);
  const ofTenant = tenant ? [['tenant', `${columnOf(rows, tenant.property)} is the viewer's tenant`]] : [];
  return { type, visibleTo, relations: Object.fromEntries([...relations, ...parents, ...ofTenant]) };
}

function describeSource(rows: RowsOf, source: RelationSource): string {
  switch (source.kind) {
    case 'viewer':
      return `${columnOf(rows, source.property)} is the viewer`;
    case 'state':
      return `${columnOf(rows, source.property)} is ${source.values.join(' or ')}`;
    case 'listed': {
      const where = Object.entries(source.where ?? {}).map(
        ([column, values]) => ` with ${column} ${values.join(' or ')}`,
      );
      const until = source.until ? ` until ${source.until}` : '';
      return `${source.table} lists ${source.row} for the viewer in ${source.viewer}${where.join('')}${until}`;
    }
  }
}

function columnOf({ table, columns }: RowsOf, property: string): string {
  return `${table}.${columns[property] ?? property}`;
}

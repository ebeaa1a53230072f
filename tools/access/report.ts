/** The access matrix for all output formats: for each type, its coordinates with their requirements and cells. */

import { type GraphQLSchema, isEnumType, isInputObjectType, isObjectType } from 'graphql';
import type { Requirement } from '../../src/authorization/contract/requirement.ts';
import type { Access, Guard, RowExplanation, Source } from '../../src/authorization/guard.ts';
import { coordinatesOf } from '../../src/authorization/policy/coordinates.ts';
import type { Personas } from './personas.ts';

export interface Report {
  readonly personas: Personas;
  readonly types: readonly ReportedType[];
  /** One explanation for each type with `@visibleTo`, by name. */
  readonly visible: readonly RowExplanation[];
}

export interface ReportedType {
  readonly name: string;
  readonly rows: readonly Row[];
}

export type Kind = 'field' | 'argument' | 'input field' | 'enum value';

export interface Row {
  readonly coordinate: string;
  readonly kind: Kind;
  readonly requirement: Requirement;
  readonly sources: readonly Source[];
  /** By persona. */
  readonly access: Readonly<Record<string, Access>>;
}

export type Counts = Record<Access['verdict'], number>;

/** Root types first, then objects, then inputs, each by name. Fields keep the order of the schema. */
export function reportOf(guard: Guard, personas: Personas): Report {
  const matrix = guard.matrix(personas);
  const rows = new Map<string, Row[]>();
  const visible = new Map<string, RowExplanation>();
  for (const coordinate of coordinatesOf(guard.schema)) {
    const access = matrix.get(coordinate);
    if (!access) continue;
    const type = typeOf(coordinate);
    const { requirement, sources, rows: returned } = guard.explain(coordinate);
    for (const explained of returned) visible.set(explained.type, explained);
    const kind = kindOf(guard.schema, coordinate);
    // Leaves out inputs without a guard: every viewer of their field may supply them, and the table would be long.
    if (kind !== 'field' && sources.length === 0) continue;
    const row = { coordinate, kind, requirement, sources, access };
    rows.set(type, [...(rows.get(type) ?? []), row]);
  }
  const types = [...rows].map(([name, its]) => ({ name, rows: its }));
  const places = new Map(types.map(({ name }) => [name, placeOf(guard.schema, name)]));
  return {
    personas,
    types: types.sort((a, b) => compare(places.get(a.name) ?? '', places.get(b.name) ?? '')),
    visible: [...visible.values()].sort((a, b) => compare(a.type, b.type)),
  };
}

/** How many of these rows are allowed, denied and undecided for a persona. */
export function countsOf(rows: readonly Row[], persona: string): Counts {
  const counts: Counts = { allow: 0, depends: 0, deny: 0 };
  for (const { access } of rows) counts[access[persona]?.verdict ?? 'deny'] += 1;
  return counts;
}

export function typeOf(coordinate: string): string {
  return coordinate.slice(0, coordinate.indexOf('.'));
}

function kindOf(schema: GraphQLSchema, coordinate: string): Kind {
  if (coordinate.endsWith(':)')) return 'argument';
  const type = schema.getType(typeOf(coordinate));
  return isInputObjectType(type) ? 'input field' : isEnumType(type) ? 'enum value' : 'field';
}

/** The sort key of a type. */
function placeOf(schema: GraphQLSchema, name: string): string {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const root = roots.findIndex((type) => type?.name === name);
  const isOutput = isObjectType(schema.getType(name));
  const group = root >= 0 ? root : isOutput ? 3 : 4;
  return `${group}${name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a change of the guards, or of the scopes of roles, opens and closes. */

import type { GraphQLSchema } from 'graphql';
import {
  anyOf,
  isNothing,
  keyOf,
  never,
  nothing,
  type Requirement,
  type Requirements,
} from '../../src/authorization/contract/requirement.ts';
import type { Persona, RowPolicies } from '../../src/authorization/guard.ts';
import { coordinatesOf } from '../../src/authorization/policy/coordinates.ts';
import { holds, remains } from '../../src/authorization/reflection/matrix.ts';
import { explainRows, rowAccessOf } from '../../src/authorization/reflection/row-access.ts';
import type { Personas, ScopesOfRole } from './personas.ts';
import { typeOf } from './report.ts';

export interface Side {
  readonly schema: GraphQLSchema;
  readonly requirements: Requirements;
  readonly rowPolicies: RowPolicies;
  readonly scopesOfRole: ScopesOfRole;
  readonly personas: Personas;
}

/** `changes`: it opens in one case and closes in another. */
export type Effect = 'opens' | 'closes' | 'changes';

/** Null: the coordinate does not exist. */
export interface Change<Value> {
  readonly before: Value | null;
  readonly after: Value | null;
}

export interface CoordinateChange extends Change<Requirement> {
  readonly coordinate: string;
  /** What the change means for every viewer; null if the requirement is the same. */
  readonly effect: Effect | null;
  /** For each persona that it concerns: what is still required of it. */
  readonly personas: readonly (Change<Requirement> & { readonly persona: string; readonly effect: Effect })[];
}

/** How the rows of a type changed: who sees them, and what its relations are read from. */
export interface RowChange {
  readonly type: string;
  /** By persona: the relations that a row must stand in. */
  readonly personas: CoordinateChange['personas'];
  /** By relation. */
  readonly relations: readonly (Change<string> & { readonly relation: string })[];
}

export interface Difference {
  /** Roles whose scopes have changed. */
  readonly roles: readonly (Change<readonly string[]> & { readonly role: string })[];
  readonly coordinates: readonly CoordinateChange[];
  readonly rows: readonly RowChange[];
}

export function differenceOf(before: Side, after: Side): Difference {
  const [old, now] = [everyRequirement(before), everyRequirement(after)];
  const coordinates = [...new Set([...now.keys(), ...old.keys()])]
    .filter((coordinate) => concerns(coordinate, old, now))
    .map((coordinate) => changeOf(coordinate, [before, old.get(coordinate)], [after, now.get(coordinate)]))
    .filter(({ effect, personas }) => effect !== null || personas.length > 0)
    .sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
  return {
    roles: changedRoles(before.scopesOfRole, after.scopesOfRole),
    coordinates,
    rows: changedRows(before, after),
  };
}

/** Includes what is open to every viewer: an input field without a guard may get one, or lose it. */
function everyRequirement({ schema, requirements }: Side): Map<string, Requirement> {
  return new Map(coordinatesOf(schema).map((coordinate) => [coordinate, requirements.get(coordinate) ?? nothing]));
}

/** Ignores an unguarded argument of a new field, and an unguarded field of a new input type. */
function concerns(coordinate: string, old: ReadonlyMap<string, Requirement>, now: ReadonlyMap<string, Requirement>) {
  const requirement = old.get(coordinate) ?? now.get(coordinate);
  if ((old.has(coordinate) && now.has(coordinate)) || !requirement || !isNothing(requirement)) return true;
  const [field = ''] = coordinate.split('(');
  if (field !== coordinate) return old.has(field) && now.has(field);
  const isOfType = (other: string) => typeOf(other) === typeOf(coordinate);
  return old.keys().some(isOfType) && now.keys().some(isOfType);
}

type Half = readonly [Side, Requirement | undefined];

function changeOf(coordinate: string, [oldSide, before]: Half, [newSide, after]: Half): CoordinateChange {
  const personas = personasChanged(oldSide, newSide, (side, persona) =>
    remainsOf(side === oldSide ? before : after, persona),
  );
  const change = { before: before ?? null, after: after ?? null };
  return { coordinate, ...change, effect: effectOf(change), personas };
}

/** The personas of both sides for whom something else is left to ask. */
function personasChanged(
  before: Side,
  after: Side,
  left: (side: Side, persona: Persona) => Requirement | null,
): CoordinateChange['personas'] {
  return Object.entries(after.personas).flatMap(([persona, now]) => {
    const old = before.personas[persona];
    if (old === undefined) return [];
    const change = { before: left(before, old), after: left(after, now) };
    const effect = effectOf(change);
    return effect ? [{ persona, ...change, effect }] : [];
  });
}

function changedRows(before: Side, after: Side): RowChange[] {
  const types = new Set([...before.rowPolicies.keys(), ...after.rowPolicies.keys()]);
  return [...types]
    .sort()
    .map((type) => ({
      type,
      personas: personasChanged(before, after, (side, persona) => visibleRows(side, type, persona)),
      relations: changedRelations(relationsOf(before, type), relationsOf(after, type)),
    }))
    .filter(({ personas, relations }) => personas.length + relations.length > 0);
}

/** Without `@visibleTo`, every row exists for whoever may use what returns it. */
function visibleRows({ rowPolicies }: Side, type: string, persona: Persona): Requirement {
  if (!rowPolicies.has(type)) return nothing;
  const rows = rowAccessOf([type], rowPolicies, (condition) => holds(condition, persona));
  return 'all' in rows ? nothing : rows.on;
}

function relationsOf({ rowPolicies }: Side, type: string): Readonly<Record<string, string>> {
  const policy = rowPolicies.get(type);
  return policy ? explainRows(type, policy).relations : {};
}

function changedRelations(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((relation) => ({ relation, before: before[relation] ?? null, after: after[relation] ?? null }))
    .filter((change) => change.before !== change.after);
}

function remainsOf(requirement: Requirement | undefined, persona: Persona): Requirement | null {
  return requirement ? remains(requirement, persona) : null;
}

/** A coordinate that does not exist is open to nobody. */
function effectOf(change: Change<Requirement>): Effect | null {
  const [before, after] = [change.before ?? never, change.after ?? never];
  const opens = !implies(after, before);
  const closes = !implies(before, after);
  if (opens && closes) return 'changes';
  return opens ? 'opens' : closes ? 'closes' : null;
}

/** Whether every viewer who meets `one` meets `other`. */
function implies(one: Requirement, other: Requirement): boolean {
  return formOf(anyOf(one, other)) === formOf(anyOf(other));
}

function formOf(requirement: Requirement): string {
  return JSON.stringify(requirement.map((alternative) => alternative.map(keyOf)));
}

function changedRoles(before: ScopesOfRole, after: ScopesOfRole): Difference['roles'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((role) => ({ role, before: before[role] ?? null, after: after[role] ?? null }))
    .filter((change) => JSON.stringify(setOf(change.before)) !== JSON.stringify(setOf(change.after)));
}

/** Order and repetition change nothing. */
function setOf(names: readonly string[] | null): string[] | null {
  return names && [...new Set(names)].sort();
}

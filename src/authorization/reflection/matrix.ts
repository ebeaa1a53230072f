/** The access matrix: which persona may do what, as far as rights alone tell. */

import type { GuardViewer } from '../contract/options.ts';
import { type Condition, given, isNothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import { areNames } from '../contract/viewer.ts';
import type { RowPolicies } from '../rows/row-policy.ts';
import { type RowAccess, rowAccessOf } from './row-access.ts';

/** The rights of a viewer, without the viewer; null when nobody is signed in. */
export type Persona = Pick<GuardViewer, 'roles' | 'scopes'> | null;

/**
 * What a persona may do with a coordinate: allowed, denied, or still to be decided. If a field returns rows with
 * `@visibleTo`, `rows` says which of them the persona sees.
 */
export type Access =
  | { readonly verdict: 'allow'; readonly rows?: RowAccess }
  | { readonly verdict: 'deny' }
  /** `on` is what is still to be decided, such as a row of one's own or a policy's answer. */
  | { readonly verdict: 'depends'; readonly on: Requirement; readonly rows?: RowAccess };

/** By coordinate, in the order of `requirements`, and by the persona's name. */
export type AccessMatrix<Name extends string = string> = ReadonlyMap<string, Readonly<Record<Name, Access>>>;

/** What the matrix is made of. */
export interface Policies {
  readonly requirements: Requirements;
  /** By type: which of its rows a viewer can see. */
  readonly rows: RowPolicies;
  /** By coordinate: the types of the rows that it returns. */
  readonly returned: ReadonlyMap<string, readonly string[]>;
}

/** @throws TypeError for a persona that is neither null nor has lists of roles and of scopes. */
export function matrixOf<Name extends string>(
  { requirements, rows, returned }: Policies,
  personas: Readonly<Record<Name, Persona>>,
): AccessMatrix<Name> {
  const named = Object.entries<Persona>(personas);
  for (const [name, persona] of named) checkPersona(name, persona);
  const accessTo = (coordinate: string, requirement: Requirement, persona: Persona): Access => {
    const access = accessOf(requirement, persona);
    const types = returned.get(coordinate);
    if (!types || access.verdict === 'deny') return access;
    return { ...access, rows: rowAccessOf(types, rows, (condition) => holds(condition, persona)) };
  };
  return new Map(
    [...requirements].map(([coordinate, requirement]) => [
      coordinate,
      Object.fromEntries(named.map(([name, persona]) => [name, accessTo(coordinate, requirement, persona)])) as Record<
        Name,
        Access
      >,
    ]),
  );
}

/** What a persona may do where this is required. */
export function accessOf(requirement: Requirement, persona: Persona): Access {
  const on = remains(requirement, persona);
  if (isNothing(on)) return { verdict: 'allow' };
  return on.length === 0 ? { verdict: 'deny' } : { verdict: 'depends', on };
}

/** What is still required of a persona: `nothing` where it is allowed, `never` where it is denied. */
export function remains(requirement: Requirement, persona: Persona): Requirement {
  return given(requirement, (condition) => holds(condition, persona));
}

/** Undefined: rights alone do not tell. A policy is code, so nobody knows its answer ahead. Only a viewer owns rows. */
export function holds(condition: Condition, persona: Persona): boolean | undefined {
  switch (condition.kind) {
    case 'authenticated':
      return persona !== null;
    case 'scope':
      return persona?.scopes.includes(condition.name) ?? false;
    case 'role':
      return persona?.roles.includes(condition.name) ?? false;
    case 'policy':
      return undefined;
    case 'owner':
    case 'ownerOf':
      return persona === null ? false : undefined;
    case 'relation':
      return persona === null && condition.needsViewer ? false : undefined;
  }
}

function checkPersona(name: string, persona: unknown): void {
  if (persona === null) return;
  const { roles, scopes } = (persona ?? {}) as Partial<Record<'roles' | 'scopes', unknown>>;
  if (areNames(roles) && areNames(scopes)) return;
  throw new TypeError(
    `The persona ${JSON.stringify(name)} must be null, for nobody signed in, or { roles, scopes }: two lists of names.`,
  );
}

/** What a row's own properties say of a formula, without asking a database. */
import { idText } from '../rules/owner-id.ts';
import type { Formula, Term } from './formula.ts';

export interface Known {
  readonly viewer: string | null;
  readonly tenant: string | null;
}

/**
 * Whether the row is one of them; undefined where its own properties do not decide it.
 *
 * @throws TypeError for a property that was not read, or that holds no id.
 */
export function proves(formula: Formula, row: object, known: Known): boolean | undefined {
  let isOpen = false;
  for (const terms of formula) {
    let verdict: boolean | undefined = true;
    for (const term of terms) {
      const told = holds(term, row, known);
      if (told === false) {
        verdict = false;
        break;
      }
      if (told === undefined) verdict = undefined;
    }
    if (verdict === true) return true;
    if (verdict === undefined) isOpen = true;
  }
  return isOpen ? undefined : false;
}

function holds(term: Term, row: object, { viewer, tenant }: Known): boolean | undefined {
  switch (term.kind) {
    case 'viewer': {
      const id = idText(read(row, term.property));
      return id !== null && isSame(id, viewer);
    }
    case 'tenant':
      return isSame(idText(read(row, term.property)), tenant);
    case 'state': {
      const state = read(row, term.property);
      if (state === null) return false;
      // It was not read, or the database alone can compare it with a text.
      return typeof state === 'string' ? term.values.includes(state) : undefined;
    }
    case 'listed':
      return undefined;
    case 'parent':
      return read(row, term.property) === null ? false : undefined;
  }
}

/** Undefined for two that differ in case: to the database they may be one. */
function isSame(id: string | null, wanted: string | null): boolean | undefined {
  if (id === wanted) return true;
  return id !== null && id.toLowerCase() === wanted?.toLowerCase() ? undefined : false;
}

function read(row: object, property: string): unknown {
  return (row as Record<string, unknown>)[property];
}

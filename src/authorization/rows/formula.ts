/**
 * What must be true of a row, in disjunctive normal form: all terms of one alternative. The viewer's rights are decided
 * already, so it depends on the row, the viewer's id, the tenant and the time alone. No alternative: no row. An empty
 * one: every row.
 */
import type { Grants } from '../contract/relations.ts';

export type Term =
  /** The property is the viewer's id. */
  | { readonly kind: 'viewer'; readonly property: string }
  /** The property is the viewer's tenant; NULL is the tenant of viewers who have none. */
  | { readonly kind: 'tenant'; readonly property: string }
  | { readonly kind: 'state'; readonly property: string; readonly values: readonly string[] }
  | { readonly kind: 'listed'; readonly grants: Grants }
  /** There is a row of `type` that the property names, and all terms are true of it. */
  | { readonly kind: 'parent'; readonly property: string; readonly type: string; readonly terms: readonly Term[] };

export type Terms = readonly Term[];
export type Formula = readonly Terms[];

export const everyRow: Formula = [[]];
export const noRow: Formula = [];

export function isEveryRow(formula: Formula): boolean {
  return formula.some((terms) => terms.length === 0);
}

/** Either is enough. An alternative that asks for more than another is left out. */
export function anyOf(...formulas: readonly Formula[]): Formula {
  const alternatives = formulas.flat().map((terms) => new Map(terms.map((term) => [keyOf(term), term])));
  const keys = alternatives.map((terms) => new Set(terms.keys()));
  return alternatives
    .filter((_, i) => {
      const mine = keys[i] as Set<string>;
      return !keys.some((other, j) => i !== j && other.isSubsetOf(mine) && (other.size < mine.size || j < i));
    })
    .map((terms) => [...terms.values()]);
}

/** All are needed. */
export function allOf(...formulas: readonly Formula[]): Formula {
  return formulas.reduce((left, right) => anyOf(left.flatMap((a) => right.map((b) => [...a, ...b]))), everyRow);
}

/** One alternative of the parent is one of the row: a row has one parent at most. */
export function ofParent(property: string, type: string, formula: Formula): Formula {
  return formula.map((terms) => [{ kind: 'parent', property, type, terms }]);
}

function keyOf(term: Term): string {
  return JSON.stringify(term);
}

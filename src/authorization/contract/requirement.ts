/**
 * What a coordinate of the schema requires, as an algebra.
 *
 * A requirement is in disjunctive normal form. One of its alternatives must hold, and an alternative holds when all of
 * its conditions do. `nothing` has one empty alternative, so everybody meets it. `never` has no
 * alternative, so nobody meets it.
 */

export type Condition =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scope'; readonly name: string }
  | { readonly kind: 'role'; readonly name: string }
  /** `viewerOnly`: the rule depends on the viewer alone, so one verdict serves a whole operation. */
  | { readonly kind: 'policy'; readonly name: string; readonly viewerOnly: boolean }
  /** The parent's property `field` is the viewer's id. */
  | { readonly kind: 'owner'; readonly field: string }
  /** The row of `type` that the argument at the dotted path `id` names is the viewer's. */
  | { readonly kind: 'ownerOf'; readonly type: string; readonly id: string }
  /** The row of `type` stands in the relation `name` to the viewer. `needsViewer`: it does so only to a viewer. */
  | { readonly kind: 'relation'; readonly type: string; readonly name: string; readonly needsViewer: boolean };

export type Alternative = readonly Condition[];
export type Requirement = readonly Alternative[];

export const nothing: Requirement = [[]];
export const never: Requirement = [];

/** Two conditions with one key are the same condition. */
export function keyOf(condition: Condition): string {
  switch (condition.kind) {
    case 'authenticated':
      return 'authenticated';
    case 'owner':
      return `owner ${condition.field}`;
    case 'ownerOf':
      return `ownerOf ${condition.type} ${condition.id}`;
    case 'relation':
      return `relation ${condition.type} ${condition.name}`;
    default:
      return `${condition.kind} ${condition.name}`;
  }
}

/** Either is enough. */
export function anyOf(...requirements: readonly Requirement[]): Requirement {
  return simplify(requirements.flat());
}

/** All are needed. */
export function allOf(...requirements: readonly Requirement[]): Requirement {
  return requirements.reduce((left, right) => simplify(left.flatMap((a) => right.map((b) => [...a, ...b]))), nothing);
}

/** Whether everybody meets it. */
export function isNothing(requirement: Requirement): boolean {
  return requirement.some((alternative) => alternative.length === 0);
}

/** Whether a condition depends on the viewer's rights alone: being signed in, a role, a scope. */
export function isRight({ kind }: Condition): boolean {
  return kind === 'authenticated' || kind === 'scope' || kind === 'role';
}

/** Whether a condition can be decided without a row and without arguments. */
export function isViewerOnly(condition: Condition): boolean {
  return condition.kind === 'policy' ? condition.viewerOnly : isRight(condition);
}

/**
 * The part that depends on the viewer alone. What the row or the arguments may still grant counts as granted. Only a
 * viewer can be an owner, so that much of ownership stays.
 */
export function viewerPart(requirement: Requirement): Requirement {
  return simplify(
    requirement.map((alternative) =>
      alternative.flatMap((condition): Condition[] => {
        if (isViewerOnly(condition)) return [condition];
        return needsViewer(condition) ? [{ kind: 'authenticated' }] : [];
      }),
    ),
  );
}

/**
 * What is left to decide once some conditions are known. `known` answers true or false, or undefined for a condition
 * that is still open.
 */
export function given(requirement: Requirement, known: (condition: Condition) => boolean | undefined): Requirement {
  return simplify(
    requirement
      .filter((alternative) => alternative.every((condition) => known(condition) !== false))
      .map((alternative) => alternative.filter((condition) => known(condition) !== true)),
  );
}

/** Sorts it, and drops repetitions and alternatives that ask for more than another does. */
function simplify(requirement: Requirement): Requirement {
  const alternatives = requirement.map(simplifyAlternative).map((alternative) => {
    const keys = new Set(alternative.map(keyOf));
    return { alternative, keys, implied: impliesViewer(alternative) ? new Set([...keys, 'authenticated']) : keys };
  });
  return alternatives
    .filter(
      (mine, i) =>
        !alternatives.some(
          (other, j) =>
            i !== j && other.keys.isSubsetOf(mine.implied) && (j < i || !mine.keys.isSubsetOf(other.implied)),
        ),
    )
    .map(({ alternative }) => alternative)
    .sort((a, b) => compare(a.map(keyOf).join('\n'), b.map(keyOf).join('\n')));
}

function simplifyAlternative(alternative: Alternative): Alternative {
  const unique = new Map(alternative.map((condition) => [keyOf(condition), condition]));
  if (impliesViewer(alternative)) unique.delete('authenticated');
  return [...unique].sort(([a], [b]) => compare(a, b)).map(([, condition]) => condition);
}

function impliesViewer(alternative: Alternative): boolean {
  return alternative.some((condition) => condition.kind !== 'authenticated' && needsViewer(condition));
}

/** Only a viewer has a scope, a role or a row of one's own. A policy or a row's state may hold without a viewer. */
export function needsViewer(condition: Condition): boolean {
  return condition.kind === 'relation' ? condition.needsViewer : condition.kind !== 'policy';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By schema coordinate: `Type.field`, `Type.field(argument:)`, `Input.field`, `Enum.VALUE`. */
export type Requirements = ReadonlyMap<string, Requirement>;

/** What a denial tells the client: that a thing is denied, and what would have been enough. */
import { type ASTNode, GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import { allOf, type Condition, type Requirement, viewerPart } from './requirement.ts';

/** What would have been enough: one of the roles, and every scope and policy of one inner list each. */
export interface Requires {
  scopes: string[][];
  roles: string[];
  policies: string[][];
}

/** A thing that the client asked for, and its requirement. */
export interface Want {
  /** Names a field, an argument or an input field, such as `Task.notes`. */
  readonly coordinate: string;
  readonly requirement: Requirement;
}

interface DenialOptions {
  /** What was not met: one thing, or several that one call lacks. */
  wants: readonly Want[];
  signedIn: boolean;
  viewerOnly: boolean;
  /** What a policy answered instead of `true`, if it gave a reason. */
  reason?: string | undefined;
  path: readonly (string | number)[];
  nodes: readonly ASTNode[];
}

/** The code is `UNAUTHENTICATED` when nobody is signed in, and `FORBIDDEN` when the viewer lacks something. */
export class Denial extends GraphQLError {
  readonly requires: Requires;
  /** The verdict follows from the viewer alone, not from a row or from arguments. */
  readonly viewerOnly: boolean;
  readonly #options: DenialOptions;
  /** How often it has been thrown. What follows from the viewer alone is one denial for all rows. */
  timesReported = 0;

  constructor(options: DenialOptions) {
    const { wants, signedIn, viewerOnly, reason, path, nodes } = options;
    const requires = wants.length === 1 ? requiresOfOne(wants[0] as Want, viewerOnly) : requiresOf(wants, viewerOnly);
    const needed = wants.map(
      ({ coordinate, requirement }) => `${coordinate} requires ${describeRequirement(requirement)}.`,
    );
    const message = reason || needed.join(' ');
    super(signedIn ? message : `${message} Nobody is signed in.`, {
      nodes,
      path,
      extensions: { code: signedIn ? 'FORBIDDEN' : 'UNAUTHENTICATED', requires },
    });
    this.requires = requires;
    this.viewerOnly = viewerOnly;
    this.#options = options;
  }

  /**
   * The same denial at one position: its indices replace each "@". The position may not exist, because what leads
   * there was not resolved. The path then ends at the first list.
   */
  at(position: readonly (string | number)[]): Denial {
    const { path } = this.#options;
    if (!path.includes('@')) return this;
    const known = path.map((key, i) => (key === '@' ? position[i] : key));
    const end = known.indexOf(undefined);
    return new Denial({ ...this.#options, path: (end < 0 ? known : known.slice(0, end)) as (string | number)[] });
  }
}

/** What several things require together. */
export function wantedTogether(wants: readonly Want[]): Requirement {
  const [first, ...others] = wants.map(({ requirement }) => requirement);
  return first && others.length === 0 ? first : allOf(...(first ? [first] : []), ...others);
}

/**
 * By requirement: the answer to a denial by rights. A requirement does not change, so the answer is the same each
 * time.
 */
const knownByRights = new WeakMap<Requirement, Requires>();
const knownByRow = new WeakMap<Requirement, Requires>();

function requiresOfOne(want: Want, viewerOnly: boolean): Requires {
  const known = viewerOnly ? knownByRights : knownByRow;
  let requires = known.get(want.requirement);
  if (!requires) {
    requires = requiresOf([want], viewerOnly);
    known.set(want.requirement, requires);
  }
  // These are copies, because a formatter of errors may write into them.
  const { scopes, roles, policies } = requires;
  return { scopes: scopes.map((list) => [...list]), roles: [...roles], policies: policies.map((list) => [...list]) };
}

/**
 * What would have been enough. Where rights alone were lacking: rights that at least let the row decide. Where the row
 * decided: rights that need no row of one's own, if there are any.
 */
function requiresOf(wants: readonly Want[], viewerOnly: boolean): Requires {
  const requirement = wantedTogether(wants);
  const alternatives = viewerOnly
    ? viewerPart(requirement)
    : requirement.filter(
        (alternative) => !alternative.some(({ kind }) => kind === 'owner' || kind === 'ownerOf' || kind === 'relation'),
      );
  const names = (kind: Condition['kind']) =>
    alternatives.map((alternative) =>
      alternative.flatMap((condition) => (condition.kind === kind && 'name' in condition ? [condition.name] : [])),
    );
  return {
    scopes: minimal(names('scope')),
    roles: [...new Set(names('role').flat())],
    policies: minimal(names('policy')),
  };
}

/** Drops empty lists, and lists that hold all of another list. */
function minimal(lists: string[][]): string[][] {
  const sets = lists.filter((list) => list.length > 0).map((list) => new Set(list));
  return sets
    .filter((set, i) => !sets.some((other, j) => i !== j && other.isSubsetOf(set) && (other.size < set.size || j < i)))
    .map((set) => [...set]);
}

/** The requirement in words, such as: scope `task:write` and a row of your own, or scope `task:write:any`. */
export function describeRequirement(requirement: Requirement): string {
  return requirement.map((alternative) => alternative.map(describeCondition).join(' and ') || 'nothing').join(', or ');
}

function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'authenticated':
      return 'being signed in';
    case 'owner':
      return 'a row of your own';
    case 'ownerOf':
      return `a ${condition.type} of your own`;
    case 'relation':
      return `a ${condition.type} that stands to you as \`${condition.name}\``;
    default:
      return `${condition.kind} \`${condition.name}\``;
  }
}

/** The path in response keys, with "@" for each list level. What the viewer alone decides is the same in every row. */
export function pathOfField(info: GraphQLResolveInfo): (string | number)[] {
  return responsePathAsArray(info.path).map((key) => (typeof key === 'number' ? '@' : key));
}

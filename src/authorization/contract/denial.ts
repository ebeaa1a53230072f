/** What a denial tells the client: that it was denied, and what would have been enough. */
import { type ASTNode, GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql';
import { allOf, type Condition, type Requirement, viewerPart } from './requirement.ts';

/** What would have been enough: one of the roles, and every scope and every policy of one inner list each. */
export interface Requires {
  scopes: string[][];
  roles: string[];
  policies: string[][];
}

/** What was asked for, and what it requires. */
export interface Want {
  /** A field, an argument or an input field, such as `Task.notes`. */
  readonly coordinate: string;
  readonly requirement: Requirement;
}

/** What a denial is made of. */
interface DenialOptions {
  /** What was not met: one thing, or several that the same call lacks. */
  wants: readonly Want[];
  signedIn: boolean;
  viewerOnly: boolean;
  /** What a policy answered instead of `true`, if it said anything. */
  reason?: string | undefined;
  path: readonly (string | number)[];
  nodes: readonly ASTNode[];
}

/** `UNAUTHENTICATED` when nobody is signed in, `FORBIDDEN` when the viewer lacks something. */
export class Denial extends GraphQLError {
  readonly requires: Requires;
  /** The verdict follows from the viewer alone, not from a row or from arguments. */
  readonly viewerOnly: boolean;
  readonly #options: DenialOptions;
  /** How often it has been thrown: what follows from the viewer alone is one denial for all rows. */
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
   * The same at one position: its indices in the place of each "@". Where the position does not exist, since what
   * leads there was not resolved, its path ends at the first list.
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

/** What a coordinate requires does not change, and whoever is denied it is told the same. */
const knownByRights = new WeakMap<Requirement, Requires>();
const knownByRow = new WeakMap<Requirement, Requires>();

function requiresOfOne(want: Want, viewerOnly: boolean): Requires {
  const known = viewerOnly ? knownByRights : knownByRow;
  let requires = known.get(want.requirement);
  if (!requires) {
    requires = requiresOf([want], viewerOnly);
    known.set(want.requirement, requires);
  }
  // A copy: whoever formats errors may write into it.
  const { scopes, roles, policies } = requires;
  return { scopes: scopes.map((list) => [...list]), roles: [...roles], policies: policies.map((list) => [...list]) };
}

/**
 * What would have been enough. Where rights alone were lacking, rights that at least open the question of the
 * row; where the row decided, the rights that need no row of one's own, if there are any.
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

/** Without empty lists and without lists that hold all of another. */
function minimal(lists: string[][]): string[][] {
  const sets = lists.filter((list) => list.length > 0).map((list) => new Set(list));
  return sets
    .filter((set, i) => !sets.some((other, j) => i !== j && other.isSubsetOf(set) && (other.size < set.size || j < i)))
    .map((set) => [...set]);
}

/** In words, such as: scope `task:write` and a row of your own, or scope `task:write:any`. */
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

/** The path in response keys, each list level written "@": what depends on the viewer alone is the same in every row. */
export function pathOfField(info: GraphQLResolveInfo): (string | number)[] {
  return responsePathAsArray(info.path).map((key) => (typeof key === 'number' ? '@' : key));
}

/** Reads the names in a directive's arguments, and refuses names that would guard nothing. */
import { anyOf, type Condition, never, type Requirement } from '../contract/requirement.ts';
import type { Site } from './guard-directive.ts';

/**
 * `[[A, B], [C]]` means: A and B, or C. GraphQL reads a single name as a list of it. `conditionOf` turns a name into a
 * condition, or refuses it with null.
 */
export function oneList(
  argument: string,
  value: unknown,
  site: Site,
  conditionOf: (name: string) => Condition | null,
): Requirement {
  const lists = listOf(value).map(listOf);
  if (lists.length === 0 || lists.some((inner) => inner.length === 0)) {
    site.problem(`\`${argument}\` must be a list of lists of names, none of them empty: an empty one guards nothing`);
    return never;
  }
  return anyOf(
    ...lists.map((inner): Requirement => {
      const conditions = inner.map((name) => (isName(name, argument, site) ? conditionOf(name) : null));
      return conditions.every((condition) => condition !== null) ? [conditions] : never;
    }),
  );
}

/** `[A, B]` means: A or B. */
export function oneOf(
  argument: string,
  value: unknown,
  site: Site,
  conditionOf: (name: string) => Condition | null,
): Requirement {
  const names = listOf(value);
  if (names.length === 0) {
    site.problem(`\`${argument}\` must be a list of names, and not empty: an empty one guards nothing`);
    return never;
  }
  const conditions = names.map((name) => (isName(name, argument, site) ? conditionOf(name) : null));
  return anyOf(...conditions.map((condition): Requirement => (condition ? [[condition]] : never)));
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isName(name: unknown, argument: string, site: Site): name is string {
  if (typeof name === 'string' && name.trim() !== '') return true;
  site.problem(`\`${argument}\` holds ${JSON.stringify(name)}, which is no name`);
  return false;
}

export function scopeCondition(site: Site): (name: string) => Condition | null {
  return (name) => {
    if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name) && (site.scopes?.has(name) ?? true)) return { kind: 'scope', name };
    site.problem(`there is no scope \`${name}\`${site.scopes ? `; there are ${list(site.scopes)}` : ''}`);
    return null;
  };
}

/** @param directive the name of the directive that has the argument. */
export function roleCondition(site: Site, directive: string): (name: string) => Condition | null {
  const roles = site.roles.get(directive);
  return (name) => {
    if (!roles || roles.has(name)) return { kind: 'role', name };
    site.problem(`there is no role \`${name}\`; there are ${list(roles)}`);
    return null;
  };
}

export function policyCondition(site: Site): (name: string) => Condition | null {
  return (name) => {
    const policy = site.policies.get(name);
    if (policy) return { kind: 'policy', name, viewerOnly: policy.viewerOnly };
    site.problem(`no policy \`${name}\` is registered; registered are ${list(site.policies.keys())}`);
    return null;
  };
}

/** What `orRoles` and `orScopes` of a directive allow beside ownership. */
export function orRights(args: Readonly<Record<string, unknown>>, site: Site, directive: string): Requirement {
  return anyOf(
    args.orRoles == null ? never : oneOf('orRoles', args.orRoles, site, roleCondition(site, directive)),
    args.orScopes == null ? never : oneList('orScopes', args.orScopes, site, scopeCondition(site)),
  );
}

function list(names: Iterable<string>): string {
  return [...names].map((name) => `\`${name}\``).join(', ') || 'none';
}

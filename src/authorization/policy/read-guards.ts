/** Reads the guard directives on one element of the schema, and refuses those that cannot hold. */
import {
  type ConstDirectiveNode,
  type DirectiveDefinitionNode,
  type GraphQLDirective,
  parse,
  print,
  specifiedDirectives,
} from 'graphql';
import { allOf, type Requirement } from '../contract/requirement.ts';
import { guardDirectives } from '../vocabulary/directives.ts';
import type { GuardDirective, Location, Site } from '../vocabulary/guard-directive.ts';
import { argumentsOf, locationOf } from '../vocabulary/site.ts';

/** What the guards of one element require together; null if it carries none. */
export interface Guards {
  readonly requirement: Requirement;
  readonly isPublic: boolean;
  readonly written: readonly WrittenGuard[];
}

/** One guard directive, as it stands in the schema. */
export interface WrittenGuard {
  /** Such as `@owner(field: "id")`. */
  readonly directive: string;
  /** File and line, if the schema has them. */
  readonly location: string | null;
  readonly requirement: Requirement;
}

/** An element of the schema that can carry directives, with its syntax nodes: its definition and extensions. */
export interface Element {
  readonly location: Location | 'UNION' | 'INPUT_OBJECT' | 'ENUM_VALUE' | 'SCHEMA';
  readonly nodes: readonly ({ readonly directives?: readonly ConstDirectiveNode[] } | null | undefined)[];
}

const known = new Map(
  guardDirectives.map((directive) => {
    const definition = parse(directive.sdl).definitions[0] as DirectiveDefinitionNode;
    const defaults = new Map(
      definition.arguments?.map(({ name, defaultValue }) => [name.value, defaultValue && print(defaultValue)]),
    );
    return [directive.name, { directive, argumentNames: new Set(defaults.keys()), defaults }];
  }),
);
const lowerCaseNames = new Map([...known.keys()].map((name) => [name.toLowerCase(), name]));
const specified = new Set(specifiedDirectives.map(({ name }) => name));

export function readGuards(element: Element, site: Site): Guards | null {
  const found = new Map<GuardDirective, WrittenGuard>();
  const ofRows = new Set<GuardDirective>();
  for (const node of element.nodes.flatMap((node) => node?.directives ?? [])) {
    const guard = recognise(node, site);
    if (!guard) continue;
    const { directive, argumentNames } = guard;
    if (found.has(directive) || ofRows.has(directive)) {
      site.problem(`@${directive.name} stands here twice; it is not repeatable`);
    } else if (!directive.locations.includes(element.location as Location)) {
      site.problem(`@${directive.name} cannot take effect here; it can stand on ${directive.locations.join(', ')}`);
    } else {
      for (const { name } of node.arguments ?? []) {
        if (!argumentNames.has(name.value)) site.problem(`@${directive.name} has no argument \`${name.value}\``);
      }
      if (directive.decides === 'rows') {
        ofRows.add(directive);
        continue;
      }
      const requirement = directive.require(argumentsOf(node), site);
      found.set(directive, { directive: print(node), location: locationOf([node]), requirement });
    }
  }
  if (found.size === 0) return null;
  const isPublic = [...found.keys()].some(({ name }) => name === 'public');
  if (isPublic && found.size > 1) site.problem('@public cannot take effect beside another guard');
  const written = [...found.values()];
  return { requirement: allOf(...written.map(({ requirement }) => requirement)), isPublic, written };
}

function recognise(node: ConstDirectiveNode, site: Site) {
  const name = node.name.value;
  const guard = known.get(name);
  if (guard) return guard;
  const meant = lowerCaseNames.get(name.replace(/^.*__/, '').toLowerCase());
  if (meant) {
    site.problem(`@${name} is no guard, though it looks like one: write @${meant}`);
  } else if (!specified.has(name) && !site.schema.getDirective(name)) {
    site.problem(`@${name} is not defined: if it is meant as a guard, it is misspelt`);
  }
  return null;
}

/**
 * A guard means what it is defined as here. A schema that defines it in another way would promise something else.
 *
 * @returns why to refuse it; null for what is no guard, or is the same.
 */
export function redefinition({ name, args, isRepeatable }: GraphQLDirective): string | null {
  const guard = known.get(name);
  if (!guard) return null;
  if (isRepeatable)
    return 'the guard is defined as repeatable, which it is not; `directiveTypeDefs` has its definition';
  const { defaults } = guard;
  const other = args.find(({ name: arg, astNode }) => {
    const written = astNode?.defaultValue && print(astNode.defaultValue);
    return !defaults.has(arg) || (astNode && written !== defaults.get(arg));
  });
  return other
    ? `the guard is defined with another \`${other.name}\` than it has; \`directiveTypeDefs\` has its definition`
    : null;
}

/**
 * A federation link can import guards under another name, and they would be ignored (CVE-2025-64347). A link is
 * recognized by its arguments, because it can be renamed itself.
 *
 * @returns the reasons to refuse.
 */
export function renamedGuards(nodes: Element['nodes']): string[] {
  return nodes
    .flatMap((node) => node?.directives ?? [])
    .flatMap((link) => {
      const { url, as, import: imports } = argumentsOf(link);
      if (typeof url !== 'string') return [];
      const specification = /\/(\w+)\/v\d+\.\d+\/?$/.exec(url)?.[1] ?? '';
      const renamed = [imports].flat().flatMap((imported) => {
        const { name, as: alias } = (imported ?? {}) as { name?: unknown; as?: unknown };
        const isGuard = typeof name === 'string' && name.startsWith('@') && known.has(name.slice(1));
        return isGuard && alias !== undefined && alias !== name ? [`${name} as ${String(alias)}`] : [];
      });
      if (known.has(specification) && as !== undefined && as !== specification)
        renamed.push(`@${specification} as @${String(as)}`);
      return renamed.map((each) => `@${link.name.value} imports ${each}: a guard keeps its name`);
    });
}

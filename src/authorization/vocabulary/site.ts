/** Makes the sites that directives are read at: what is known there, and where problems are collected. */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  valueFromASTUntyped,
} from 'graphql';
import type { GuardProblem } from '../contract/guard-error.ts';
import type { GuardOptions } from '../contract/options.ts';
import type { Site } from './guard-directive.ts';
import { inspectPolicy } from './policy.ts';

/** The syntax nodes of an element of the schema. An element that was made in code has none. */
export type Nodes = readonly (ASTNode | null | undefined)[];

export function nodesOf(type: GraphQLNamedType): Nodes {
  return [type.astNode, ...type.extensionASTNodes];
}

export type SiteOf = (
  coordinate: string,
  nodes: Nodes,
  more?: { field?: GraphQLField<unknown, unknown>; isRoot?: boolean },
) => Site;

/** @param problems collects what the sites refuse, and the policies that cannot be used. */
export function siteFactory<Context>(
  schema: GraphQLSchema,
  options: GuardOptions<Context>,
  problems: GuardProblem[],
): SiteOf {
  const policies = new Map<string, { viewerOnly: boolean }>();
  for (const [name, rule] of Object.entries(options.policies ?? {})) {
    const inspected = inspectPolicy(rule);
    if (typeof inspected === 'string') {
      problems.push({ coordinate: `policy ${name}`, reason: inspected, location: null });
    }
    policies.set(name, typeof inspected === 'string' ? { viewerOnly: false } : inspected);
  }
  const shared = {
    schema,
    roles: rolesOf(schema),
    scopes: options.scopes ? new Set(options.scopes) : null,
    policies,
    owners: new Set(Object.keys(options.owners ?? {})),
    rows: new Map(Object.entries(options.rows?.of ?? {})),
  };
  return (coordinate, nodes, { field = null, isRoot = false } = {}) => ({
    ...shared,
    holder: coordinate.split('.')[0] ?? '',
    field,
    isRoot,
    problem: (reason) => problems.push({ coordinate, reason, location: locationOf(nodes) }),
  });
}

/** By directive: the argument that names roles. */
const roleArguments: Readonly<Record<string, string>> = {
  requiresRole: 'roles',
  owner: 'orRoles',
  ownerOf: 'orRoles',
  visibleTo: 'orRoles',
  requiresRelation: 'orRoles',
  settableBy: 'roles',
};

/**
 * By directive: the values of the enum that it takes roles from, whatever the enum's name. A directive that is missing
 * here takes any name.
 */
function rolesOf(schema: GraphQLSchema): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(roleArguments).flatMap(([directive, argument]) => {
      const taken = schema.getDirective(directive)?.args.find(({ name }) => name === argument)?.type;
      // A schema that was built without checks may lack the definitions.
      const type = taken ? getNamedType(taken) : schema.getType('Role');
      return isEnumType(type) ? [[directive, new Set(type.getValues().map(({ name }) => name))] as const] : [];
    }),
  );
}

/** File and line of the first node that has them. */
export function locationOf(nodes: Nodes): string | null {
  const node = nodes.find((candidate) => candidate?.loc);
  // This takes the line of the name, because a description may stand many lines above it.
  const loc = node && 'name' in node && node.name?.loc ? node.name.loc : node?.loc;
  return loc ? `${loc.source.name}:${loc.startToken.line}` : null;
}

/** The arguments of the directive on one of these nodes; undefined if none has it. */
export function argumentsOfDirective(name: string, nodes: Nodes): Record<string, unknown> | undefined {
  for (const node of nodes) {
    const directives =
      node && 'directives' in node ? (node.directives as readonly ConstDirectiveNode[] | undefined) : [];
    const found = directives?.find((directive) => directive.name.value === name);
    if (found) return argumentsOf(found);
  }
}

export function argumentsOf(node: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries((node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
}

/**
 * The schema as a subgraph of Apollo Federation, with every description and guard.
 *
 * Federation's composition admits no access control on interfaces, and derives it from the types that implement
 * them. So what an interface requires is written on those types instead, which is what it means here as well.
 * Source: Apollo Federation, subgraph specification; GHSA-mx7m-j9xf-62hw.
 */
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parseConstValue,
  print,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import { readTypeDefs } from './type-defs.ts';

const link = `extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.6"
    import: ["@authenticated", "@requiresScopes", "@policy", "Scope", "Policy"]
  )
`;

/** One SDL document. `typeDefs`: the contents of schema/, if left out. */
export function printSubgraph(typeDefs: DocumentNode = readTypeDefs()): string {
  const document = getDocumentNodeFromSchema(buildASTSchema(typeDefs));
  const interfaces = new Map<string, InterfaceTypeDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) interfaces.set(definition.name.value, definition);
  }
  const subgraph = visit(document, {
    ObjectTypeDefinition: (node) => withInherited(node, implementedBy(node, interfaces)),
    InterfaceTypeDefinition: (node) => ({
      ...node,
      directives: others(node.directives),
      fields: (node.fields ?? []).map((field) => ({ ...field, directives: others(field.directives) })),
    }),
  });
  return `${link}\n${print(subgraph)}\n`;
}

function implementedBy(
  node: ObjectTypeDefinitionNode,
  interfaces: ReadonlyMap<string, InterfaceTypeDefinitionNode>,
): InterfaceTypeDefinitionNode[] {
  return (node.interfaces ?? []).flatMap(({ name }) => interfaces.get(name.value) ?? []);
}

function withInherited(
  node: ObjectTypeDefinitionNode,
  implemented: readonly InterfaceTypeDefinitionNode[],
): ObjectTypeDefinitionNode {
  const inheritedBy = (field: FieldDefinitionNode) =>
    implemented.flatMap(({ fields = [] }) => fields.filter(({ name }) => name.value === field.name.value));
  return {
    ...node,
    directives: joined([node, ...implemented]),
    fields: (node.fields ?? []).map((field) => ({ ...field, directives: joined([field, ...inheritedBy(field)]) })),
  };
}

type Guarded = { readonly directives?: readonly ConstDirectiveNode[] | undefined };

/** The directives of the first, with the access control of all: every one must pass. */
function joined(guarded: readonly Guarded[]): ConstDirectiveNode[] {
  const found = (name: string) =>
    guarded.flatMap(({ directives = [] }) => directives.filter((directive) => directive.name.value === name));
  return [
    ...others(guarded[0]?.directives),
    ...found('authenticated').slice(0, 1),
    ...joinedLists(found('requiresScopes'), 'scopes'),
    ...joinedLists(found('policy'), 'policies'),
  ];
}

/** An AND of several ORs of ANDs, as one OR of ANDs. */
function joinedLists(directives: readonly ConstDirectiveNode[], argument: string): ConstDirectiveNode[] {
  const [first] = directives;
  if (!first || directives.length === 1) return first ? [first] : [];
  const lists = directives
    .map(({ arguments: [given] = [] }) => (given ? (valueFromASTUntyped(given.value) as string[][]) : []))
    .reduce((left, right) => left.flatMap((one) => right.map((other) => [...new Set([...one, ...other])])));
  const value = parseConstValue(JSON.stringify(lists));
  return [{ ...first, arguments: [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: argument }, value }] }];
}

function others(directives: readonly ConstDirectiveNode[] = []): ConstDirectiveNode[] {
  return directives.filter(({ name }) => !['authenticated', 'requiresScopes', 'policy'].includes(name.value));
}

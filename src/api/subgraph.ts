/**
 * Prints the schema as a subgraph of Apollo Federation, with every description. The SDL is valid by itself, so other
 * tools can read it as well.
 *
 * Federation allows no access control on interfaces, and derives it from the types that implement them. So the
 * requirements of an interface are printed on those types; that means the same here. Sources: Apollo Federation,
 * subgraph specification; GHSA-mx7m-j9xf-62hw.
 */
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  parseConstValue,
  print,
  type SchemaDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import { describeRequirements, type Requirements } from '../authorization/guard.ts';
import { guardDirectives } from '../authorization/vocabulary/directives.ts';
import { readTypeDefs } from './type-defs.ts';

export interface SubgraphOptions {
  /** Default: the contents of schema/. */
  readonly typeDefs?: DocumentNode;
  /** The requirements of the guard. With them, each description ends with what its coordinate requires. */
  readonly requirements?: Requirements;
  /**
   * False prints no guards, for gateways that refuse directives which they do not enforce. The server still enforces
   * them.
   */
  readonly guards?: boolean;
  /**
   * False leaves out `node` and `nodes`. Composition refuses to share them with a service that uses them for other
   * types, because a gateway could ask either service.
   */
  readonly node?: boolean;
}

/** One SDL document. */
export function printSubgraph(options: SubgraphOptions = {}): string {
  const { typeDefs = readTypeDefs(), requirements = new Map(), guards = true, node = true } = options;
  const schema = buildASTSchema(typeDefs);
  describeRequirements(schema, requirements);
  const document = getDocumentNodeFromSchema(schema);
  const guarded = guards ? withoutInterfaceGuards(document) : withoutGuards(document);
  return `${print(asSubgraph(node ? guarded : withoutNode(guarded), guards))}\n`;
}

/** Composition requires these definitions exactly as federation writes them. */
const federationDefinitions = parse(`
  directive @link(url: String!, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  scalar link__Import
  enum link__Purpose { SECURITY EXECUTION }
  directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
  directive @shareable repeatable on OBJECT | FIELD_DEFINITION
  scalar FieldSet
`).definitions;

/** Imports the directives that federation knows; with guards, its access control too. */
function linkOf(guards: boolean): readonly ConstDirectiveNode[] {
  const imports = ['@key', '@shareable', 'FieldSet'];
  if (guards) imports.push('@authenticated', '@requiresScopes', '@policy', 'Scope', 'Policy');
  return directivesOf(`@link(url: "https://specs.apollo.dev/federation/v2.6", import: ${JSON.stringify(imports)})`);
}

function directivesOf(text: string): readonly ConstDirectiveNode[] {
  const [schema] = parse(`schema ${text} { query: Query }`, { noLocation: true }).definitions as SchemaDefinitionNode[];
  return schema?.directives ?? [];
}

const shareable = directivesOf('@shareable');
const keys = { node: directivesOf('@key(fields: "id")'), other: directivesOf('@key(fields: "id", resolvable: false)') };

function isNodeField(type: ObjectTypeDefinitionNode, { name }: FieldDefinitionNode): boolean {
  return type.name.value === 'Query' && (name.value === 'node' || name.value === 'nodes');
}

function withoutNode(document: DocumentNode): DocumentNode {
  return visit(document, {
    ObjectTypeDefinition: (type) => ({
      ...type,
      fields: (type.fields ?? []).filter((field) => !isNodeField(type, field)),
    }),
  });
}

function asSubgraph(document: DocumentNode, guards: boolean): DocumentNode {
  const subgraph: DocumentNode = visit(document, {
    SchemaDefinition: (node) => ({ ...node, directives: linkOf(guards) }),
    // Shareable: what every service with Relay connections and global ids also has.
    ObjectTypeDefinition: (type) => ({
      ...adding(type, type.name.value === 'PageInfo' ? shareable : keyOf(type)),
      fields: (type.fields ?? []).map((field) => (isNodeField(type, field) ? adding(field, shareable) : field)),
    }),
  });
  return { ...subgraph, definitions: [...subgraph.definitions, ...federationDefinitions] };
}

/** A Node has the key `id`. Another type with an id is only reached through other types; its key is not resolvable. */
function keyOf({ fields = [], interfaces = [] }: ObjectTypeDefinitionNode): readonly ConstDirectiveNode[] {
  if (!fields.some(({ name, type }) => name.value === 'id' && print(type) === 'ID!')) return [];
  return interfaces.some(({ name }) => name.value === 'Node') ? keys.node : keys.other;
}

function adding<Node extends Guarded>(node: Node, directives: readonly ConstDirectiveNode[]): Node {
  return { ...node, directives: [...directives, ...(node.directives ?? [])] };
}

const guardNames: ReadonlySet<string> = new Set(guardDirectives.map(({ name }) => name));

/** Also leaves out the types that only guards use. */
function withoutGuards(document: DocumentNode): DocumentNode {
  const isGuard = ({ name }: { name: { value: string } }) => guardNames.has(name.value);
  const bare: DocumentNode = visit(document, {
    Directive: (node) => (isGuard(node) ? null : undefined),
    DirectiveDefinition: (node) => (isGuard(node) ? null : undefined),
  });
  const named = new Set<string>();
  visit(bare, { NamedType: ({ name }) => void named.add(name.value) });
  const isOfGuards = (definition: DefinitionNode) =>
    'name' in definition && /^(Role|Scope|Policy|Relation)$/.test(definition.name?.value ?? '');
  const definitions = bare.definitions.filter(
    (definition) => !isOfGuards(definition) || ('name' in definition && named.has(definition.name?.value ?? '')),
  );
  return { ...bare, definitions };
}

function withoutInterfaceGuards(document: DocumentNode): DocumentNode {
  const interfaces = new Map<string, InterfaceTypeDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) interfaces.set(definition.name.value, definition);
  }
  return visit(document, {
    ObjectTypeDefinition: (node) => withInherited(node, implementedBy(node, interfaces)),
    InterfaceTypeDefinition: (node) => ({
      ...node,
      directives: others(node.directives),
      fields: (node.fields ?? []).map((field) => ({ ...field, directives: others(field.directives) })),
    }),
  });
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

/** The directives of the first element, with the access control of all elements: every one must pass. */
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

/** Joins an AND of several ORs of ANDs into one OR of ANDs. */
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

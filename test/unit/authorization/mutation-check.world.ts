/** The server's schema and its guards, with rows in memory. */
import {
  buildASTSchema,
  concatAST,
  type DocumentNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { nouns } from '../../../src/api/nouns.ts';
import { rowsOf } from '../../../src/api/schema.ts';
import { isRootType } from '../../../src/authorization/contract/root-types.ts';
import { createGuard, type Guard, type GuardViewer, rule } from '../../../src/authorization/guard.ts';
import { allScopes } from '../../../src/users/scopes.ts';
import { tables } from '../../nouns/tables.ts';

export interface Context {
  viewer: GuardViewer | null;
}

/** Every type that a value can have or be returned as, without the root types. */
export function typesReached(schema: GraphQLSchema): (GraphQLObjectType | GraphQLInterfaceType)[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter((type) => !isIntrospectionType(type) && !isRootType(schema, type));
}

/** @throws GuardError as the server does. */
export function guardOfRows(typeDefs: DocumentNode): Guard {
  const build = (document: DocumentNode) => buildASTSchema(document, { assumeValidSDL: true });
  const schema = build(concatAST([typeDefs, waysIn(build(typeDefs))]));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      field.resolve = (parent, args) => madeUp(field.type, args.id ?? parent?.rowId, schema);
    }
  }
  return createGuard<Context>(schema, {
    viewer: ({ viewer }) => viewer,
    scopes: allScopes,
    // Rows are made up: no guard is decided by whether their viewer sees them.
    rows: { of: rowsOf, ask: async () => [], unproved: 'report' },
    owners: Object.fromEntries(ownedTypes.map((name) => [name, async (ids) => ids.map(holderOf)])),
    policies: Object.fromEntries(policies.map(([name, allows]) => [name, policyOf(allows)])),
  });
}

const ownedTypes = nouns.filter(({ owners }) => owners).map(({ name }) => name);
const policies = tables.flatMap((table) => Object.entries(table.policies ?? {}));

function policyOf(allows: (typeof policies)[number][1]) {
  return rule()((parent, args, { viewer }: Context) => allows(parent, args, (id) => holderOf(id) === viewer?.id));
}

/** Of a row's id, such as `task_ada`. */
function holderOf(id: string): string {
  return id.replace(/^.*_/, '');
}

/** The type of what `node` finds by an id; any, without one. */
function typeOf(rowId: string | undefined): string | undefined {
  const found = nouns.filter(({ find }) => find);
  return (found.find(({ idPrefix }) => idPrefix === rowId?.split('_')[0]) ?? found[0])?.name;
}

/** Keeps the id that a row was asked for by, so that rows below it have the same owner. */
function madeUp(type: GraphQLOutputType, rowId: string | undefined, schema: GraphQLSchema): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [madeUp(nullable.ofType, rowId, schema)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.value;
  if (!isCompositeType(nullable)) return 1;
  const holder = rowId === undefined ? 'ada' : holderOf(rowId);
  const found = isAbstractType(nullable) ? typeOf(rowId) : nullable.name;
  return { __typename: found, rowId, id: holder, ownerId: holder, userId: holder, subjectId: holder };
}

/** Fields without demands that lead to each type, such as `reachTask(id:)`. */
function waysIn(schema: GraphQLSchema): DocumentNode {
  const fields = typesReached(schema).map(({ name }) => `reach${name}(id: ID!): ${name} @public`);
  return parse(`extend type Query { ${fields.join('\n')} }`);
}

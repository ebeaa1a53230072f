/** The server's schema and its guards, over rows in memory. */
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
import { isRootType } from '../../../src/authorization/contract/root-types.ts';
import { createGuard, type Guard, type GuardViewer, rule } from '../../../src/authorization/guard.ts';
import { allScopes } from '../../../src/users/scopes.ts';

export interface Context {
  viewer: GuardViewer | null;
}

/** Every type that a value can be of, or be returned as; but the root types. */
export function typesReached(schema: GraphQLSchema): (GraphQLObjectType | GraphQLInterfaceType)[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) || isInterfaceType(type))
    .filter((type) => !isIntrospectionType(type) && !isRootType(schema, type));
}

/** @throws GuardError as the server would. */
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
    owners: {
      Task: async (ids) => ids.map(holderOf),
      User: async (ids) => ids.map(holderOf),
      Session: async (ids) => ids.map(holderOf),
    },
    policies: { ownsTask: rule()((_parent, { input }, { viewer }) => holderOf(input.id) === viewer?.id) },
  });
}

/** Of a row's id, such as `task_ada`. */
function holderOf(id: string): string {
  return id.replace(/^.*_/, '');
}

const nodeTypes: Readonly<Record<string, string>> = { user: 'User', session: 'Session' };

/** A row knows what it was asked for by, so that what it leads to belongs to the same person. */
function madeUp(type: GraphQLOutputType, rowId: string | undefined, schema: GraphQLSchema): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [madeUp(nullable.ofType, rowId, schema)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.value;
  if (!isCompositeType(nullable)) return 1;
  const holder = holderOf(rowId ?? 'task_ada');
  const found = isAbstractType(nullable) ? (nodeTypes[rowId?.split('_')[0] ?? ''] ?? 'Task') : nullable.name;
  return { __typename: found, rowId, id: holder, ownerId: holder, userId: holder, subjectId: holder };
}

/** Fields that lead to each type and ask for nothing themselves, such as `reachTask(id:)`. */
function waysIn(schema: GraphQLSchema): DocumentNode {
  const fields = typesReached(schema).map(({ name }) => `reach${name}(id: ID!): ${name} @public`);
  return parse(`extend type Query { ${fields.join('\n')} }`);
}

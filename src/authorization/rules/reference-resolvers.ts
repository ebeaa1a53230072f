/**
 * Reference resolvers find the row that a representation in `_entities` names. Without one, a library takes the
 * representation for the row.
 */
import type { GraphQLInterfaceType, GraphQLObjectType } from 'graphql';

/** Whether the type has one, in the place that @apollo/subgraph or graphql-tools use. */
export function hasReferenceResolver(type: GraphQLObjectType | GraphQLInterfaceType): boolean {
  const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: unknown } } };
  const { resolveReference } = type as { resolveReference?: unknown };
  return typeof (apollo?.subgraph?.resolveReference ?? resolveReference) === 'function';
}

/** Advice for error messages. */
export const referenceResolverAdvice = 'add a `__resolveReference` that returns the row, with its owner';

const representations = new WeakSet<object>();

/** Marks what a library is handed instead of the representation that a client wrote. */
export function markRepresentation<Representation extends object>(representation: Representation): Representation {
  representations.add(representation);
  return representation;
}

/** Whether the value in the place of a row is a representation that was handed to a library. */
export function isRepresentation(row: unknown): boolean {
  return typeof row === 'object' && row !== null && representations.has(row);
}

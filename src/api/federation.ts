/**
 * What a gateway asks of a subgraph when FEDERATION is on: its SDL, and its objects by type and id. Objects are found
 * as `node` finds them, so a caller without a gateway gets nothing more.
 *
 * Source: Apollo Federation, subgraph specification.
 */
import { GraphQLError, GraphQLScalarType, parse, Source, valueFromASTUntyped } from 'graphql';
import type { GraphQLContext } from '../graphql/context.ts';
import type { NodeRow } from '../graphql/noun.ts';
import { findEntities, nodeTypenames, typenameOf } from './node.resolvers.ts';

/** A type and the fields of one of its keys. */
export interface Representation {
  readonly __typename: string;
  readonly id?: unknown;
}

export const federationTypeDefs = parse(
  new Source(
    `
"""
A type and the fields of its key, such as \`{"__typename": "Task", "id": "task_01h455vb4pex5vsknk084sn02q"}\`.
"""
scalar _Any

"""
What can be asked for by its type and its key.
"""
union _Entity = ${nodeTypenames.join(' | ')}

"""
The fields that a key is made of.
"""
scalar FieldSet

"""
By these fields an object is found.
"""
directive @key(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE

${nodeTypenames.map((name) => `extend type ${name} @key(fields: "id")`).join('\n')}

"""
The subgraph, as composition reads it.
"""
type _Service @public {
  """
  The whole schema as SDL.
  """
  sdl: String!
}

extend type Query {
  """
  What a gateway composes.
  """
  _service: _Service! @public

  """
  Objects by their types and keys, in the order asked for; null in the place of each that does not exist or is not
  yours to see, alike.
  """
  _entities(
    """
    What to find.
    """
    representations: [_Any!]!
  ): [_Entity]! @authenticated
}
`,
    'src/api/federation.ts',
  ),
);

/** @param sdl the SDL of the subgraph. */
export function federationResolvers(sdl: () => string) {
  return {
    _Any: new GraphQLScalarType({
      name: '_Any',
      parseValue: toRepresentation,
      parseLiteral: (node, variables) => toRepresentation(valueFromASTUntyped(node, variables)),
    }),
    _Entity: { __resolveType: (row: NodeRow) => typenameOf(row) },
    Query: {
      _service: () => ({ sdl: sdl() }),
      _entities: (_parent: unknown, args: { representations: readonly Representation[] }, context: GraphQLContext) =>
        findEntities(args.representations, context),
    },
  };
}

function toRepresentation(value: unknown): Representation {
  const { __typename } = (value ?? {}) as Partial<Representation>;
  if ((nodeTypenames as readonly unknown[]).includes(__typename)) return value as Representation;
  throw new GraphQLError(
    `A representation is an object with a \`__typename\` that can be asked for: ${nodeTypenames.join(', ')}.`,
    { extensions: { code: 'BAD_USER_INPUT' } },
  );
}

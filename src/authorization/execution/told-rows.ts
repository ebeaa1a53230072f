/** Faults of resolvers whose message graphql-js makes of the row. A row holds what its guards would have kept. */
import { GraphQLError } from 'graphql';
import { maskedFault } from '../deciding/decider.ts';

const tellsRow = [
  /^Abstract type "\w+" .* with value .*, received /s,
  /^Expected value of type "\w+" but got: /,
  /^\w+ cannot represent .*value: [{[]/,
];

/** The error; in the place of one that tells a row, a masked fault. The message is then for the log alone. */
export function withoutRow(error: GraphQLError): GraphQLError {
  const { message, nodes, path, originalError } = error;
  if (!path || !tellsRow.some((pattern) => pattern.test(message))) return error;
  const masked = maskedFault(originalError ?? error);
  return new GraphQLError(masked.message, {
    nodes,
    path,
    originalError: masked.originalError,
    extensions: masked.extensions,
  });
}

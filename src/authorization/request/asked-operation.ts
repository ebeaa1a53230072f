/** Which operation of a document is asked for. */
import { type ExecutionArgs, Kind, type OperationDefinitionNode } from 'graphql';

/**
 * The operation that graphql-js's `execute` would run: of several with one name, the last. Its `getOperationAST` takes the
 * first, so a guard that asked that one would decide another operation than the one that runs.
 *
 * @returns null where `execute` refuses: no such operation, or no name and several to choose from.
 */
export function askedOperation({
  document,
  operationName,
}: Pick<ExecutionArgs, 'document' | 'operationName'>): OperationDefinitionNode | null {
  let asked: OperationDefinitionNode | null = null;
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const isNamed = operationName !== undefined && operationName !== null;
    if (isNamed && definition.name?.value !== operationName) continue;
    if (!isNamed && asked) return null;
    asked = definition;
  }
  return asked;
}

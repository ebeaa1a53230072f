/** Finds the operation of a document that the client asks for, and the fragments. */
import {
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';

/**
 * The operation that graphql-js's `execute` would run: of several with one name, the last. Its `getOperationAST` takes
 * the first. A guard that used it would decide another operation than the one that runs.
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

/** By name, as in graphql-js: the last of several with one name. No other name is known, not even `toString`. */
export function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

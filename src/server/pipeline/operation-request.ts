import type { DocumentNode, OperationDefinitionNode } from 'graphql';

/** One operation of a valid document. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The name that the client sent. */
  readonly operationName: string | undefined;
  /** The raw ones. */
  readonly variables: Record<string, unknown> | undefined;
}

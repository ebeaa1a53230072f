import type { DocumentNode, OperationDefinitionNode } from 'graphql';

/** One operation of a document that is valid. */
export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client names it. */
  readonly operationName: string | undefined;
  /** The raw ones. */
  readonly variables: Record<string, unknown> | undefined;
}

/**
 * A page of rows, as resolvers return it. Source: Relay Cursor Connections. `totalCount` is counted only when an
 * operation asks for it.
 */
export interface Connection<Row> {
  edges: { node: Row; cursor: string }[];
  nodes: Row[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  totalCount: () => Promise<number>;
}

/** How rows stand to a viewer: relations, registered once for each type. There is no negation, and NULL equals nothing. */

/** A relation is read from a column of the row, from a list of grants, or from the row's state. */
export type RelationSource =
  | { readonly kind: 'viewer'; readonly property: string }
  | ({ readonly kind: 'listed' } & Grants)
  | { readonly kind: 'state'; readonly property: string; readonly values: readonly string[] };

/** A table in which each record grants a viewer something on a row. */
export interface Grants {
  readonly table: string;
  /** The column that names the row. */
  readonly row: string;
  /** The column that names the viewer. */
  readonly viewer: string;
  /** By column, the values that count; each column must have one of its values. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
  /** The column that says until when the grant holds: up to that instant and not at it. NULL: for good. */
  readonly until?: string;
}

export interface Parent {
  readonly type: string;
  /** The property of the row that holds the parent's id. NULL: it has no parent. */
  readonly property: string;
}

/** The rows of one type. Names of tables and columns are names in the code: they are quoted, never interpreted. */
export interface RowsOf {
  readonly table: string;
  /** The property that identifies a row; `id`, if left out. Its column has the same name, unless `columns` says another. */
  readonly id?: string;
  /** By property of a row: its column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly parents?: Readonly<Record<string, Parent>>;
  readonly relations: Readonly<Record<string, RelationSource>>;
}

/** The row's property is the viewer's id. */
export function viewerIs(property: string): RelationSource {
  return { kind: 'viewer', property };
}

/** A list of grants names the row and the viewer. */
export function listedIn(grants: Grants): RelationSource {
  return { kind: 'listed', ...grants };
}

/** The row's property has one of these values, whoever the viewer is. */
export function has(property: string, values: readonly string[]): RelationSource {
  return { kind: 'state', property, values };
}

export function parent(type: string, property: string): Parent {
  return { type, property };
}

/** What `createGuard` is told about the server that it guards. */
import type { GraphQLResolveInfo } from 'graphql';
import type { ShieldRule } from '../rules/shield.ts';
import type { CompiledLimits } from './compile-limits.ts';
import type { Denial } from './denial.ts';
import type { RowsOf } from './relations.ts';
import type { Requirement } from './requirement.ts';

/** Who is asking, as far as authorization is concerned. */
export interface GuardViewer {
  readonly id: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** The tenant that the viewer acts in, as rows with `@tenant` name it; null or left out: none. */
  readonly tenant?: string | null;
  /** When the viewer's token expires. A subscription ends then; queries and mutations do not look at it. */
  readonly expiresAt?: Date;
  /** Aborts when the viewer's session ends, and with it a subscription; queries and mutations do not look at it. */
  readonly ended?: AbortSignal;
}

/** A viewer whose id is a whole number: it stands for its text, as numbers in rows do. */
export type NumberedViewer = Omit<GuardViewer, 'id'> & { readonly id: number | bigint };

/**
 * What happens to a field that is denied. `filter`: it is null, with an error; its siblings are served.
 * `reject`: the whole operation is refused. `report`: it is served, and `onDenial` is told.
 */
export type DenialMode = 'filter' | 'reject' | 'report';

/**
 * How often a denial that depends on the viewer alone is reported. `once`: for a selected field, with "@" in its path for
 * each list level. `each`: at every position, by its index.
 */
export type DenialErrors = 'once' | 'each';

/**
 * What `guard.execute` answers to `__schema` and `__type`. `full`: the schema. `visible`: as much of it as the viewer
 * could reach, by the viewer's rights alone.
 */
export type IntrospectionMode = 'full' | 'visible';

/** What a look-up knows of one row's owner. A whole number stands for its text. */
export type OwnerId = string | number | bigint | null | undefined;

export interface GuardOptions<Context> {
  /**
   * Who is asking; null when nobody is signed in. Answers at once; anything else than these two is a fault. Of a
   * subscription it is asked anew for each event.
   */
  viewer(context: Context): GuardViewer | NumberedViewer | null;
  /** The rules that `@policy` and `@settableBy(policies:)` name. */
  policies?: Readonly<Record<string, ShieldRule<Context>>>;
  /**
   * By type: who owns the rows with these ids, in the order asked for; null or undefined for a row that does not
   * exist. Ids are what clients send, so they can be malformed: that is a row that does not exist.
   */
  owners?: Readonly<Record<string, (ids: readonly string[], context: Context) => Promise<readonly OwnerId[]>>>;
  /**
   * What filters and orders read: by an argument (`Query.tasks(search:)`), an input field (`TaskFilter.text`) or an
   * enum value as it is used in input (`TaskOrderField.DUE_AT`), the output fields (`Task.title`). Supplying it
   * needs what the viewer alone can meet of their guards. What a row would grant, such as being its owner, does
   * not count: the guard refuses to start where nothing else opens a field.
   */
  reads?: Readonly<Record<string, readonly string[]>>;
  /**
   * Guards of what has no SDL of yours, such as what a federation library adds: by coordinate (`_Service`,
   * `Query._service`, `Query.list(size:)`), directives as SDL writes them (`@authenticated`).
   */
  guards?: Readonly<Record<string, string>>;
  /** The rows that `@visibleTo` and `@tenant` speak of. */
  rows?: RowsOptions<Context>;
  /** The scopes that exist; a guard that names another refuses to start. Any, if left out. */
  scopes?: readonly string[];
  /**
   * Types whose rows another GraphQL service answers to the client's own selection, and so by the client's aliases. No
   * rule reads them. Rows that graphql-tools delegates are known without it.
   */
  foreignRows?: readonly string[];
  /** `filter`, if left out. */
  denial?: DenialMode;
  /** `once`, if left out. */
  denialErrors?: DenialErrors;
  /**
   * Bounds on what `guard.execute` compiles, where they shall differ from the default; false: nothing is compiled.
   */
  compile?: Partial<CompiledLimits> | false;
  /** Names the request in denial events, so that they are found again among its log lines. */
  requestId?(context: Context): string | null;
  /** `full`, if left out. */
  introspection?: IntrospectionMode;
  /** Is told of each denial, once as it is reported. What it throws is ignored. */
  onDenial?(event: DenialEvent<Context>): void;
}

/**
 * What happens to a row that was returned and not read through `guard.rows`. `hide`: it is served if a statement finds
 * that the viewer sees it, and left out otherwise. `strict`: it is a fault in any case. `report`: it is served. `onRow` is
 * told each time.
 */
export type UnprovedRows = 'hide' | 'strict' | 'report';

export interface RowsOptions<Context> {
  /** By type: its table, and how its rows stand to viewers. */
  readonly of: Readonly<Record<string, RowsOf>>;
  /** Runs a statement of PostgreSQL, in the request's transaction if there is one, and answers with its rows. */
  ask(statement: { readonly text: string; readonly values: unknown[] }, context: Context): Promise<readonly object[]>;
  /** The time of the request, which says what has expired; the system's, if left out. */
  now?(context: Context): Date;
  /** The type of ids in the database; `uuid`, if left out. */
  readonly idType?: string;
  /** The type of tenants' ids; `uuid`, if left out. */
  readonly tenantType?: string;
  /** `hide`, if left out. */
  readonly unproved?: UnprovedRows;
  /** Is told of each row that was returned without a proof. What it throws is ignored. */
  onRow?(event: RowEvent<Context>): void;
}

export interface RowEvent<Context = unknown> {
  /** The type of the row. */
  readonly type: string;
  /** Null: of a page, or of a row that has none. */
  readonly id: string | null;
  /** Where it was to stand in the response. */
  readonly path: readonly (string | number)[];
  /** The viewer does not see the row; sees it, though nothing proved it; or a page was not made by `guard.rows`. */
  readonly kind: 'hidden' | 'unproved' | 'page';
  readonly context: Context;
}

export interface DenialEvent<Context = unknown> {
  /** The field, argument, input field or enum value that was denied, such as `Task.notes`. */
  readonly coordinate: string;
  readonly requirement: Requirement;
  readonly denial: Denial;
  /** What a rule threw, in `report` mode; otherwise undefined: there it is the operation's fault. */
  readonly fault?: unknown;
  readonly viewerId: string | null;
  readonly operationName: string | null;
  /** SHA-256 of the document, in hexadecimal, as automatic persisted queries have it. */
  readonly operationHash: string;
  /** What `requestId(context)` answers; null without that option. */
  readonly requestId: string | null;
  readonly context: Context;
}

export type ViewerOf = (context: unknown) => GuardViewer | null;
export type OwnersOf = (type: string, id: string, context: unknown, info: GraphQLResolveInfo) => Promise<string | null>;

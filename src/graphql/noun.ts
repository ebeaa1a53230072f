/** A noun's description of itself. src/api/nouns.ts lists the nouns, and everything else reads that list. */
import type { IResolvers } from '@graphql-tools/utils';
import type { RowsOf } from '../authorization/guard.ts';
import type { EntityManager } from '../database/database.ts';
import type { Viewer } from '../users/viewer.ts';
import type { GraphQLContext } from './context.ts';

/** A row that `node` can return. The code that found it knows its type. */
export interface NodeRow {
  readonly id: string;
}

type Context = Pick<GraphQLContext, 'em' | 'viewer' | 'authentication' | 'request'>;

export interface Noun {
  /** The name of its GraphQL type, or of the room if it has no type. */
  readonly name: string;
  /** The prefix of its global ids, such as `task`. Default: it has none. */
  readonly idPrefix?: string;
  /** The classes that MikroORM maps to tables. */
  readonly entities: readonly (abstract new () => object)[];
  /** By GraphQL type: the type that resolvers of it are given, such as `tasks/task.entity.ts#TaskRow`, from `src`. */
  readonly types?: Readonly<Record<string, `${string}.ts#${string}`>>;
  // biome-ignore lint/suspicious/noExplicitAny: each noun's resolvers are typed where they are written
  readonly resolvers: IResolvers<any, GraphQLContext>;
  /** For `node`, `nodes` and federation: the rows among these UUIDs that the viewer may see, in any order. */
  readonly find?: (
    em: EntityManager,
    viewer: Viewer | null,
    uuids: readonly string[],
    context: Context,
  ) => Promise<NodeRow[]>;
  /** For `@visibleTo`: its table, and how its rows stand to viewers. */
  readonly rows?: RowsOf;
  /**
   * For `@ownerOf`: the owners' ids of the rows with these global ids, in the same order. Null for an id without a row.
   */
  readonly owners?: (ids: readonly string[], context: GraphQLContext) => Promise<(string | null)[]>;
  /** For each input: the fields that its filters and orders read, and whose guards it needs. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
  /** Rules of graphql-shield, by their names in `@policy` and `@settableBy`. */
  readonly policies?: Readonly<
    Record<string, (parent: unknown, args: never, context: GraphQLContext) => Promise<boolean> | boolean>
  >;
}

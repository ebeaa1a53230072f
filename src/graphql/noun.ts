/** What a noun says of itself, once. src/api/nouns.ts lists the nouns, and everything else reads that list. */
import type { IResolvers } from '@graphql-tools/utils';
import type { EntityManager } from '../database/database.ts';
import type { Viewer } from '../users/viewer.ts';
import type { GraphQLContext } from './context.ts';

/** A row that `node` can return; which type it is of is known by who found it. */
export interface NodeRow {
  readonly id: string;
}

type Context = Pick<GraphQLContext, 'em' | 'viewer' | 'authentication' | 'request'>;

export interface Noun {
  /** The name of its GraphQL type; of the room, where it has none. */
  readonly name: string;
  /** With what its global ids begin, such as `task`. Left out: it has none. */
  readonly idPrefix?: string;
  /** The classes that MikroORM maps to tables. */
  readonly entities: readonly (abstract new () => object)[];
  /** By GraphQL type: the type that resolvers of it are given, such as `tasks/task.entity.ts#TaskRow`, from `src`. */
  readonly types?: Readonly<Record<string, `${string}.ts#${string}`>>;
  // biome-ignore lint/suspicious/noExplicitAny: each noun's resolvers are typed where they are written
  readonly resolvers: IResolvers<any, GraphQLContext>;
  /** For `node`, `nodes` and federation: those of the rows with these UUIDs that the viewer may see, in any order. */
  readonly find?: (
    em: EntityManager,
    viewer: Viewer | null,
    uuids: readonly string[],
    context: Context,
  ) => Promise<NodeRow[]>;
  /** For `@ownerOf`: the owners' ids of the rows with these global ids, in their order; null for an id that names none. */
  readonly owners?: (ids: readonly string[], context: GraphQLContext) => Promise<(string | null)[]>;
  /** By input: the fields whose guards it needs, since its filters and orders read them. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
  /** Rules of graphql-shield by the names that `@policy` and `@settableBy` use. */
  readonly policies?: Readonly<
    Record<string, (parent: unknown, args: never, context: GraphQLContext) => Promise<boolean> | boolean>
  >;
}

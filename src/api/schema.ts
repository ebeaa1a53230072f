/** Joins the nouns to the schema and puts the guard on it. */
import { type IExecutableSchemaDefinition, makeExecutableSchema } from '@graphql-tools/schema';
import { buildASTSchema, concatAST, type DocumentNode, type GraphQLSchema } from 'graphql';
import {
  createGuard,
  describeRequirements,
  type Guard,
  type GuardOptions,
  type RowEvent,
  type RowsOf,
  rule,
  type UnprovedRows,
} from '../authorization/guard.ts';
import type { Config } from '../config/config.ts';
import type { GraphQLContext } from '../graphql/context.ts';
import { ask } from '../lists/rows.ts';
import { allScopes } from '../users/scopes.ts';
import { beginNothingAborted } from './aborted-mutations.ts';
import { dateTime } from './date-time.ts';
import { federationResolvers, federationTypeDefs } from './federation.ts';
import { nodeResolvers } from './node.resolvers.ts';
import { nouns } from './nouns.ts';
import { printSubgraph } from './subgraph.ts';
import { readTypeDefs } from './type-defs.ts';

type Resolvers = NonNullable<Exclude<IExecutableSchemaDefinition['resolvers'], unknown[]>>;

const resolvers: Resolvers[] = [
  ...[{ DateTime: dateTime }, nodeResolvers],
  ...nouns.map((noun) => noun.resolvers as Resolvers),
];

const owners: GuardOptions<GraphQLContext>['owners'] = Object.fromEntries(
  nouns.flatMap(({ name, owners }) => (owners ? [[name, owners]] : [])),
);

/** For each input: the fields whose guards it needs. */
export const reads: NonNullable<GuardOptions<GraphQLContext>['reads']> = Object.assign(
  {},
  ...nouns.map((noun) => noun.reads),
);

/** By type: its table, and how its rows stand to viewers. */
export const rowsOf: Readonly<Record<string, RowsOf>> = Object.fromEntries(
  nouns.flatMap(({ name, rows }) => (rows ? [[name, rows]] : [])),
);

const rows: NonNullable<GuardOptions<GraphQLContext>['rows']> = {
  of: rowsOf,
  ask: async (statement, { em }) => await ask<object>(em, statement),
  now: ({ now }) => now(),
  onRow: ({ kind, type, id, path, context }) => context.log.error({ type, id, path }, unprovedRows[kind]),
};

const unprovedRows: Record<RowEvent['kind'], string> = {
  hidden: 'a row was returned that its viewer does not see',
  unproved: 'a row was returned that nothing proved',
  page: 'a page was returned that nothing proved',
};

const policies: GuardOptions<GraphQLContext>['policies'] = Object.fromEntries(
  nouns
    .flatMap((noun) => Object.entries(noun.policies ?? {}))
    .map(([name, decide]) => [name, rule(name, { cache: 'no_cache' })(decide as () => boolean)]),
);

/** The files of the schema do not make a valid schema. */
export class SchemaError extends Error {}

export interface SchemaOptions
  extends Pick<GuardOptions<GraphQLContext>, 'denial' | 'denialErrors' | 'introspection' | 'onDenial' | 'compile'> {
  /** What happens to rows that nothing proved. Default: `hide`. */
  readonly unproved?: UnprovedRows;
  /** Default: `off`. */
  readonly federation?: Config['federation'];
}

/**
 * @param typeDefs Default: the contents of schema/.
 * @throws GuardError that lists every guard that is missing or invalid.
 * @throws SchemaError for any other fault in the schema's files.
 */
export function guardSchema(
  { federation = 'off', unproved = 'hide', ...options }: SchemaOptions,
  typeDefs: DocumentNode = readTypeDefs(),
): Guard {
  const isSubgraph = federation !== 'off';
  const served = isSubgraph ? concatAST([typeDefs, federationTypeDefs]) : typeDefs;
  const sdl = () => printSubgraph({ typeDefs, requirements: guard.requirements, guards: federation === 'on' });
  const all = isSubgraph ? [...resolvers, federationResolvers(sdl)] : resolvers;
  const guard: Guard = createGuard<GraphQLContext>(beginNothingAborted(assembleSchema(served, all)), {
    ...options,
    viewer: (context) => context.viewer,
    requestId: (context) => context.requestId,
    scopes: allScopes,
    owners,
    rows: { ...rows, unproved },
    reads,
    policies,
  });
  asSchemaError(() => buildASTSchema(served));
  describeRequirements(guard.schema, guard.requirements);
  return guard;
}

/** Does not check directives. The guard reports a misspelt directive together with all other problems. */
function assembleSchema(typeDefs: DocumentNode, all: Resolvers[]): GraphQLSchema {
  return asSchemaError(() =>
    makeExecutableSchema({
      typeDefs: buildASTSchema(typeDefs, { assumeValidSDL: true }),
      resolvers: all,
      resolverValidationOptions: { requireResolversToMatchSchema: 'error', requireResolversForResolveType: 'error' },
    }),
  );
}

function asSchemaError<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new SchemaError(`The schema is not valid:\n${(error as Error).message}`);
  }
}

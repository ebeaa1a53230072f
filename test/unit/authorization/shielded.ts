/** A schema under graphql-shield itself, set up as its documentation says, to show the effect of an attack there. */
import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionResult, execute, type GraphQLSchema, parse } from 'graphql';
import type { ShieldRule } from '../../../src/authorization/guard.ts';
import { vocabulary } from './harness.ts';

// The same build as in src/authorization/rules/shield.ts, because the other does not load on this Node.
const require = createRequire(import.meta.url);
// Its `chain` and `race` call a function that Node 23 removed.
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;

export type RuleTree = Readonly<Record<string, Readonly<Record<string, ShieldRule>>>>;

interface ShieldOptions {
  /** The rule of a field without one. Default: it allows. */
  fallbackRule?: ShieldRule;
}

export const { shield } = require('graphql-shield') as {
  shield(tree: RuleTree, options?: ShieldOptions): unknown;
};
export const { applyMiddleware } = require('graphql-middleware') as {
  applyMiddleware(schema: GraphQLSchema, middleware: unknown): GraphQLSchema;
};

type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

export function shielded(sdl: string, resolvers: Resolvers, tree: RuleTree) {
  const schema = applyMiddleware(makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers }), shield(tree));
  return {
    schema,
    ask: async (contextValue: object, query: string): Promise<ExecutionResult> =>
      JSON.parse(JSON.stringify(await execute({ schema, document: parse(query), contextValue }))),
  };
}

/** A schema from a few lines of SDL, its guard, and personas to ask it as. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildSchema, type ExecutionResult, parse, validate } from 'graphql';
import {
  createGuard,
  directiveTypeDefs,
  type Guard,
  GuardError,
  type GuardOptions,
  type GuardViewer,
} from '../../../src/authorization/guard.ts';

export interface Context {
  viewer: GuardViewer | null;
}

type Options = Partial<GuardOptions<Context>>;
type Resolvers = NonNullable<Parameters<typeof makeExecutableSchema>[0]['resolvers']>;

export const vocabulary = directiveTypeDefs({ roles: ['USER', 'ADMIN'] });

export function guardOf(sdl: string, resolvers: Resolvers = {}, options: Options = {}): Guard {
  const schema = makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers, assumeValidSDL: true });
  return createGuard<Context>(schema, { viewer: (context) => context.viewer, ...options });
}

/** The problems of a schema, as `coordinate: reason`. */
export function refusalsOf(sdl: string, options: Options = {}): string[] {
  try {
    const schema = buildSchema(`${vocabulary}\n${sdl}`, { assumeValidSDL: true });
    createGuard<Context>(schema, { viewer: (context) => context.viewer, ...options });
  } catch (error) {
    if (error instanceof GuardError) return error.problems.map(({ coordinate, reason }) => `${coordinate}: ${reason}`);
    throw error;
  }
  return [];
}

export const anonymous = null;

export function user(rights: Partial<GuardViewer> = {}): GuardViewer {
  return { id: 'u1', roles: ['USER'], scopes: [], ...rights };
}

/** Asks through `guard.execute`; the query must be valid. */
export async function ask(
  guard: Guard,
  viewer: GuardViewer | null,
  query: string,
  variableValues?: Record<string, unknown>,
): Promise<ExecutionResult> {
  const document = parse(query);
  const faults = validate(guard.schema, document);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('\n'));
  return JSON.parse(
    JSON.stringify(
      await guard.execute({ document, contextValue: { viewer }, ...(variableValues && { variableValues }) }),
    ),
  );
}

/** Errors as `CODE path`, such as `FORBIDDEN tasks.@.notes`. */
export function denialsOf(result: ExecutionResult): string[] {
  return (result.errors ?? []).map(({ path, extensions }) => `${extensions?.code} ${path?.join('.')}`).sort();
}

/** The newsroom under GraphQL Yoga. */
import type { DenialMode, Guard } from 'gatewright/authorization';
import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { type Context, guardNewsroom } from './guard.ts';
import { createNewsroom } from './newsroom.ts';
import { viewerOfToken } from './tokens.ts';

export function createServer(denial: DenialMode = 'filter') {
  const guard = guardNewsroom(createNewsroom(), denial);
  return createYoga({
    schema: guard.schema,
    plugins: [useGuard(guard)],
    context: ({ request }): Context => ({ viewer: viewerOf(request) }),
  });
}

/** Lets the guard execute, so that it decides once for an operation what it can. */
export function useGuard(guard: Guard): Plugin {
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn((args) => guard.execute(args)),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args) => guard.subscribe(args)),
  };
}

/** Null when no token came. A token that is no good is refused, also where anyone may ask. */
function viewerOf(request: Request): Context['viewer'] {
  const header = request.headers.get('authorization');
  if (header === null) return null;
  const viewer = viewerOfToken(header.replace(/^Bearer /i, ''));
  if (viewer) return viewer;
  throw new GraphQLError('The access token is not valid.', {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
    },
  });
}

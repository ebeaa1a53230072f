/**
 * GraphQL Yoga with its JWT plugin and @envelop/generic-auth in the mode `protect-granular`. It knows no rows: a rule on
 * a row is an `if` in the resolver, which its page calls manual validation.
 * https://the-guild.dev/graphql/yoga-server/docs/features/jwt
 * https://the-guild.dev/graphql/envelop/plugins/use-generic-auth
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createUnauthenticatedError,
  DIRECTIVE_SDL,
  REQUIRES_SCOPES_DIRECTIVE_SDL,
  useGenericAuth,
} from '@envelop/generic-auth';
import { createInlineSigningKeyProvider, extractFromHeader, useJWT } from '@graphql-yoga/plugin-jwt';
import { createSchema, createYoga } from 'graphql-yoga';
import { audience, issuer, port, ready, secret } from './environment.ts';
import { type Context, resolvers, typeDefs } from './question.ts';
import { type TaskRow, userLoader } from './rows.ts';
import { type Claims, type Viewer, viewerOf } from './viewer.ts';

const yoga = createYoga({
  schema: createSchema<Context>({
    typeDefs: [
      DIRECTIVE_SDL,
      REQUIRES_SCOPES_DIRECTIVE_SDL,
      typeDefs({
        me: '@authenticated',
        read: '@requiresScopes(scopes: [["task:read"]])',
        write: '@requiresScopes(scopes: [["task:write"]])',
        isActive: '@requiresScopes(scopes: [["ADMIN"]])',
      }),
    ],
    resolvers: {
      ...resolvers,
      Task: {
        ...resolvers.Task,
        notes: ({ notes, ownerId }: TaskRow, _args: unknown, { viewer }: Context) => {
          if (ownerId !== viewer?.id) throw createUnauthenticatedError();
          return notes;
        },
      },
    } as never,
  }),
  logging: false,
  plugins: [
    useJWT({
      signingKeyProviders: [createInlineSigningKeyProvider(secret)],
      tokenLookupLocations: [extractFromHeader({ name: 'authorization', prefix: 'Bearer' })],
      tokenVerification: { algorithms: ['HS256'], issuer, audience },
      extendContext: true,
      reject: { missingToken: false, invalidToken: true },
    }),
    useGenericAuth<Viewer, { jwt?: { payload: Claims } }>({
      mode: 'protect-granular',
      resolveUserFn: ({ jwt }) => (jwt ? viewerOf(jwt.payload) : null),
      // It treats roles as scopes.
      extractScopes: ({ scopes, role }) => [...scopes, role],
      contextFieldName: 'viewer' as never,
    }),
  ],
  context: () => ({ users: userLoader() }),
});
const server = createServer(yoga).listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));

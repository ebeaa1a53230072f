/**
 * Mercurius with its JIT, its loaders, @fastify/jwt, and mercurius-auth in its directive mode.
 * https://mercurius.dev/#/docs/loaders and https://mercurius.dev/#/docs/api/options (`jit`)
 * https://github.com/mercurius-js/auth/blob/main/docs/auth-directive.md
 */
import type { AddressInfo } from 'node:net';
import fastifyJwt from '@fastify/jwt';
import fastify from 'fastify';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { audience, issuer, port, ready, secret } from './environment.ts';
import { resolvers, typeDefs } from './question.ts';
import { type TaskRow, userLoader, usersOf } from './rows.ts';
import { type Claims, type Viewer, viewerOf } from './viewer.ts';

const app = fastify();
await app.register(fastifyJwt, { secret, verify: { allowedIss: issuer, allowedAud: audience } });
const { owner: _, ...task } = resolvers.Task;
await app.register(mercurius, {
  schema: `directive @auth(requires: String!) on OBJECT | FIELD_DEFINITION
    ${typeDefs({
      me: '@auth(requires: "signed in")',
      read: '@auth(requires: "task:read")',
      write: '@auth(requires: "task:write")',
      notes: '@auth(requires: "owner")',
      isActive: '@auth(requires: "ADMIN")',
    })}`,
  resolvers: { ...resolvers, Task: task } as never,
  loaders: {
    Task: {
      owner: async (queries: { obj: TaskRow }[]) => usersOf(queries.map(({ obj }) => obj.ownerId)),
    },
  },
  jit: 1,
  context: async (request) => {
    const isAnonymous = request.headers.authorization === undefined;
    return { viewer: isAnonymous ? null : viewerOf(await request.jwtVerify<Claims>()), users: userLoader() };
  },
});
await app.register(mercuriusAuth.default, {
  authDirective: 'auth',
  authContext: (context) => ({ identity: context.viewer }),
  applyPolicy: async (directive, parent, _args, { auth }) => {
    const value = directive.arguments?.[0]?.value;
    return isAllowed(
      value?.kind === 'StringValue' ? value.value : '',
      auth?.identity as unknown as Viewer | null,
      parent,
    );
  },
});
await app.listen({ port, host: '127.0.0.1' });
ready((app.server.address() as AddressInfo).port);

function isAllowed(requires: string, viewer: Viewer | null, parent: TaskRow): boolean {
  if (!viewer) return false;
  if (requires === 'signed in') return true;
  if (requires === 'owner') return parent.ownerId === viewer.id;
  return requires === 'ADMIN' ? viewer.role === 'ADMIN' : viewer.scopes.includes(requires);
}

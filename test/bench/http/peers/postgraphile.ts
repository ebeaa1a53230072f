/**
 * PostGraphile, which makes its schema of the database, and leaves guarding to PostgreSQL: roles, privileges of columns
 * and policies for rows (`row-level-security.ts`). It is told who asks in the settings of each transaction.
 * https://postgraphile.org/postgraphile/5/jwt-guide and https://postgraphile.org/postgraphile/5/library
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { databaseUrl, poolSize, port, ready } from './environment.ts';
import { viewerOfHeader } from './viewer.ts';

const database = new URL(databaseUrl).pathname.slice(1);
const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({ connectionString: databaseUrl, schemas: ['public'], poolConfig: { max: poolSize }, pubsub: false }),
  ],
  grafast: {
    context(requestContext: { node?: { req: { headers: { authorization?: string } } } }) {
      const viewer = viewerOfHeader(requestContext.node?.req.headers.authorization);
      return {
        pgSettings: {
          role: `${database}_${viewer ? viewer.role.toLowerCase() : 'anonymous'}`,
          ...(viewer && { 'jwt.claims.user_id': viewer.id }),
        },
      };
    },
  },
  grafserv: { graphiql: false, watch: false },
};
const instance = postgraphile(preset);
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));

/**
 * PostGraphile 5 with row-level security: the database decides, by the claims that each request sets.
 * https://postgraphile.org/postgraphile/next/usage-library
 * https://postgraphile.org/postgraphile/next/jwt-guide and https://postgraphile.org/postgraphile/next/postgresql-schema-design
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { databaseUrl, poolSize, port, ready } from './environment.ts';
import { viewerOfHeader } from './viewer.ts';

/** Made by the harness, with its policies (see contestants). */
const role = process.env.POSTGRAPHILE_ROLE as string;

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: databaseUrl, schemas: ['api'], poolConfig: { max: poolSize } })],
  grafserv: { graphqlPath: '/graphql', websockets: false, graphiql: false },
  grafast: {
    context: ({ node }: { node?: { req: { headers: { authorization?: string } } } }) => {
      const viewer = viewerOfHeader(node?.req.headers.authorization);
      return {
        pgSettings: {
          role: viewer ? role : `${role}_anonymous`,
          'claims.user_id': viewer?.id ?? '',
          'claims.role': viewer?.role ?? '',
        },
      };
    },
    explain: false,
  },
} as never);

const serv = pgl.createServ(grafserv);
const server = createServer();
server.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await serv.addTo(server);
server.listen(port, '127.0.0.1', () => ready((server.address() as AddressInfo).port));

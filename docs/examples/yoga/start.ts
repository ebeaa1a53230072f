/** `node docs/examples/yoga/start.ts`, after `npm run build`. */
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from './server.ts';

const server = createHttpServer(createServer());
server.listen(Number(process.env.PORT ?? 4100), '127.0.0.1', () => {
  console.log(`ready on http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
});

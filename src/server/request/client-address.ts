/** Whose a request is: the address of the connection, or the one that trusted proxies say it came from. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { addressIn } from '../../network.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where a proxy names no address. Not `ip`, which is the connection's: a proxy's, where there is one. */
    clientAddress: string | null;
  }
}

export type AddressOfClient = (request: IncomingMessage) => string | null;

/** @param trustedProxies addresses and subnets, as `proxyFault` allows. */
export function clientAddressBy(trustedProxies: readonly string[]): AddressOfClient {
  const isTrusted = memberOf(trustedProxies);
  return (request) => clientAddress(request, isTrusted);
}

export function clientAddresses(fastify: FastifyInstance, addressOfClient: AddressOfClient): void {
  fastify.decorateRequest('clientAddress', null);
  fastify.addHook('onRequest', (request, _reply, next) => {
    request.clientAddress = addressOfClient(request.raw);
    next();
  });
}

/**
 * From the connection backwards, the first address that is no trusted proxy's. What is no address ends the search: each
 * proxy vouches for the item that it wrote, so what stands before that may be anybody's.
 */
function clientAddress({ headers, socket }: IncomingMessage, isTrusted: (address: string) => boolean): string | null {
  let address = addressIn(socket.remoteAddress);
  if (address === null || !isTrusted(address)) return address;
  // Node joins several of these headers, in their order.
  const items = headers['x-forwarded-for']?.toString().split(',') ?? [];
  while (address !== null && isTrusted(address) && items.length > 0) address = addressIn(items.pop());
  return address;
}

function memberOf(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    if (isIPv4(address)) list.addSubnet(address, Number(bits ?? 32), 'ipv4');
    else list.addSubnet(address, Number(bits ?? 128), 'ipv6');
  }
  // The mapped form is looked for among the subnets of both kinds.
  return (address) => list.check(isIPv4(address) ? `::ffff:${address}` : address, 'ipv6');
}

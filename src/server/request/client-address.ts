/** The client's address: that of the connection, or the one that trusted proxies report. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv4 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { addressIn } from '../../network.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null if a proxy names no address. Not `ip`, which is the address of the connection, and so the proxy's. */
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
 * Goes backwards from the connection to the first address that is not a trusted proxy's. An item that is no address
 * ends the search. Each proxy vouches only for the item that it wrote, so earlier items may be forged.
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
  // The mapped form matches subnets of both kinds.
  return (address) => list.check(isIPv4(address) ? `::ffff:${address}` : address, 'ipv6');
}

import fc from 'fast-check';
import createFastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { clientAddressBy, clientAddresses } from '../../../../src/server/request/client-address.ts';

const proxies = ['10.0.0.7', '10.1.0.0/16', 'fd00::/8', '::ffff:192.0.2.0/120'];
const proxy = '10.0.0.7';
const client = '203.0.113.9';

/** Asks for the address of a request on a connection from there. */
function asking(trustedProxies: readonly string[]) {
  const fastify = createFastify();
  clientAddresses(fastify, clientAddressBy(trustedProxies));
  fastify.get('/', async ({ clientAddress }) => ({ clientAddress }));
  return async (remoteAddress: string, forwarded?: string | string[]): Promise<string | null> => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
    const answer = await fastify.inject({ url: '/', remoteAddress, headers });
    return answer.json().clientAddress;
  };
}

describe('the address of a client', () => {
  const ask = asking(proxies);

  it.each([
    ['is the connection’s where it is no proxy’s', client, '198.51.100.1', client],
    ['is the proxy’s where it says nothing', proxy, undefined, proxy],
    ['is what the proxy says', proxy, client, client],
    ['counts without its port', proxy, `${client}:61234`, client],
    ['counts without its brackets', proxy, '[2001:db8::1]:443', '2001:db8::1'],
    ['is the last that no proxy has', proxy, `198.51.100.1, ${client}`, client],
    ['lies before proxies of a subnet', proxy, `198.51.100.1, ${client}, 10.1.2.3, fd12::1`, client],
    ['lies before proxies that are named with ports', proxy, `${client}, 10.1.2.3:8080, [fd12::1]:8080`, client],
    ['lies before proxies that are named in the mapped form', proxy, `${client}, ::ffff:10.1.2.3`, client],
    ['lies before proxies of a mapped subnet', '192.0.2.4', client, client],
    ['comes by a connection in the mapped form', '::ffff:10.0.0.7', client, client],
    ['comes by a connection with a zone', 'fd00::1%eth0', client, client],
    ['is the first of the proxies where all are', proxy, '10.1.2.3, fd12::1', '10.1.2.3'],
  ])('%s', async (_what, connection, forwarded, address) => {
    expect(await ask(connection, forwarded)).toBe(address);
  });

  it.each([
    'unknown',
    '_hidden',
    '',
    ' ',
    ',',
    `${client},`,
    `${client}, , `,
    `${client}, unknown`,
    `${client}, unknown, 10.1.2.3`,
    // A looser parser would read this as 10.0.0.7.
    `${client}, 0x0a000007`,
    `${client}, 167772167`,
    `${client}, 10.7`,
    `${client};`,
    `for=${client}`,
  ])('is none when the proxy writes %j: neither the proxy’s nor an earlier one', async (forwarded) => {
    expect(await ask(proxy, forwarded)).toBeNull();
  });

  it('is in the last of several headers', async () => {
    expect(await ask(proxy, ['198.51.100.1', `${client}, 10.1.2.3`])).toBe(client);
    expect(await ask(proxy, [client, ''])).toBeNull();
  });

  it('is the connection’s when no proxy is trusted', async () => {
    const askDirectly = asking([]);
    expect(await askDirectly(proxy, client)).toBe(proxy);
    expect(await askDirectly(client)).toBe(client);
  });

  it('is decided by the last item, whatever a client puts before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.stringMatching(/^[\x20-\x7e]{0,40}$/),
        fc.constantFrom(client, 'unknown', ''),
        async (before, last) => {
          expect(await ask(proxy, `${before},${last}`)).toBe(last === client ? client : null);
        },
      ),
    );
  });
});

/** What happens to a request after REQUEST_TIMEOUT, and when its client goes away. */
import createFastify from 'fastify';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { refuseSlow } from '../../../../src/server/http/http-errors.ts';
import { logRequests } from '../../../../src/server/request/request-log.ts';
import { RequestScope } from '../../../../src/server/request/request-scope.ts';

describe('a request that takes too long', () => {
  async function refused(operationType: RequestScope['operationType']) {
    const fastify = createFastify();
    const scope = new RequestScope('the-request', pino({ level: 'silent' }));
    scope.operationType = operationType;
    fastify.post('/', (request, reply) => {
      request.scope = scope;
      refuseSlow(request, reply);
    });
    const { statusCode, headers, body } = await fastify.inject({ method: 'POST', url: '/' });
    expect(scope.signal.aborted).toBe(true);
    expect(statusCode).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    return headers['retry-after'];
  }

  it.each(['query', null])('is aborted, and may be sent again: %s', async (type) => {
    expect(await refused(type)).toBe('2');
  });

  it('is aborted, and is not to be sent again blindly, if it is a mutation', async () => {
    expect(await refused('mutation')).toBeUndefined();
  });
});

describe('a request whose client goes away', () => {
  async function scopeOf(leaves: boolean) {
    const fastify = createFastify();
    const scope = new RequestScope('the-request', pino({ level: 'silent' }));
    const [begun, answering] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
    fastify.decorateRequest('clientAddress', null);
    logRequests(fastify);
    fastify.post('/', async (request) => {
      request.scope = scope;
      begun.resolve();
      return await answering.promise;
    });
    const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
    const client = new AbortController();
    const asked = fetch(url, { method: 'POST', signal: client.signal }).catch(() => null);
    await begun.promise;
    expect(scope.signal.aborted).toBe(false);
    if (leaves) {
      const aborted = new Promise((resolve) => scope.signal.addEventListener('abort', resolve));
      client.abort();
      await aborted;
    }
    answering.resolve('done');
    const answer = await asked;
    await answer?.text();
    await fastify.close();
    return scope;
  }

  it('is aborted', async () => {
    expect((await scopeOf(true)).signal.aborted).toBe(true);
  });

  it('is not aborted where the client waits for the answer', async () => {
    expect((await scopeOf(false)).signal.aborted).toBe(false);
  });
});

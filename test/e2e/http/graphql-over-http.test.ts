import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Sends any request to GraphQL that `fetch` allows. */
async function send(init: RequestInit & { search?: Record<string, string> } = {}) {
  const { search = {}, ...rest } = init;
  const response = await fetch(`${server.url}/graphql?${new URLSearchParams(search)}`, rest);
  const text = await response.text();
  return { response, status: response.status, text, body: text === '' ? null : JSON.parse(text) };
}

function post(body: unknown, headers: Record<string, string> = {}) {
  return send({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const preflight = { 'apollo-require-preflight': 'true' };

describe('every audit of GraphQL over HTTP', () => {
  const audits = serverAudits({
    url: () => `${server.url}/graphql`,
    // Against cross-site request forgery: a request that a form could send needs a header that forms cannot set.
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, { ...init, headers: { ...preflight, ...init.headers } }),
  });

  it.each(audits.map((audit) => [audit.name, audit.id, audit] as const))('%s (%s)', async (_name, _id, audit) => {
    const result = await audit.fn();
    expect(result.status, 'reason' in result ? result.reason : undefined).toBe('ok');
  });
});

describe('GET', () => {
  it('runs a query', async () => {
    const { status, body } = await send({ search: { query: '{ __typename }' }, headers: preflight });
    expect([status, body]).toEqual([200, { data: { __typename: 'Query' } }]);
  });

  it.each(['%FC', '%C3%28', '%ED%A0%80', '%C0%80'])('refuses %s, which is not UTF-8', async (bytes) => {
    const url = `${server.url}/graphql?query=%7B__typename%7D&variables=%7B%22t%22%3A%22${bytes}%22%7D`;
    const answer = await fetch(url, { headers: preflight });
    expect([answer.status, (await answer.json()).errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('takes what is UTF-8, and a percent sign that encodes nothing', async () => {
    const url = `${server.url}/graphql?query=%7B__typename%7D%23100%&variables=%7B%22t%22%3A%22m%C3%BCller%22%7D`;
    expect((await fetch(url, { headers: preflight })).status).toBe(200);
  });

  it('does not run a mutation', async () => {
    const query = 'mutation { logout { endedSessionId } }';
    const { status, body, response } = await send({ search: { query }, headers: preflight });
    expect(status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(body.errors[0].extensions.code).toBe('BAD_REQUEST');
  });

  it('does not pick the mutation out of a document that has a query as well', async () => {
    const search = { query: 'query A { __typename } mutation B { logout { endedSessionId } }', operationName: 'B' };
    expect((await send({ search, headers: preflight })).status).toBe(405);
    expect((await send({ search: { ...search, operationName: 'A' }, headers: preflight })).status).toBe(200);
  });
});

describe('cross-site requests', () => {
  it('are refused where a form could have sent them', async () => {
    const { status, body } = await send({ search: { query: '{ __typename }' } });
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'are refused as %s',
    async (type) => {
      const { status, body } = await post({ query: '{ __typename }' }, { 'content-type': type });
      expect(status).toBe(415);
      expect(body.errors[0].extensions.code).toBe('BAD_REQUEST');
    },
  );
});

describe('methods and paths', () => {
  it.each(['PUT', 'PATCH', 'DELETE'])('%s is not allowed', async (method) => {
    const { status, body, response } = await send({ method });
    expect([status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(body.errors[0].message).toContain('POST');
  });

  it('answers an unknown path in the shape of GraphQL', async () => {
    const response = await fetch(`${server.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      errors: [{ message: 'There is nothing here.', extensions: { code: 'NOT_FOUND' } }],
    });
  });
});

describe('requests that only a socket can send', () => {
  const body = '{"query":"{ __typename }"}';
  const post = (host: string, path = '/graphql') =>
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;

  /** The status, and the error's code if the answer has the form of GraphQL. */
  async function sendRaw(request: string): Promise<{ status: number; code: unknown; head: string }> {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(request);
    const [head = '', ...rest] = (await text(socket)).split('\r\n\r\n');
    const answer = rest.join('').startsWith('{') ? JSON.parse(rest.join('')) : {};
    return { status: Number(head.split(' ')[1]), code: answer.errors?.[0].extensions.code, head };
  }

  it.each(['localhost', '[::1]:4000', '127.0.0.1', 'my_server:80', 'API.example.com', 'localhost:'])(
    'are served under the name %s',
    async (host) => {
      expect(await sendRaw(post(host))).toMatchObject({ status: 200, code: undefined });
    },
  );

  it.each(['a b', '', '[', '%zz', 'x:99999', 'a/b', 'a?b', 'me@a', 'a,b c', '[::1', 'x:y'])(
    'are refused under the name "%s", and are no fault',
    async (host) => {
      expect(await sendRaw(post(host))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
    },
  );

  it.each(['/graphql', '/healthz', '/nowhere'])('are refused with two names, or none, at %s', async (path) => {
    const get = (version: string, ...hosts: string[]) =>
      sendRaw([`GET ${path} HTTP/${version}`, ...hosts, 'Connection: close', '', ''].join('\r\n'));
    const refused = { status: 400, code: 'BAD_REQUEST' };
    expect(await get('1.1', 'Host: localhost', 'Host: evil.example')).toMatchObject(refused);
    expect(await get('1.1', 'Host: localhost', 'hOST: localhost')).toMatchObject(refused);
    expect(await get('1.0', 'Host: localhost', 'Host: localhost')).toMatchObject(refused);
    expect(await get('1.1')).toMatchObject(refused);
    expect(await get('1.1', 'Host: a b')).toMatchObject(refused);
  });

  it('are refused where the path is broken', async () => {
    expect(await sendRaw(post('localhost', '/graphql%'))).toMatchObject({ status: 400, code: 'BAD_REQUEST' });
  });

  it.each([
    ['no HTTP at all', 'EHLO example.com\r\n\r\n', 400],
    ['headers without an end', `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths of one body', `${post('localhost').replace('Host', 'Content-Length: 1\r\nHost')}`, 400],
  ])('are refused with a request id where they are %s', async (_what, request, status) => {
    const answer = await sendRaw(request);
    expect(answer).toMatchObject({ status, code: 'BAD_REQUEST' });
    expect(answer.head).toMatch(/^X-Request-Id: [0-9a-f-]{36}\r?$/m);
  });

  it('ask after health without a name, as old balancers do', async () => {
    expect((await sendRaw('GET /healthz HTTP/1.0\r\n\r\n')).status).toBe(200);
  });
});

describe('bodies', () => {
  it('that are not JSON are refused, without a word of what was sent', async () => {
    const { status, body, response } = await post('{"query": "{ secret', {
      accept: 'application/graphql-response+json',
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [{ message: 'The body is not valid JSON.', extensions: { code: 'BAD_REQUEST' } }],
    });
    expect(response.headers.get('content-type')).toContain('application/graphql-response+json');
  });

  const latin1 = (text: string) => Buffer.from(JSON.stringify({ query: `{ __typename } # ${text}` }), 'latin1');

  it.each(['application/json', 'application/json; charset=utf-8'])(
    'of %s that are not UTF-8 are refused',
    async (type) => {
      const { status, body } = await send({
        method: 'POST',
        headers: { 'content-type': type },
        body: latin1('müller'),
      });
      expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
      expect(body.errors[0].message).toContain('UTF-8');
    },
  );

  it('that are UTF-8 are served, with a byte order mark as well', async () => {
    expect((await post({ query: '{ __typename } # müller \ufffd 😀' })).status).toBe(200);
    expect((await post('\ufeff{"query": "{ __typename }"}')).status).toBe(200);
  });

  it('that are too large are refused', async () => {
    const { status, body } = await post({ query: `{ __typename } #${'x'.repeat(300_000)}` });
    expect(status).toBe(413);
    expect(body.errors[0].message).toContain('262144');
  });

  it('that are large, but not too large, are served', async () => {
    const { status, body } = await post({ query: `{ __typename } #${'x'.repeat(200_000)}` });
    expect([status, body.data]).toEqual([200, { __typename: 'Query' }]);
  });

  it.each(['application/json; charset=latin1', 'application/json; charset="utf-16"', 'application/xml', 'nonsense'])(
    'of type %s are refused',
    async (type) => {
      const { status, body } = await post({ query: '{ __typename }' }, { 'content-type': type });
      expect([status, body.errors[0].extensions.code]).toEqual([415, 'BAD_REQUEST']);
    },
  );

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json; charset=utf8',
    'Application/JSON; Charset=UTF8',
  ])('of type %s are served', async (type) => {
    expect((await post({ query: '{ __typename }' }, { 'content-type': type })).status).toBe(200);
  });

  it.each(['gzip', 'br', 'identity, gzip', 'nonsense'])('that are compressed are refused: %s', async (encoding) => {
    expect((await post({ query: '{ __typename }' }, { 'content-encoding': encoding })).status).toBe(415);
  });

  it.each(['identity', 'Identity', 'IDENTITY', ''])('that are not compressed are served: "%s"', async (encoding) => {
    expect((await post({ query: '{ __typename }' }, { 'content-encoding': encoding })).status).toBe(200);
  });

  it('with a prototype among their keys are refused', async () => {
    expect((await post('{"query": "{ __typename }", "__proto__": {"admin": true}}')).status).toBe(400);
  });

  it('with several operations at once are refused', async () => {
    const { status, body } = await post([{ query: '{ __typename }' }, { query: '{ __typename }' }]);
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });
});

describe('errors of the document', () => {
  it.each([
    ['GRAPHQL_PARSE_FAILED', { query: '{' }],
    ['GRAPHQL_VALIDATION_FAILED', { query: '{ nothing }' }],
    ['BAD_USER_INPUT', { query: 'query ($id: ID!) { task(id: $id) { id } }', variables: {} }],
    ['OPERATION_RESOLUTION_FAILURE', { query: '{ __typename }', operationName: 'Other' }],
  ])('%s is a 400 in GraphQL’s own media type, a 200 in plain JSON', async (code, request) => {
    const own = await post(request, { accept: 'application/graphql-response+json' });
    expect([own.status, own.body.errors[0].extensions.code]).toEqual([400, code]);
    const plain = await post(request, { accept: 'application/json' });
    expect([plain.status, plain.body]).toEqual([200, own.body]);
  });

  it.each(['subscription { x }', 'subscription S { x } query Q { __typename }'])(
    'of a kind that the schema does not have is refused, and is no fault: %s',
    async (query) => {
      const { status, body } = await post(
        { query, operationName: query.includes('Q') ? 'S' : undefined },
        { accept: 'application/graphql-response+json' },
      );
      expect([status, body]).toEqual([
        400,
        { errors: [{ message: 'This server has no subscriptions.', extensions: { code: 'BAD_USER_INPUT' } }] },
      ]);
      expect(server.logs().filter(({ level }) => level === 'error' || Number(level) >= 50)).toEqual([]);
    },
  );

  it('of a kind that it has is served, beside one that it has not', async () => {
    const { status, body } = await post({
      query: 'subscription S { x } query Q { __typename }',
      operationName: 'Q',
    });
    expect([status, body]).toEqual([200, { data: { __typename: 'Query' } }]);
  });

  it('that Accept allows in no known media type is a 406', async () => {
    expect((await post({ query: '{ __typename }' }, { accept: 'text/turtle' })).status).toBe(406);
  });
});

describe('every response', () => {
  it.each([
    ['to a query', () => post({ query: '{ __typename }' })],
    ['to a broken body', () => post('{')],
    ['to an unknown path', async () => ({ response: await fetch(`${server.url}/nowhere`) })],
    ['of the explorer', async () => ({ response: await fetch(server.url) })],
  ])('%s has its own request id and is not to be sniffed or framed', async (_what, ask) => {
    const [one, other] = [(await ask()).response.headers, (await ask()).response.headers];
    expect(one.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.get('x-request-id')).not.toBe(other.get('x-request-id'));
    expect(one.get('x-content-type-options')).toBe('nosniff');
    expect(one.get('referrer-policy')).toBe('no-referrer');
    expect(one.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('takes no request id from the client', async () => {
    const { response } = await post({ query: '{ __typename }' }, { 'x-request-id': 'chosen-by-the-client' });
    expect(response.headers.get('x-request-id')).not.toBe('chosen-by-the-client');
  });
});

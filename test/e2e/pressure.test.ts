/** More requests than the server can answer, and a database that makes it wait. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { buffer, json } from 'node:stream/consumers';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createServerDatabase, waitingIn } from '../support/database.ts';
import { longQuery, makeLongTasks } from '../support/long-answers.ts';
import { asAnonymous, asUser, type SignedIn } from '../support/personas.ts';
import { startProxy } from '../support/proxy.ts';
import { graphql, type SpawnedServer, spawnServer, startTestServer, type TestServer } from '../support/server.ts';

const places = 4;
/** Three quarters. */
const placesOfNetwork = 3;
const tasks = '{ tasks { nodes { id } } }';

describe.runIf(inject('server'))('a server whose database holds it up', () => {
  let made: { url: string; drop: () => Promise<void> };
  let server: SpawnedServer;
  let user: SignedIn;
  const holder = () => new Client({ connectionString: made.url });
  const ask = () => graphql(server.url, tasks, {}, { token: user.session.accessToken });

  beforeAll(async () => {
    made = await createServerDatabase();
    server = await spawnServer({
      DATABASE_URL: made.url,
      JWT_SECRET: randomBytes(32).toString('base64'),
      LOG_LEVEL: 'silent',
      MAX_REQUESTS_IN_FLIGHT: String(places),
      DATABASE_TIMEOUT: '4s',
    });
    user = await asUser(server);
  });
  afterAll(async () => {
    await server?.end();
    await made.drop();
  });

  /** No request can read tasks while `work` runs. */
  async function whileTasksAreLocked(work: (client: Client) => Promise<void>): Promise<void> {
    const client = holder();
    await client.connect();
    try {
      await client.query('begin');
      await client.query('lock table tasks in access exclusive mode');
      await work(client);
    } finally {
      await client.end();
    }
  }

  it('refuses requests that wait in vain, answers those with a place, and keeps places for another network', async () => {
    const held: ReturnType<typeof ask>[] = [];
    const headers = { 'content-type': 'application/json' };
    await whileTasksAreLocked(async (client) => {
      for (let i = 0; i < placesOfNetwork; i++) held.push(ask());
      await vi.waitFor(async () => expect(await waitingIn(client)).toBe(placesOfNetwork), { timeout: 5000 });
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers,
        body: '{"query": "{ __typename }"}',
      });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) } }],
      });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect(await askFrom('127.0.0.2', server.url)).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });
      expect(await waitingIn(client)).toBe(placesOfNetwork);
    });
    for (const answer of await Promise.all(held)) expect(answer).toMatchObject({ status: 200, codes: [] });
    expect(await ask()).toMatchObject({ status: 200, codes: [] });
  });

  it('gives up a statement that waits too long, says when to try again, and serves the next', async () => {
    await whileTasksAreLocked(async () => {
      const answer = await ask();
      expect(answer).toMatchObject({ codes: ['SERVICE_UNAVAILABLE'] });
      expect(JSON.stringify(answer)).not.toMatch(/select|lock timeout|statement/);
    });
    expect(await ask()).toMatchObject({ status: 200, codes: [] });
  });

  it('does not invite a client to repeat a mutation that was partly done', async () => {
    const create = (title: string) => `createTask(input: { title: "${title}" }) { task { id } }`;
    const { data } = await user.ask(`mutation { ${create('To change')} }`);
    const change = `updateTask(input: { id: "${data.createTask.task.id}", title: "Changed" }) { task { title } }`;
    const titles = async () => (await user.ask('{ tasks { nodes { title } } }')).data.tasks.nodes;
    const client = holder();
    await client.connect();
    try {
      await client.query('begin');
      await client.query("select from tasks where title = 'To change' for update");
      const [several, one] = await Promise.all([
        user.ask(`mutation { ${create('Done before')} ${change} }`),
        user.ask(`mutation { ${change} }`),
      ]);
      for (const answer of [several, one]) {
        expect(answer).toMatchObject({ status: 503, data: null, codes: ['SERVICE_UNAVAILABLE'] });
      }
      expect(several.headers.get('retry-after')).toBeNull();
      expect(several.errors[0]?.message).toContain('look before you send the mutation again');
      expect(one.headers.get('retry-after')).toBe('2');
      expect(one.errors[0]?.message).not.toContain('look before');
    } finally {
      await client.end();
    }
    expect(await titles()).toEqual([{ title: 'Done before' }, { title: 'To change' }]);
    expect(await user.ask(`mutation { ${create('Another')} ${change} }`)).toMatchObject({ status: 200, codes: [] });
  });
});

describe.runIf(inject('server'))('a server whose requests take too long', () => {
  const JWT_SECRET = randomBytes(32).toString('base64');
  let made: { url: string; drop: () => Promise<void> };
  beforeAll(async () => {
    made = await createServerDatabase();
  });
  afterAll(() => made.drop());

  it('says so, holds the places until the work is done, and serves the next', async () => {
    const server = await spawnServer({
      DATABASE_URL: made.url,
      JWT_SECRET,
      MAX_REQUESTS_IN_FLIGHT: '1',
      DATABASE_TIMEOUT: '60s',
      REQUEST_TIMEOUT: '3s',
    });
    const client = new Client({ connectionString: made.url });
    try {
      const user = await asUser(server);
      await client.connect();
      await client.query('begin');
      await client.query('lock table tasks in access exclusive mode');
      const slow = await user.ask(tasks);
      expect(slow).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
      expect(slow.headers.get('retry-after')).toBe('2');
      expect(await waitingIn(client)).toBe(1);
      expect(await user.ask('{ __typename }')).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
      await client.query('rollback');
      await vi.waitFor(async () => expect(await user.ask(tasks)).toMatchObject({ status: 200, codes: [] }), {
        timeout: 10_000,
      });
    } finally {
      await client.end();
      await server.end();
    }
  });

  it('begins no more of a refused mutation, and does not invite the client to send it again', async () => {
    const server = await spawnServer({
      DATABASE_URL: made.url,
      JWT_SECRET,
      LOG_LEVEL: 'silent',
      MAX_REQUESTS_IN_FLIGHT: '1',
      DATABASE_TIMEOUT: '60s',
      REQUEST_TIMEOUT: '3s',
    });
    const client = new Client({ connectionString: made.url });
    const fields = Array.from(
      { length: 20 },
      (_, i) => `t${i}: createTask(input: { title: "A task" }) { task { id } }`,
    );
    const mutation = `mutation { ${fields.join(' ')} }`;
    const count = '{ tasks { totalCount } }';
    try {
      const user = await asUser(server);
      await client.connect();
      await client.query('begin');
      await client.query('lock table tasks in access exclusive mode');
      const slow = await user.ask(mutation);
      expect(slow).toMatchObject({ status: 503, data: undefined, codes: ['SERVICE_UNAVAILABLE'] });
      expect(slow.headers.get('retry-after')).toBeNull();
      expect(await waitingIn(client)).toBe(1);
      await client.query('rollback');
      // The one place is free when all work has ended.
      const inTime = await vi.waitFor(
        async () => {
          const answer = await user.ask(count);
          expect(answer.status).toBe(200);
          return answer;
        },
        { timeout: 10_000 },
      );
      expect(inTime.data).toEqual({ tasks: { totalCount: 1 } });
      expect(await user.ask(mutation)).toMatchObject({ status: 200, codes: [] });
      expect((await user.ask(count)).data).toEqual({ tasks: { totalCount: 21 } });
    } finally {
      await client.end();
      await server.end();
    }
  });

  it('gives up connections to a silent database, and makes new ones when it answers again', async () => {
    const proxy = await startProxy(made.url);
    const server = await spawnServer({
      DATABASE_URL: proxy.url,
      JWT_SECRET,
      LOG_LEVEL: 'silent',
      DATABASE_TIMEOUT: '1s',
    });
    try {
      const user = await asUser(server);
      expect(await user.ask(tasks)).toMatchObject({ status: 200, codes: [] });
      proxy.silence();
      const asked = Array.from({ length: 20 }, () => user.ask(tasks));
      for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ codes: ['SERVICE_UNAVAILABLE'] });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      proxy.speak();
      await vi.waitFor(async () => expect(await user.ask(tasks)).toMatchObject({ status: 200, codes: [] }), {
        timeout: 20_000,
      });
    } finally {
      await server.end();
      proxy.stop();
    }
  });
});

/** On Linux all of 127.0.0.0/8 is this machine. */
async function askFrom(localAddress: string, url: string): Promise<{ status: number | undefined; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { 'content-type': 'application/json' };
  request(`${url}/graphql`, { method: 'POST', localAddress, headers }, resolve)
    .once('error', reject)
    .end(JSON.stringify({ query: '{ __typename }' }));
  const response = await promise;
  return { status: response.statusCode, body: await json(response) };
}

describe('a server that works on one request at a time', () => {
  it('keeps no place for bodies that do not arrive', async () => {
    const server = await startTestServer({ env: { MAX_REQUESTS_IN_FLIGHT: '1' } });
    const { port } = new URL(server.url);
    const sockets = Array.from({ length: 5 }, () => connect(Number(port), '127.0.0.1'));
    try {
      const head = ['POST /graphql HTTP/1.1', 'Host: here', 'Content-Type: application/json', 'Content-Length: 100'];
      for (const socket of sockets) await once(socket, 'connect');
      for (const socket of sockets) socket.write(`${head.join('\r\n')}\r\n\r\n{`);
      for (let i = 0; i < 5; i++) {
        expect(await asAnonymous(server).ask('{ __typename }')).toMatchObject({ status: 200, codes: [] });
      }
    } finally {
      for (const socket of sockets) socket.destroy();
      await server.close();
    }
  });

  it('answers others while a password is hashed', async () => {
    const server = await startTestServer({
      env: { MAX_REQUESTS_IN_FLIGHT: '1', ARGON2_PASSES: '16' },
    });
    try {
      const ended: string[] = [];
      const registering = asUser(server).then(() => ended.push('registered'));
      await vi.waitFor(async () =>
        expect(await asAnonymous(server).ask('{ __typename }')).toMatchObject({ status: 200 }),
      );
      for (let i = 0; i < 3; i++) {
        expect(await asAnonymous(server).ask('{ __typename }')).toMatchObject({ status: 200, codes: [] });
      }
      ended.push('answered');
      await registering;
      expect(ended).toEqual(['answered', 'registered']);
    } finally {
      await server.close();
    }
  });
});

describe('a server whose answers are not read', () => {
  let server: TestServer;
  let user: SignedIn;
  beforeAll(async () => {
    server = await startTestServer();
    user = await asUser(server);
    await makeLongTasks(user);
  });
  afterAll(() => server.close());

  /** Reads only the head for now. */
  async function askForLong(localAddress = '127.0.0.1'): Promise<IncomingMessage> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${user.session.accessToken}` };
    const sent = request(`${server.url}/graphql`, { method: 'POST', agent: false, localAddress, headers });
    const answered = once(sent, 'response');
    sent.end(JSON.stringify({ query: longQuery }));
    const [response] = await answered;
    // Both report when the connection is cut.
    sent.on('error', () => {});
    return response.on('error', () => {});
  }

  it('refuses their network, serves another, and serves both when they are read or given up', async () => {
    const unread: IncomingMessage[] = [];
    try {
      for (let i = 0; i < 6; i++) unread.push(await askForLong());
      expect(unread.map(({ statusCode }) => statusCode)).toEqual(Array(6).fill(200));
      const refused = await user.ask('{ me { username } }');
      expect(refused).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect(await askFrom('127.0.0.2', server.url)).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });

      const late = unread.pop() as IncomingMessage;
      expect((await buffer(late)).length).toBe(Number(late.headers['content-length']));
      expect(await user.ask('{ me { username } }')).toMatchObject({ status: 200, codes: [] });
      unread.push(await askForLong());
      expect(await user.ask('{ me { username } }')).toMatchObject({ status: 503 });
    } finally {
      for (const response of unread) response.destroy();
    }
    await vi.waitFor(async () => expect(await user.ask('{ me { username } }')).toMatchObject({ status: 200 }));
  });

  it('serves others while many networks leave their answers unread, and cuts the slowest', async () => {
    const unread: IncomingMessage[] = [];
    try {
      for (let i = 2; i < 12; i++) unread.push(await askForLong(`127.0.0.${i}`));
      expect(await user.ask('{ me { username } }')).toMatchObject({ status: 200, codes: [] });
      const whole = await askForLong();
      expect((await buffer(whole)).length).toBe(Number(whole.headers['content-length']));
      await expect(buffer(unread[0] as IncomingMessage)).rejects.toThrow();
    } finally {
      for (const response of unread) response.destroy();
    }
  });

  it('serves clients that read, however much', async () => {
    for (let i = 0; i < 12; i++) {
      const response = await askForLong();
      expect(response.statusCode).toBe(200);
      expect((await buffer(response)).length).toBe(Number(response.headers['content-length']));
    }
  });
});

/** More than the server can answer, and a database that keeps it waiting. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createServerDatabase, waitingIn } from '../support/database.ts';
import { asUser, type SignedIn } from '../support/personas.ts';
import { graphql, type SpawnedServer, spawnServer } from '../support/server.ts';

const places = 2;
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

  /** While `work` runs nobody can read tasks. */
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

  it('refuses what is beyond its places at once, and answers what had one', async () => {
    const held: ReturnType<typeof ask>[] = [];
    await whileTasksAreLocked(async (client) => {
      for (let i = 0; i < places; i++) held.push(ask());
      await vi.waitFor(async () => expect(await waitingIn(client)).toBe(places), { timeout: 5000 });
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', body: 'not even read' });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({
        errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE', requestId: expect.any(String) } }],
      });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    });
    for (const answer of await Promise.all(held)) expect(answer).toMatchObject({ status: 200, codes: [] });
    expect(await ask()).toMatchObject({ status: 200, codes: [] });
  });

  it('gives up a statement that waits too long, tells the client when to try again, and serves the next', async () => {
    await whileTasksAreLocked(async () => {
      const answer = await ask();
      expect(answer).toMatchObject({ codes: ['SERVICE_UNAVAILABLE'] });
      expect(JSON.stringify(answer)).not.toMatch(/select|lock timeout|statement/);
    });
    expect(await ask()).toMatchObject({ status: 200, codes: [] });
  });
});

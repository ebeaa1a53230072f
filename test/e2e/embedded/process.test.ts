import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, asAnonymous, asUser } from '../../support/personas.ts';
import { graphql, runServer, type SpawnedServer, spawnServer } from '../../support/server.ts';

const secret = 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6';

describe('a server as a process', () => {
  let directory: string;
  let server: SpawnedServer;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatewright-data-'));
    server = await spawnServer({ DATA_DIR: directory, ADMIN_PASSWORD: '' });
  });
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('says where it is, what it keeps, and that it is ready, once', () => {
    const { stdout, stderr } = server.output();
    expect(stderr).toBe('');
    expect(stdout.match(/^ready on http:\/\/127\.0\.0\.1:\d+$/gm)).toHaveLength(1);
    expect(stdout).toContain('PostgreSQL embedded in this process');
    expect(stdout).not.toContain('migrat');
  });

  it('is reached as localhost', async () => {
    const { data } = await graphql(server.url.replace('127.0.0.1', 'localhost'), '{ __typename }');
    expect(data).toEqual({ __typename: 'Query' });
  });

  it('tells the generated password of the administrator, who can sign in with it', async () => {
    const [, password = ''] = /Administrator +admin, password (\S+)/.exec(server.output().stdout) ?? [];
    const { data } = await asAnonymous(server).ask(
      `mutation { login(input: { identifier: "admin", password: "${password}" }) { session { role } } }`,
    );
    expect(data.login.session.role).toBe('ADMIN');
  });

  it('keeps its secret for itself', () => {
    expect(statSync(join(directory, 'jwt-secret')).mode & 0o777).toBe(0o600);
  });

  it('refuses a second process on its data, in a sentence', async () => {
    const { code, stderr } = await runServer({ DATA_DIR: directory });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The data directory .+ is in use by another process/);
    expect(stderr).not.toContain('    at ');
  });

  it('keeps accounts, tokens and the password over a restart', async () => {
    const user = await asUser(server);
    expect((await server.end()).code).toBe(0);
    server = await spawnServer({ DATA_DIR: directory, ADMIN_PASSWORD: '' });
    expect(server.output().stdout).not.toContain('password');
    const { data } = await graphql(server.url, '{ me { username } }', {}, { token: user.session.accessToken });
    expect(data).toEqual({ me: { username: user.username } });
  });
});

describe('a server that cannot start says why in a sentence, and ends with 1', () => {
  it('for faults of the configuration, all at once', async () => {
    const { code, stdout, stderr } = await runServer({ PORT: 'http', LOG_LEVEL: 'loud' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'The configuration has 2 faults:\n' +
        '  PORT: "http" will not do. Write a whole number from 0 to 65535.\n' +
        '  LOG_LEVEL: "loud" is unknown. Write fatal, or error, or warn, or info, or debug, or trace, or silent.\n',
    );
  });

  it('for production without a secret, and with the name of its database misspelt', async () => {
    const { code, stdout, stderr } = await runServer({
      NODE_ENV: 'production',
      DATABSE_URL: 'postgres://me:hunter2@db/app',
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('JWT_SECRET: is required in production');
    expect(stderr).toContain('DATABASE_URL: is required in production');
    expect(stderr).toContain('DATABSE_URL is set, but nothing reads it. Did you mean DATABASE_URL?');
    expect(stderr).not.toContain('hunter2');
  });

  it('for a database that is out of reach, without its password', async () => {
    const { code, stderr } = await runServer({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/app' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The database 127\.0\.0\.1:1\/app \(DATABASE_URL\) cannot be used: .*ECONNREFUSED/);
    expect(stderr).not.toContain('hunter2');
    expect(stderr).not.toContain('    at ');
  });

  it('for a directory that cannot be made', async () => {
    const { code, stderr } = await runServer({ DATA_DIR: '/proc/gatewright/data' });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^The database \/proc\/gatewright\/data \(DATA_DIR\) cannot be used: ENOENT.*\n$/),
    ]);
  });

  it('for a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await runServer({ PORT: String(port) });
    expect([code, stderr]).toEqual([1, `Port ${port} of 127.0.0.1 is taken. Set PORT to another.\n`]);
    other.close();
  });
});

describe('production', () => {
  it('makes no administrator without a password, and prints nothing but log lines and the address', async () => {
    const server = await spawnServer({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      JWT_SECRET: secret,
      ADMIN_PASSWORD: '',
      CORS_ORIGIN: 'https://app.example.com',
    });
    try {
      await until(() => server.output().stdout.includes('There is no administrator. Set ADMIN_PASSWORD'));
      const lines = server.output().stdout.trim().split('\n');
      expect(lines.filter((line) => !line.startsWith('{'))).toEqual([expect.stringMatching(/^ready on /)]);
      const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).msg);
      expect(told).toEqual(
        expect.arrayContaining([
          'CORS_ORIGIN is set, but nothing reads it. Did you mean CORS_ORIGINS?',
          'The data is kept in PostgreSQL embedded in this process, files in .data/postgresql.',
        ]),
      );
      await expect(asAdmin(server)).rejects.toThrow('INVALID_CREDENTIALS');
    } finally {
      await server.end('SIGKILL');
    }
  });
});

describe('SIGTERM', () => {
  it('fails no request: what was asked is answered, and nobody else is let in', async () => {
    const server = await spawnServer({
      LOG_LEVEL: 'warn',
      THROTTLE_LOGIN_PAIR: '100000/1m',
      THROTTLE_LOGIN_ADDRESS: '100000/1m',
      THROTTLE_LOGIN_ACCOUNT: '100000/1m',
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const answers: { status: number | undefined; connection: string | undefined }[] = [];
    const failures: unknown[] = [];
    let isRefused = false;
    // Hashing takes long, so that some of these are always under way.
    const ask = async (): Promise<void> => {
      while (!isRefused) {
        try {
          answers.push(await post(server.url, agent));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') isRefused = true;
          else failures.push(error);
        }
      }
    };
    const clients = Array.from({ length: 8 }, ask);
    await until(() => answers.length > 20);
    const { code, signal } = await server.end();
    await Promise.all(clients);

    expect({ code, signal, failures }).toEqual({ code: 0, signal: null, failures: [] });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.filter(({ connection }) => connection === 'close')).not.toEqual([]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('is told on a connection that was open, by readiness; the process is still alive', async () => {
    const server = await spawnServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await get(`${server.url}/readyz`, agent)).toMatchObject({ status: 200, connection: 'keep-alive' });
    const exited = server.end();
    let answer = await get(`${server.url}/readyz`, agent);
    while (answer.status === 200) answer = await get(`${server.url}/readyz`, agent);
    expect(answer).toEqual({ status: 503, connection: 'close', body: '{"status":"draining"}' });
    expect(await canConnect(server.url)).toBe(false);
    expect((await exited).code).toBe(0);
  });

  it('does not wait for connections that nobody uses', async () => {
    const server = await spawnServer();
    const agent = new Agent({ keepAlive: true });
    await get(`${server.url}/healthz`, agent);
    const unused = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    await until(() => unused.readyState === 'open');
    expect((await server.end()).code).toBe(0);
  });

  it('sent to npm, which ends its shell and tells nobody, ends the server as well', async () => {
    const server = await spawnServer({ npm_lifecycle_event: 'start' }, { byShell: true });
    await server.end();
    expect(await canConnect(server.url)).toBe(false);
  });

  it('sent twice ends the process at once', async () => {
    const server = await spawnServer();
    const held = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => {});
    held.write(
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    );
    await until(() => held.bytesWritten > 0 && held.readyState === 'open');
    server.process.kill('SIGTERM');
    await until(async () => !(await canConnect(server.url)));
    expect((await server.end('SIGINT')).code).toBe(1);
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

function canConnect(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function get(url: string, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; connection?: string; body: string }>();
  request(url, { agent }, async (response) => {
    const { statusCode: status, headers } = response;
    resolve({ status, connection: headers.connection, body: await text(response) });
  })
    .on('error', reject)
    .end();
  return promise;
}

function post(url: string, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    connection: string | undefined;
  }>();
  const query = 'mutation { login(input: { identifier: "nobody", password: "nothing" }) { errors { code } } }';
  request(`${url}/graphql`, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
    response.on('error', reject).on('end', () => {
      resolve({ status: response.statusCode, connection: response.headers.connection });
    });
    response.resume();
  })
    .on('error', reject)
    .end(JSON.stringify({ query }));
  return promise;
}

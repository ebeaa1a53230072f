/** From nothing to a running server, as an operator does it. process.test.ts has the rest of the start. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, asUser } from '../../support/personas.ts';
import { administrator, runServer, spawnServer } from '../../support/server.ts';

const goodSecret = 'vT8q/0rWm3Zs1LxKc7YhJ5uNpB2gFdE9aQ6iOoXtRzU=';

describe('production', () => {
  it('refuses to start on faults, and lists all of them at once without telling a secret', async () => {
    const { code, stdout, stderr } = await runServer({
      NODE_ENV: 'production',
      JWT_SECRET: 'hunter2',
      ADMIN_PASSWORD: 'letmein',
      DATABASE_URL: 'mysql://me:hunter3@localhost/app',
      PUBLIC_URL: 'api.example.com',
      CORS_ORIGINS: '*',
      ACCESS_TOKEN_TTL: 'a while',
      AUTHORIZATION_DENIAL: 'maybe',
      ADMIN_USERNAME: 'x',
      ADMIN_EMAIL: 'root@localhost',
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The configuration has 9 faults:');
    const keys = [...stderr.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, key]) => key);
    expect(keys.sort()).toEqual([
      'ACCESS_TOKEN_TTL',
      'ADMIN_EMAIL',
      'ADMIN_PASSWORD',
      'ADMIN_USERNAME',
      'AUTHORIZATION_DENIAL',
      'CORS_ORIGINS',
      'DATABASE_URL',
      'JWT_SECRET',
      'PUBLIC_URL',
    ]);
    expect(stderr).not.toMatch(/hunter|letmein| {4}at /);
  });

  it.each([
    ['missing', ''],
    ['short', 'abc'],
    ['a placeholder', 'change-me-change-me-change-me-change-me'],
    ['repetitive', 'ababababababababababababababababababab'],
  ])('refuses to start on a secret that is %s', async (_how, secret) => {
    const { code, stderr } = await runServer({ NODE_ENV: 'production', EMBEDDED_DATABASE: 'yes', JWT_SECRET: secret });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^The configuration has a fault:\n {2}JWT_SECRET: /)]);
  });

  it('starts when they are good, with the administrator that was named, and closed where development is open', async () => {
    const server = await spawnServer({
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      JWT_SECRET: goodSecret,
      ADMIN_PASSWORD: administrator.password,
    });
    try {
      const admin = await asAdmin(server);
      expect((await admin.ask('{ me { role } }')).data).toEqual({ me: { role: 'ADMIN' } });
      expect((await admin.ask('{ __schema { queryType { name } } }')).codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      const { stdout, stderr } = server.output();
      for (const secret of [goodSecret, administrator.password]) expect(stdout + stderr).not.toContain(secret);
    } finally {
      await server.end('SIGKILL');
    }
  });
});

describe('the build', () => {
  const root = join(import.meta.dirname, '../../..');
  let directory: string;
  let built: ChildProcess | undefined;
  let server: { url: string };
  beforeAll(async () => {
    // A copy, so that dist/ stays as it is.
    directory = mkdtempSync(join(tmpdir(), 'gatewright-build-'));
    for (const name of ['src', 'schema', 'tools', 'package.json', 'mikro-orm.config.ts']) {
      cpSync(join(root, name), join(directory, name), { recursive: true });
    }
    for (const name of ['tsconfig.json', 'tsconfig.build.json']) cpSync(join(root, name), join(directory, name));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    await promisify(execFile)(process.execPath, ['tools/build.ts'], { cwd: directory });
    // The build no longer needs the sources.
    for (const name of ['src', 'schema', 'tools']) rmSync(join(directory, name), { recursive: true });
    built = spawn(process.execPath, ['dist/src/main.js'], {
      cwd: directory,
      env: {
        NODE_ENV: 'production',
        EMBEDDED_DATABASE: 'yes',
        HOST: '127.0.0.1',
        PORT: '0',
        JWT_SECRET: goodSecret,
        INTROSPECTION: 'visible',
        EXPLORER: 'on',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: built.stdout! })) {
      const url = /^ready on (\S+)$/.exec(line)?.[1];
      if (!url) continue;
      server = { url };
      break;
    }
    if (!server) throw new Error('The build ended before it was ready.');
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => built?.once('close', resolve));
    if (built?.kill('SIGKILL')) await ended;
    rmSync(directory, { recursive: true, force: true });
  });

  it('serves, keeps and guards as the sources do', async () => {
    const { ask, username } = await asUser(server);
    await ask('mutation { createTask(input: { title: "Built" }) { errors { code } } }');
    const { data } = await ask('{ me { username } tasks { nodes { title } } }');
    expect(data).toEqual({ me: { username }, tasks: { nodes: [{ title: 'Built' }] } });
    expect((await ask('{ users { totalCount } }')).codes).toEqual(['FORBIDDEN']);
    expect((await ask('{ me { id } }', {}, { token: null })).codes).toEqual(['UNAUTHENTICATED']);
  });

  it('has the explorer', async () => {
    const response = await fetch(server.url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain('Gatewright');
  });
});

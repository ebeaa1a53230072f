/** `npm run keys` as an operator runs it, rightly and wrongly. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase } from '../support/database.ts';
import { spawnServer } from '../support/server.ts';
import { runTool } from '../support/tool.ts';

const cwd = mkdtempSync(join(tmpdir(), 'gatewright-keys-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const secret = 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6';
const keys = (args: string[], env: Record<string, string> = {}) => runTool('keys', args, { cwd, env });
/** The state of each key, by its kid. */
const statesOf = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    [...stdout.matchAll(/^([\w-]{22,43}) +\w+256 +(\S.*?) {2,}\S+$/gm)].map(([, kid, state]) => [kid, state] as const),
  );

describe('keys, called by mistake,', () => {
  it('tells what is wrong, and its usage', async () => {
    const { code, stdout, stderr } = await keys(['rotat']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'keys: unknown command rotat\nusage: npm run keys -- list | rotate [--now | --in 10m] | retire KID\n',
    );
  });

  it('with a fault in the configuration, tells it', async () => {
    const { code, stderr } = await keys(['list'], { JWT_SECRET: 'hunter2', DATABASE_URL: 'mysql://localhost/app' });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^keys: The configuration has 2 faults:\n {2}DATABASE_URL: .*\n {2}JWT_SECRET: has 7 bytes.*\n$/,
    );
    expect(stderr).not.toContain('hunter2');
  });
});

describe('keys of the configuration', () => {
  const privateKeys = [1, 2]
    .map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }))
    .join('');

  it.each([
    ['JWT_PRIVATE_KEYS', { JWT_PRIVATE_KEYS: privateKeys }, 'Change them there, and restart the servers.'],
    [
      'HS256',
      { JWT_ALGORITHM: 'HS256', JWT_SECRET: secret, JWT_SECRET_PREVIOUS: `${secret}, the former one` },
      'Move it to JWT_SECRET_PREVIOUS, write another one, and restart the servers.',
    ],
  ])('%s are listed, and changed elsewhere', async (_what, env, advice) => {
    const listed = await keys(['list'], env as Record<string, string>);
    expect(listed).toMatchObject({ code: 0, stderr: '' });
    expect(Object.values(statesOf(listed.stdout))).toEqual(['signs', 'verifies']);
    for (const args of [
      ['rotate', '--now'],
      ['retire', 'A'.repeat(43)],
    ]) {
      const { code, stdout, stderr } = await keys(args, env as Record<string, string>);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^keys: .* See docs\/key-rotation\.md\.\n$/);
      expect(stderr).toContain(advice);
    }
  });
});

// Each command opens the database again, which takes some seconds on the embedded one.
describe('keys on the embedded database', { timeout: 180_000 }, () => {
  const env = { DATA_DIR: join(cwd, 'data'), JWT_SECRET: secret };

  it('wants it up to date, and the server stopped', async () => {
    expect((await keys(['list'], env)).stderr).toMatch(
      /^keys: .* is not up to date\. Run `npm run db:migrate` first\.\n$/,
    );
    const server = await spawnServer(env);
    const { code, stderr } = await keys(['list'], env);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^keys: The data directory .* is in use by another process/),
    ]);
    await server.end();
  });

  it('rotates', async () => {
    expect(await keys(['rotate'], env)).toMatchObject({ code: 0, stderr: '' });
    const states = Object.values(statesOf((await keys(['list'], env)).stdout));
    expect(states).toEqual([expect.stringMatching(/^published/), 'signs']);
  });
});

describe.runIf(inject('server'))('keys on PostgreSQL', { timeout: 180_000 }, () => {
  let database: Awaited<ReturnType<typeof createServerDatabase>>;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await createServerDatabase();
    env = { DATABASE_URL: database.url, JWT_SECRET: secret };
  });
  afterAll(() => database.drop());

  it('rotates at once where there is none, several operators at once too', async () => {
    expect((await keys(['list'], env)).stdout).toContain('no keys yet');
    const made = await Promise.all([keys(['rotate', '--now'], env), keys(['rotate', '--now'], env)]);
    expect(made.map(({ code }) => code)).toEqual([0, 0]);
    const states = Object.values(statesOf((await keys(['list'], env)).stdout));
    expect(states.sort()).toEqual(['signs', expect.stringMatching(/^verifies until/)]);
  });

  it('publishes a key that signs later, and retires those that leaked when another can sign', async () => {
    const planned = await keys(['rotate'], env);
    expect(planned).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('is published now and signs from'),
    });
    const states = statesOf((await keys(['list'], env)).stdout);
    expect(Object.values(states).filter((state) => /^published, signs from \d{4}-.*Z$/.test(state))).toHaveLength(1);
    const [signing = '', former = ''] = ['signs', 'verifies'].map((is) =>
      Object.keys(states).find((kid) => states[kid]?.startsWith(is)),
    );

    expect(await keys(['retire', former], env)).toMatchObject({ code: 0, stderr: '' });
    expect(await keys(['retire', signing], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: `keys: Without the signing key ${signing} there is none that can sign. Run "rotate --now" first, then retire it.\n`,
    });
    expect((await keys(['rotate', '--now'], env)).stdout).toContain('may see its tokens before the key');
    expect(await keys(['retire', signing], env)).toMatchObject({ code: 0, stderr: '' });
    expect(statesOf((await keys(['list'], env)).stdout)).toMatchObject({
      [former]: expect.stringMatching(/^retired/),
      [signing]: expect.stringMatching(/^retired/),
    });
  });

  it('says in one line what is wrong', async () => {
    expect((await keys(['retire', 'nothing'], env)).stderr).toBe(
      'keys: There is no signing key nothing. "list" shows those that there are.\n',
    );
    // Not the servers' secret, so they could not read such a key.
    const other = await keys(['rotate'], { ...env, JWT_SECRET: `${secret}, another` });
    expect(other).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^keys: .*JWT_SECRET.*\n$/) });
  });
});

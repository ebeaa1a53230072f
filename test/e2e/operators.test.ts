/** What an operator does when nobody else can: creates an administrator, and ends every session. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { openDatabase } from '../../src/database/connection.ts';
import type { Database } from '../../src/database/database.ts';
import { createServerDatabase, type TestDatabase } from '../support/database.ts';
import { asUser, signIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { runTool } from '../support/tool.ts';

const cwd = mkdtempSync(join(tmpdir(), 'gatewright-operators-'));
afterAll(() => rmSync(cwd, { recursive: true }));

describe('called by mistake', () => {
  it.each([
    ['sessions', ['end-all'], 'end-all takes --before TIME'],
    ['sessions', ['end-all', '--before', '2026-11-30'], '--before: "2026-11-30" is not a time such as'],
    ['sessions', ['end-all', '--before', '2999-01-01T00:00:00Z'], '--before: that time is to come'],
    ['users', ['make-administrator', 'a', 'b'], 'make-administrator takes one username'],
  ])('%s %s tells what is wrong, and its usage', async (tool, args, fault) => {
    const { code, stdout, stderr } = await runTool(tool, args, { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${tool}: ${fault}`);
    expect(stderr).toContain('usage: npm run');
  });
});

describe.runIf(inject('server'))('beside a server that runs', () => {
  let env: Record<string, string>;
  let server: TestServer;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const made = await createServerDatabase();
    drop = made.drop;
    env = { DATABASE_URL: made.url };
    const open = (): Promise<Database> => openDatabase({ kind: 'postgresql', url: made.url }, sharedOptions);
    const database: TestDatabase = { name: 'postgresql', open };
    server = await startTestServer({ database });
  });
  afterAll(async () => {
    await server.close();
    await drop();
  });

  const administrator = (...args: string[]) => runTool('users', ['make-administrator', ...args], { cwd, env });

  it('an account becomes an administrator, and a name without an account does not', async () => {
    const ada = await asUser(server);
    const roleOfAda = async () => (await ada.ask('{ me { role } }')).data?.me.role;
    expect(await roleOfAda()).toBe('USER');
    const refused = await administrator('nobody');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'users: there is no account nobody: --email ADDRESS would make one\n',
    ]);
    expect((await administrator(ada.username)).stdout).toContain('has the role ADMIN now, and is open');
    expect(await roleOfAda()).toBe('ADMIN');
    expect((await administrator(ada.username)).stdout).toContain('is one already');
  });

  it('an administrator is made, and signs in with the password that is printed', async () => {
    const { code, stdout } = await administrator('captain', '--email', 'captain@example.org');
    const password = /password (\S+) \(shown this once\)/.exec(stdout)?.[1] as string;
    expect(code).toBe(0);
    const captain = await signIn(server, { username: 'captain', password });
    expect((await captain.ask('{ users { totalCount } }')).errors).toEqual([]);
    const taken = await administrator('other', '--email', 'captain@example.org');
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('another account has that e-mail address')]);
  });

  it('every session ends, and the server that runs knows of it', async () => {
    const bob = await asUser(server);
    const time = new Date(Date.now() + 1).toISOString();
    const early = new Date(Date.now() - 3_600_000).toISOString();
    expect((await runTool('sessions', ['end-all', '--before', early], { cwd, env })).stdout).toContain(': 0 sessions');
    expect((await bob.ask('{ me { role } }')).status).toBe(200);
    const { code, stdout } = await runTool('sessions', ['end-all', '--before', time], { cwd, env });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/: \d+ sessions from before .+ ended\n$/)]);
    expect((await bob.ask('{ me { role } }')).status).toBe(401);
    expect((await (await signIn(server, bob)).ask('{ me { role } }')).status).toBe(200);
  });
});

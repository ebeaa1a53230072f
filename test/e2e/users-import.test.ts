/** `npm run users -- import`, as a process, on the embedded database and on PostgreSQL. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { createAuthentication } from '../../src/authentication/authentication.ts';
import { login } from '../../src/authentication/sign-in/sign-in.service.ts';
import { openDatabase } from '../../src/database/connection.ts';
import type { Database } from '../../src/database/database.ts';
import { User } from '../../src/users/user.entity.ts';
import { origin } from '../integration/authentication/world.ts';
import { createServerDatabase } from '../support/database.ts';
import { type Ended, runTool } from '../support/tool.ts';

/** Hashes of the password `secret`: one of FastAPI's tutorial, and one that verifies faster. */
const tutorial = '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW';
const bcrypted = '$2b$04$6cu7ChxUj.qMh1m/OuacXe.olEXXQ8GNZGXwZ2BZPrMP.75L6iTwC';
const argon2 = '$argon2id$v=19$m=1024,t=2,p=4$vHduLSWEkFJKCUFISSllDA$mfET0ytLOhp5+P4S4tBSeHdssZnSo4cpLnY67fytL0Q';

const directory = mkdtempSync(join(tmpdir(), 'gatewright-users-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function users(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const ended = await runTool('users', args, { cwd: directory, env });
  // Whatever it was asked: it never prints a hash or a stack.
  expect(ended.stdout + ended.stderr).not.toMatch(/\$2[abxy]?\$|\$argon2|EixZaYVK1fsbw1|\n {4}at /);
  return ended;
}

function write(name: string, content: string | Buffer): string {
  writeFileSync(join(directory, name), content);
  return name;
}

const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe.each(inject('databases'))('on %s', (kind) => {
  let env: Record<string, string>;
  let drop: () => Promise<void> = async () => {};
  beforeAll(async () => {
    env = { DATA_DIR: join(directory, 'data') };
    if (kind === 'postgresql') {
      const server = await createServerDatabase();
      env = { DATABASE_URL: server.url };
      drop = server.drop;
    }
  });
  afterAll(() => drop());

  async function inDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const { DATABASE_URL: url, DATA_DIR: dataDir = '' } = env;
    const database = await openDatabase(url ? { kind: 'postgresql', url } : { kind: 'embedded', dataDir }, {
      ...sharedOptions,
      logger: () => {},
    } as typeof sharedOptions);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }
  /** All accounts, by username. Read at once, because the embedded database opens slowly. */
  const stored = () =>
    inDatabase(async (database) => {
      const accounts = await database.fork().findAll(User, { disableIdentityMap: true });
      return Object.fromEntries(accounts.map((account) => [account.username, account]));
    });

  it('makes accounts, and makes none of them again', async () => {
    // With a byte order mark, Windows line ends, quotes, an empty line and columns in another order.
    const file = write(
      'good.csv',
      [
        '\ufeffemail,hashed_password,id,username,full_name,disabled,role,created_at',
        `johndoe@example.com,${tutorial},1,johndoe,John Doe,f,,2024-05-17 09:30:00.123456+00`,
        '',
        `alice@example.com,"${argon2}",2,Alice,"Alice ""W"", Wonder",True,user,`,
        `fiancé@example.com,${bcrypted},3,andré,,0,,`,
        '',
      ].join('\r\n'),
    );
    const first = await users(['import', file], env);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^ignored columns: id\n/);
    expect(first.stdout).toContain('rows: 3 of 3');
    expect(first.stdout).toContain('3 accounts made, 0 already there, 0 rows refused');
    const made = await stored();
    expect(made).toMatchObject({
      johndoe: {
        email: 'johndoe@example.com',
        displayName: 'John Doe',
        passwordHash: tutorial,
        role: 'USER',
        isActive: true,
        createdAt: new Date('2024-05-17T09:30:00.123Z'),
      },
      Alice: { displayName: 'Alice "W", Wonder', isActive: false },
      'andr\u00e9': { displayName: 'andr\u00e9', passwordHash: bcrypted },
    });

    const { code, stdout } = await users(['import', file], env);
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 accounts made, 3 already there, 0 rows refused')]);
    expect(await stored()).toEqual(made);
  });

  it('checks and writes nothing in a dry run', async () => {
    const rows = [`judy,judy@example.com,${bcrypted}`, `johndoe,johndoe@example.com,x`, `x,x,${bcrypted}`];
    const file = write('dry.csv', ['username,email,hashed_password', ...rows].join('\n'));
    const { code, stdout } = await users(['import', file, '--dry-run'], env);
    expect([code, stdout]).toEqual([
      3,
      expect.stringContaining('1 account would be made, 0 already there, 2 rows refused'),
    ]);
    expect(stdout).toContain('Nothing was written: this was a dry run.');
    expect(Object.keys(await stored())).toHaveLength(3);
  });

  it('leaves an account alone that has signed in since: the hash is argon2id by then', async () => {
    const now = new Date();
    const settings = {
      algorithm: 'ES256' as const,
      secret: 'a secret of the tests, not of any server',
      issuer: 'https://gatewright.example',
      audience: 'https://gatewright.example/graphql',
      accessTokenTtl: 900,
      refreshTokenTtl: 86_400,
      refreshRetryWindow: 30,
      sessionTtl: 86_400,
      argon2: { memoryCost: 1024, timeCost: 2, parallelism: 1 },
      maxHashes: 1,
      now,
    };
    const codes = await inDatabase(async (database) => {
      const authentication = await createAuthentication(settings, database);
      const signIn = async (identifier: string, password: string) => {
        const { session, errors } = await login(
          database.fork(),
          authentication,
          { identifier, password },
          { ...origin, now },
        );
        return session ? session.role : errors.map(({ code }) => code).join();
      };
      return [
        await signIn('johndoe', 'Secret'),
        await signIn('johndoe@example.com', 'secret'),
        await signIn('johndoe', 'secret'),
        // An account that was closed in the old system stays closed.
        await signIn('alice', 'secret'),
      ];
    });
    expect(codes).toEqual(['INVALID_CREDENTIALS', 'USER', 'USER', 'INVALID_CREDENTIALS']);
    expect(await users(['import', 'good.csv'], env)).toMatchObject({ code: 0 });
    expect(await stored()).toMatchObject({
      johndoe: { passwordHash: expect.stringMatching(/^\$argon2id\$v=19\$m=1024,t=2,p=1\$/) },
      Alice: { passwordHash: argon2 },
    });
  });

  it('refuses rows, tells each with its reasons, and makes the others', async () => {
    const rows = [
      `carol,carol@example.com,${bcrypted},USER`,
      `boss,boss@example.com,${bcrypted},ADMIN`,
      `Admin,other@example.com,${bcrypted},`,
      `warden,warden@example.com,${bcrypted},`,
      `JohnDoe,john@example.com,${bcrypted},`,
      `john,JohnDoe@example.com,${bcrypted},`,
      `CAROL,carol@example.com,${bcrypted},`,
      'dave,dave@example.com,hunter2,',
      `erin,erin@example.com,${bcrypted.replace('$04$', '$31$')},`,
      `${bcrypted},frank@example.com,frank,`,
      `=cmd,grace@example.com,${bcrypted},`,
      `heidi,heidi@example.com,${bcrypted}`,
      `"i\u001b[2Jvan",ivan@example.com,${bcrypted},`,
      ...Array.from({ length: 15 }, (_, index) => `u${index},,${bcrypted},`),
      `zoe,zoe@example.com,${bcrypted},`,
    ];
    const file = write('rows.csv', ['username,email,hashed_password,role', ...rows].join('\n'));
    const surroundings = { ...env, ADMIN_USERNAME: 'warden' };
    const { code, stdout, stderr } = await users(['import', file, '--report', 'refused.csv'], surroundings);
    expect([code, stderr]).toEqual([3, '']);
    expect(stdout).toContain('2 accounts made, 0 already there, 27 rows refused');
    for (const line of [
      'line 3, boss: role is ADMIN, which --allow-admins would allow',
      'line 4, Admin: the username is reserved',
      'line 5, warden: the username is reserved',
      'line 6, JohnDoe: another account has this username',
      'line 7, john: another account has this e-mail address',
      'line 8, CAROL: line 2 has the same username; line 2 has the same e-mail address',
      'line 9, dave: the password hash has a form that is not known here',
      'line 10, erin: the bcrypt cost is 31',
      'line 11, (not shown): A username has at most 32 characters',
      'line 13, (no username): the row has more or fewer fields',
      'line 14, i\\u{1b}[2Jvan: A username is made of letters',
    ]) {
      expect(stdout).toContain(line);
    }
    expect(stdout).toContain('and 7 more, listed in refused.csv');
    for (const hidden of ['hunter2', '\u001b']) expect(stdout).not.toContain(hidden);

    const report = read('refused.csv').split('\r\n');
    expect(report[0]).toBe('line,username,reasons');
    expect(report).toHaveLength(1 + 27 + 1);
    expect(report).toContain('"3","boss","role is ADMIN, which --allow-admins would allow"');
    expect(report.find((line) => line.startsWith('"12"'))).toMatch(/^"12","'=cmd",/);
    for (const hidden of ['$2b', 'hunter2', '\u001b']) expect(report.join()).not.toContain(hidden);

    const made = await stored();
    expect(Object.keys(made).sort()).toEqual(['Alice', 'andr\u00e9', 'carol', 'johndoe', 'zoe'].sort());
    expect(made.zoe).toMatchObject({ passwordHash: bcrypted });

    // The second run finds what was created, and refuses the same rows.
    const again = await users(['import', file], surroundings);
    expect([again.code, again.stdout]).toEqual([
      3,
      expect.stringContaining('0 accounts made, 2 already there, 27 rows refused'),
    ]);
    expect(again.stdout).toContain('and 7 more, which --report FILE lists');
  });

  it('creates administrators only when it is told to', async () => {
    const file = write('boss.csv', `username,email,hashed_password,role\nboss,boss@example.com,${bcrypted},admin\n`);
    expect(await users(['import', file], env)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('0 accounts made, 0 already there, 1 row refused'),
    });
    expect(await users(['import', file, '--allow-admins'], env)).toMatchObject({ code: 0 });
    expect((await stored()).boss).toMatchObject({ role: 'ADMIN' });
  });

  it('creates nothing from a file that is not CSV to its end, and all of several batches', async () => {
    const row = (index: number) => `crowd${index},crowd${index}@example.com,${bcrypted}\n`;
    const rows = Array.from({ length: 1201 }, (_, index) => row(index)).join('');
    const broken = write('broken.csv', `username,email,hashed_password\n${rows}"never closed`);
    expect(await users(['import', broken], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('a quote that opens on line 1203 or before it is not closed'),
    });
    const whole = write('whole.csv', `username,email,hashed_password\n${rows}`);
    const { code, stdout } = await users(['import', whole], env);
    expect([code, stdout]).toEqual([0, expect.stringContaining('1201 accounts made, 0 already there, 0')]);
    expect(stdout.match(/^rows: /gm)?.length).toBeLessThanOrEqual(10);
    expect(Object.keys(await stored()).filter((username) => username.startsWith('crowd'))).toHaveLength(1201);
  });
});

describe('called with what will not do', () => {
  const good = `ada,ada@example.com,${bcrypted}\n`;
  const header = 'username,email,hashed_password\n';

  it.each<[string, string[], string]>([
    ['nothing', [], 'say what to do: import'],
    ['another task', ['export', 'x.csv'], 'export is not a task'],
    ['two files', ['import', 'a.csv', 'b.csv'], 'import takes one file'],
    ['an option that there is not', ['import', 'a.csv', '--force'], "Unknown option '--force'"],
    ['an empty name for the report', ['import', 'a.csv', '--report='], '--report takes the name of a file'],
    ['the file for the report', ['import', 'a.csv', '--report', './a.csv'], 'would write over the file'],
  ])('it tells its usage: %s', async (_what, args, message) => {
    const { code, stdout, stderr } = await users(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^users: .*\nusage: npm run users -- import FILE/);
    expect(stderr.split('\n')[0]).toContain(message);
  });

  it('it prints its usage when asked as well', async () => {
    const { code, stdout, stderr } = await users(['--help']);
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^usage: npm run users -- import FILE/), '']);
  });

  it('it says in a line what is wrong with a file, and opens no database', async () => {
    write('headless.csv', good);
    const env = { DATA_DIR: join(directory, 'never') };
    expect(await users(['import', 'missing.csv'], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'users: missing.csv cannot be read: there is no such file or directory\n',
    });
    expect(await users(['import', 'headless.csv'], env)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^users: headless\.csv: there is no column username; .*\n$/),
    });
    expect(existsSync(join(directory, 'never'))).toBe(false);
  });

  it('it says what is wrong with the database, and keeps its password', async () => {
    const file = write('one.csv', header + good);
    const told = async (url: string): Promise<string> => {
      const { code, stderr } = await users(['import', file], { DATABASE_URL: url });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^users: .*\n$/)]);
      return stderr;
    };
    const wrong = await told('mysql://me:hunter2@localhost/app');
    const unreachable = await told('postgres://me:hunter2@127.0.0.1:1/app');
    expect(wrong).toContain('DATABASE_URL is not the address of a PostgreSQL server');
    expect(unreachable).toContain('ECONNREFUSED');
    expect(wrong + unreachable).not.toContain('hunter2');
  });

  it('it migrates nothing in a dry run', async () => {
    const file = write('dry.csv', header + good);
    expect(await users(['import', file, '--dry-run'], { DATA_DIR: join(directory, 'fresh') })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^users: the embedded database in .* has no tables yet: npm run db:migrate .*\n$/),
    });
  });

  it('it says that a report cannot be written before it makes anything', async () => {
    const env = { DATA_DIR: join(directory, 'data') };
    const file = write('unreported.csv', `${header}unreported,unreported@example.com,${bcrypted}\n`);
    const { code, stdout, stderr } = await users(['import', file, '--report', 'missing/refused.csv'], env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('users: missing/refused.csv cannot be written: there is no such file or directory\n');
    const after = await users(['import', file, '--dry-run'], env);
    expect(after).toMatchObject({ code: 0, stdout: expect.stringContaining('1 account would be made') });
  });
});

/** Settings of a database, a role and a server: the answers do not depend on them, or the start refuses them. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import type { Database } from '../../../src/database/database.ts';
import { isDatabaseSlow } from '../../../src/database/faults.ts';
import { createServerDatabase } from '../../support/database.ts';
import { onServer, withDatabase } from '../../support/global-setup.ts';
import { createWorld } from '../authentication/world.ts';
import { type Account, addTask, addUser, ask } from '../tasks/fixtures.ts';

/** Settings of sessions by `alter database`. Others have PostgreSQL's default. */
const settings: Readonly<Record<string, readonly string[]>> = {
  timezone: ['America/New_York', 'Asia/Kolkata', 'Africa/Monrovia'],
  datestyle: ['SQL, DMY', 'German', 'Postgres, MDY'],
  intervalstyle: ['sql_standard', 'iso_8601'],
  extra_float_digits: ['-15', '3'],
  bytea_output: ['escape'],
  standard_conforming_strings: ['off'],
  array_nulls: ['off'],
  transform_null_equals: ['on'],
  default_transaction_isolation: ['serializable', 'repeatable read'],
  default_transaction_deferrable: ['on'],
  exit_on_error: ['on'],
  gin_fuzzy_search_limit: ['1'],
  plan_cache_mode: ['force_generic_plan', 'force_custom_plan'],
  client_encoding: ['LATIN1', 'SQL_ASCII'],
  idle_session_timeout: ['9s'],
  statement_timeout: ['9s'],
  lock_timeout: ['9s'],
  idle_in_transaction_session_timeout: ['9s'],
  quote_all_identifiers: ['on'],
  row_security: ['off'],
  lc_messages: ['C'],
  xmloption: ['document'],
  enable_seqscan: ['off'],
};

describe.runIf(inject('server'))('a PostgreSQL database', () => {
  let made: { url: string; drop: () => Promise<void> };
  let opened: Database[] = [];
  beforeAll(async () => {
    made = await createServerDatabase();
  });
  afterEach(async () => {
    for (const database of opened) await database.close();
    opened = [];
  });
  afterAll(() => made.drop());

  async function open(url = made.url, poolSize = 4): Promise<Database> {
    const database = await openDatabase({ kind: 'postgresql', url, poolSize }, sharedOptions);
    opened.push(database);
    return database;
  }

  async function openWith(chosen: Readonly<Record<string, string | undefined>>): Promise<Database> {
    const name = new URL(made.url).pathname.slice(1);
    const all = Object.entries(chosen).map(([setting, value]) => `alter database ${name} set ${setting} = '${value}'`);
    await onServer(inject('server')?.url ?? '', [`alter database ${name} reset all`, ...all].join('; '));
    return await open();
  }

  /** What clients see of one account and its tasks. Some of it uses prepared statements. */
  async function answers(database: Database, { viewer }: Account): Promise<unknown[]> {
    const lists = [
      'text: "GRÜßE"',
      'text: "a\\\\b\'"',
      'text: "ΣΊΣΥΦΟΣ"',
      'dueBefore: "1000-06-01T00:00:00Z"',
      'status: [TODO]',
    ];
    const seen: unknown[] = [];
    for (const filter of lists) {
      const nodes = 'nodes { id title description version dueAt createdAt } totalCount pageInfo { endCursor }';
      seen.push(await ask(database, viewer, `{ tasks(filter: { ${filter} }, first: 2) { ${nodes} } }`));
    }
    return seen;
  }

  it('answers the same whatever its settings are', async () => {
    const plain = await open();
    const account = await addUser(plain.fork());
    await addTask(plain.fork(), account, { title: 'grüße', dueAt: new Date('1000-01-02T03:04:05.060Z') });
    await addTask(plain.fork(), account, { title: "a\\b' and more", dueAt: new Date('9999-12-31T23:59:59.999Z') });
    await addTask(plain.fork(), account, { title: 'Σίσυφος', description: '\u{1f600}', dueAt: new Date(0) });
    const expected = await answers(plain, account);
    expect(JSON.stringify(expected)).toContain('1000-01-02T03:04:05.060Z');
    expect(expected.map((answer) => (answer as { errors?: unknown }).errors)).toEqual(expected.map(() => undefined));

    const some = fc.record(
      Object.fromEntries(Object.entries(settings).map(([name, values]) => [name, fc.constantFrom(...values)])),
      { requiredKeys: [] },
    );
    // All settings at once, and then single ones.
    const each = Object.fromEntries(Object.entries(settings).map(([name, [first = '']]) => [name, first]));
    await fc.assert(
      fc.asyncProperty(some, async (chosen) => {
        const database = await openWith(chosen);
        expect(await answers(database, account)).toEqual(expected);
        const limits = await database
          .fork()
          .execute(`select setting from pg_settings where name like '%\\_timeout' and unit = 'ms'
          and name not in ('authentication_timeout', 'deadlock_timeout', 'wal_receiver_timeout', 'wal_sender_timeout')`);
        expect(new Set(limits.map((limit) => limit.setting))).toEqual(new Set(['0']));
        const name = `n${randomBytes(6).toString('hex')}`;
        const world = await createWorld(database);
        const { refreshToken } = await world.register(name);
        const both = await Promise.all([world.refresh(refreshToken), world.refresh(refreshToken)]);
        expect(both[0].errors).toEqual([]);
        expect(both[1].session?.refreshToken).toBe(both[0].session?.refreshToken);
        await expect(world.register(name)).rejects.toThrow('TAKEN');
        await world.authentication.close();
        for (const database of opened.splice(0)) await database.close();
      }),
      { numRuns: 4, examples: [[each]] },
    );
  });

  it('is set up, listened to and found ready whatever its statement_timeout is', async () => {
    const { url, drop } = await createServerDatabase();
    const name = new URL(url).pathname.slice(1);
    // A set-up that takes 100 ms, as on a server that is busy.
    await onServer(
      url,
      `create schema slow;
       create function slow.current_setting(name text, may_miss boolean) returns text language plpgsql as $$
         begin perform pg_sleep(0.005); return pg_catalog.current_setting(name, may_miss); end $$;
       alter database ${name} set search_path = slow, pg_catalog, public;
       alter database ${name} set statement_timeout = '20ms'`,
    );
    await expect(onServer(url, 'select pg_sleep(0.1)')).rejects.toMatchObject({ code: '57014' });

    const database = await openDatabase({ kind: 'postgresql', url, poolSize: 2, timeout: 1 }, sharedOptions);
    await database.ping();
    const subscription = await database.subscribe({ onMessage: () => {}, onGap: async () => {} });
    await subscription.catchUp();
    expect(subscription.knownUntil()).toBeGreaterThan(0);
    await database.fork().execute('select pg_sleep(0.1)');
    const slow = await database
      .fork()
      .execute('select pg_sleep(5)')
      .catch((error: unknown) => error);
    expect(isDatabaseSlow(slow)).toBe(true);
    await database.close();
    await drop();
  });

  async function databaseOf(options: string): Promise<{ url: string; drop: () => Promise<void> }> {
    const name = `gatewright_test_${randomBytes(6).toString('hex')}`;
    const url = inject('server')?.url ?? '';
    await onServer(url, `create database ${name} template template0 ${options}`);
    return { url: withDatabase(url, name), drop: () => onServer(url, `drop database ${name} with (force)`) };
  }

  it.each(["encoding 'LATIN1' locale 'C'", "encoding 'SQL_ASCII' locale 'C'"])(
    'is refused with %s',
    async (options) => {
      const { url, drop } = await databaseOf(options);
      await expect(open(url)).rejects.toThrow(/^its encoding is (LATIN1|SQL_ASCII), which does not hold every script/);
      await drop();
    },
  );

  it.each([
    ["encoding 'UTF8' locale 'C'", [/^The database's locale knows no capital letters beyond A to Z\./]],
    [
      "encoding 'UTF8' locale 'C.UTF-8' locale_provider icu icu_locale 'tr'",
      [/^The database's locale does not take I and i for one letter/],
    ],
    ["encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'und'", []],
    ["encoding 'UTF8' locale 'C.UTF-8'", []],
  ])('works with %s, and warns when its text filter distinguishes cases', async (options, expected) => {
    const { url, drop } = await databaseOf(options);
    const { warnings } = await open(url);
    expect(warnings).toEqual(expected.map((text) => expect.stringMatching(text)));
    await drop();
  });

  it('is refused without room for its tables, or with its triggers off', async () => {
    await expect(openWith({ search_path: 'nowhere' })).rejects.toThrow(/^no schema of its search_path is there/);
    await expect(openWith({ session_replication_role: 'replica' })).rejects.toThrow(/^its triggers are off/);
    await openWith({ search_path: 'public' });
  });

  it('warns when the pool exceeds the limit of connections', async () => {
    const [url, role] = [inject('server')?.url ?? '', `gatewright_test_${randomBytes(6).toString('hex')}`];
    await onServer(url, `create role ${role} login connection limit 4`);
    const theirs = new URL(made.url);
    theirs.username = role;
    const warning = `are 5 connections, but the role ${role} (alter role ${role} connection limit …) allows 4.`;
    expect((await open(theirs.href, 4)).warnings).toEqual([expect.stringContaining(warning)]);
    expect((await open(theirs.href, 3)).warnings).toEqual([]);
    expect((await open(made.url, 1000)).warnings).toEqual([
      expect.stringMatching(/the server \(max_connections\) allows/),
    ]);
    for (const database of opened.splice(0)) await database.close();
    await onServer(url, `drop role ${role}`);
  });
});

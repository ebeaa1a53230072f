/** A database that was restored from a backup: what shows it, what warns of it, and what ends it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endAllSessions } from '../../../../src/authentication/sessions/session.service.ts';
import type { Database } from '../../../../src/database/database.ts';
import type { AuthSession } from '../../../../src/graphql/schema-types.ts';
import { noteSecret, settleRestore } from '../../../../src/server/bootstrap/installation.ts';
import { watchForRestore } from '../../../../src/server/bootstrap/restored.ts';
import { testDatabases } from '../../../support/database.ts';
import { createWorld, minutes, password, type World } from '../../authentication/world.ts';

describe.each(testDatabases())('after a restore on $name', ({ open }) => {
  let database: Database;
  let world: World;
  let directory: string;
  let logged: string[];
  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatewright-restored-'));
    logged = [];
    return () => rmSync(directory, { recursive: true });
  });

  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line).msg) });
  const watch = () => watchForRestore({ database, authentication: world.authentication, dataDir: directory, log });
  /** The warning of a start. */
  const warning = async () => {
    const started = await watch();
    await started.stop();
    return started.warning;
  };
  /** Deletes sign-ins and events after the backup, as a restore would. */
  const restore = (backup: Date) =>
    database.fork().transactional(async (tx) => {
      await tx.execute("set local gatewright.audit_retention = 'on'");
      await tx.execute('delete from audit_events where created_at > ?', [backup]);
      await tx.execute('delete from sessions where created_at > ?', [backup]);
    });
  const claimsOf = async ({ accessToken }: AuthSession) =>
    await world.authentication.accessTokens.verify(accessToken, world.now());

  it('each start warns until the sessions of the backup have ended', async () => {
    const before = await world.register('ada');
    const backup = world.now();
    world.pass(5 * minutes);
    const after = await world.login('ada');
    expect(await warning()).toBeNull();
    await restore(backup);
    for (const _ of ['first', 'second']) {
      expect(await warning()).toMatch(
        /restored from a backup of 2026-01-01T12:00:00.000Z.+sessions -- end-all --before/,
      );
    }
    world.pass(1);
    expect(await endAllSessions(database.fork(), world.now(), world.now())).toBe(1);
    await settleRestore(database.fork(), world.now());
    expect(await warning()).toBeNull();
    expect(await world.viewer(before)).toBe('refused');
    expect(await world.viewer(after)).toBe('refused');
    expect((await world.refresh(before.refreshToken)).session).toBeNull();
    expect(await world.viewer(await world.login('ada'))).toMatchObject({ roles: ['USER'] });
  });

  it('a good token of a sign-in that is lost tells of it, once', async () => {
    const backup = world.now();
    world.pass(5 * minutes);
    const lost = await world.login('ada');
    await restore(backup);
    const started = await watch();
    started.refused(await claimsOf(lost));
    started.refused(await claimsOf(lost));
    await started.stop();
    expect(logged).toEqual([expect.stringMatching(/looks restored from a backup, or another system has the same/)]);
    // One token is no proof, so no start repeats the warning.
    expect(await database.fork().execute('select restored_to from installation')).toEqual([{ restored_to: null }]);
  });

  it('no start warns any more when the backup held no session to end', async () => {
    const backup = world.now();
    world.pass(5 * minutes);
    await world.login('ada');
    expect(await warning()).toBeNull();
    await database.fork().execute('delete from sessions');
    await restore(backup);
    expect(await warning()).toMatch(/looks restored/);
    world.pass(1);
    expect(await endAllSessions(database.fork(), world.now(), world.now())).toBe(0);
    await settleRestore(database.fork(), world.now());
    expect(await warning()).toBeNull();
  });

  it('a token of a session that ended, or of a deleted account, tells of nothing', async () => {
    const ended = await world.login('ada');
    await endAllSessions(database.fork(), new Date(world.now().getTime() + 1), world.now());
    const deleted = await world.register('eve');
    await database.fork().execute("delete from users where username_key = 'eve'");
    for (const session of [ended, deleted]) {
      const started = await watch();
      started.refused(await claimsOf(session));
      await started.stop();
    }
    expect(logged).toEqual([]);
    expect(await warning()).toBeNull();
  });

  it('ends the sessions that are older than the time that is given, of every account, and no younger one', async () => {
    const [one, other] = [await world.register('bob'), await world.register('carol')];
    world.pass(60);
    const time = world.now();
    const younger = await world.login('bob');
    expect(await endAllSessions(database.fork(), time, time)).toBe(2);
    expect(await Promise.all([one, other].map(world.viewer))).toEqual(['refused', 'refused']);
    expect(await world.viewer(younger)).toMatchObject({ roles: ['USER'] });
    const events = await database
      .fork()
      .execute("select count(*)::int as count from audit_events where detail like '%before%' and created_at = ?", [
        time,
      ]);
    // One event for each account, and one for the whole.
    expect(events).toEqual([{ count: 3 }]);
    expect((await world.tryLogin('carol', password)).session).not.toBeNull();
  });
});

describe.each(testDatabases())('the secrets of servers on $name', ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  it('are told of when they differ, and not while one is changed step by step', async () => {
    const at = new Date('2026-01-01T12:00:00Z');
    const note = (secret: string, previousSecret: string | null = null) =>
      noteSecret(database.fork(), { secret, previousSecret }, at);
    expect(await note('one')).toBeNull();
    expect(await note('one')).toBeNull();
    expect(await note('two')).toMatch(/^JWT_SECRET is not the one .+ at 2026-01-01T12:00:00.000Z\..+ the same\./);
    expect(await note('one', 'two')).toBeNull();
    expect(await note('two', 'one')).toBeNull();
    const [{ kept }] = (await database.fork().execute('select secret_fingerprint as kept from installation')) as [
      { kept: string },
    ];
    expect(kept).not.toContain('two');
  });
});

/** What sessions are worth, from memory: right at every moment, whatever happens to the notification connection. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { Session } from '../../../../src/authentication/sessions/session.entity.ts';
import { createSessionView, type SessionView } from '../../../../src/authentication/sessions/session-view.ts';
import { serverOf } from '../../../../src/database/address/server.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import type { Database, EntityManager } from '../../../../src/database/database.ts';
import { newId } from '../../../../src/database/ids.ts';
import { subscribe } from '../../../../src/database/notifications.ts';
import { User } from '../../../../src/users/user.entity.ts';
import { createServerDatabase, testDatabases } from '../../../support/database.ts';
import { startProxy } from '../../../support/proxy.ts';
import { createWorld, days, type World } from '../world.ts';

interface Opened {
  sessionId: string;
  userId: string;
}

const names = { count: 0 };

async function signUp(world: World): Promise<Opened> {
  const viewer = await world.viewer(await world.register(`view${++names.count}`));
  if (viewer === 'refused') throw new Error('refused');
  return { sessionId: viewer.sessionId, userId: viewer.id };
}

describe.each(testDatabases())('the view of sessions on $name', ({ open }) => {
  let database: Database;
  let world: World;
  let view: SessionView;
  let session: Opened;

  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    view = await createSessionView(database);
    await view.catchUp();
    session = await signUp(world);
  });
  afterEach(() => view.close());

  const role = (of: Opened = session) => view.roleIn(of, world.now());
  const run = (change: (em: EntityManager) => Promise<unknown>) => view.known(change(database.fork()));

  it('asks the database once, and answers from then on', async () => {
    for (let time = 0; time < 5; time++) expect(await role()).toBe('USER');
    expect(view.counts).toEqual({ answered: 4, asked: 1 });
  });

  it.each([
    [
      'a session that has ended',
      () =>
        run((em) => em.nativeUpdate(Session, { id: session.sessionId }, { endedAt: world.now(), endReason: 'LOGOUT' })),
    ],
    ['a session that is gone', () => run((em) => em.nativeDelete(Session, { id: session.sessionId }))],
    ['a closed account', () => run((em) => em.nativeUpdate(User, { id: session.userId }, { isActive: false }))],
    [
      'an account whose sessions ended',
      () =>
        run((em) =>
          em.nativeUpdate(User, { id: session.userId }, { sessionsValidFrom: new Date(world.now().getTime() + 1) }),
        ),
    ],
    ['an account that is gone', () => run((em) => em.nativeDelete(User, { id: session.userId }))],
    [
      'what somebody changed by SQL',
      () =>
        run((em) => sql`update sessions set ended_at = now() where id = ${session.sessionId}`.execute(em.getKysely())),
    ],
  ])('knows of %s, and leaves others as they are', async (_what, change) => {
    const other = await signUp(world);
    expect([await role(), await role(other)]).toEqual(['USER', 'USER']);
    await change();
    expect(await role()).toBeNull();
    const { answered } = view.counts;
    expect(await role(other)).toBe('USER');
    expect(view.counts.answered).toBe(answered + 1);
  });

  it('knows of a table that was emptied', async () => {
    expect(await role()).toBe('USER');
    await run((em) => sql`truncate sessions cascade`.execute(em.getKysely()));
    expect(await role()).toBeNull();
  });

  it('knows of a change of role, both ways', async () => {
    expect(await role()).toBe('USER');
    await run((em) => em.nativeUpdate(User, { id: session.userId }, { role: 'ADMIN' }));
    expect(await role()).toBe('ADMIN');
    await run((em) => em.nativeUpdate(User, { id: session.userId }, { role: 'USER' }));
    expect(await role()).toBe('USER');
  });

  it('learns nothing of what was rolled back', async () => {
    expect(await role()).toBe('USER');
    const change = database.fork().transactional(async (tx) => {
      await tx.nativeUpdate(Session, { id: session.sessionId }, { endedAt: world.now(), endReason: 'LOGOUT' });
      throw new Error('changed my mind');
    });
    await expect(change).rejects.toThrow('changed my mind');
    await view.catchUp();
    expect(await role()).toBe('USER');
    expect(view.counts.asked).toBe(1);
  });

  it('answers for no other account, and not past the end of the session', async () => {
    const other = await signUp(world);
    expect(await role({ ...session, userId: other.userId })).toBeNull();
    expect(await role()).toBe('USER');
    expect(await role({ ...session, sessionId: newId() })).toBeNull();
    expect(await view.roleIn(session, new Date(world.now().getTime() + 91 * days * 1000))).toBeNull();
    expect(await role()).toBe('USER');
  });

  it('is bounded, and right about sessions that found no room', async () => {
    const small = await createSessionView(database, { maxSessions: 2 });
    await small.catchUp();
    const all = [session, await signUp(world), await signUp(world)];
    for (let round = 0; round < 2; round++) {
      for (const one of all) expect(await small.roleIn(one, world.now())).toBe('USER');
    }
    expect(small.counts).toEqual({ answered: 0, asked: 6 });
    await small.known(database.fork().nativeUpdate(User, { id: session.userId }, { isActive: false }));
    expect(await small.roleIn(session, world.now())).toBeNull();
    await small.close();
  });

  it('does not keep what it read while the session ended', async () => {
    // Holds the answer back until the end is known, as if it had arrived late.
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const slow = await createSessionView({
      subscribe: database.subscribe,
      fork: () => heldBack(database.fork(), arrived.resolve, released.promise),
    });
    await slow.catchUp();
    const asked = slow.roleIn(session, world.now());
    await arrived.promise;
    await slow.known(
      database.fork().nativeUpdate(Session, { id: session.sessionId }, { endedAt: world.now(), endReason: 'LOGOUT' }),
    );
    released.resolve();
    // Asked before the end, so either answer is right. It must not be cached.
    expect(await asked).toBe('USER');
    expect(await slow.roleIn(session, world.now())).toBeNull();
    await slow.close();
  });
});

function heldBack(em: EntityManager, arrived: () => void, released: Promise<void>): EntityManager {
  const kysely = em.getKysely();
  em.getKysely = (() => ({
    executeQuery: async (query: Parameters<typeof kysely.executeQuery>[0]) => {
      const answer = await kysely.executeQuery(query);
      arrived();
      await released;
      return answer;
    },
  })) as unknown as typeof em.getKysely;
  return em;
}

if (inject('server')) {
  describe('the connection of the view', () => {
    let made: { url: string; drop: () => Promise<void> };
    let database: Database;
    let world: World;
    let session: Opened;
    beforeAll(async () => {
      made = await createServerDatabase();
      database = await openDatabase({ kind: 'postgresql', url: made.url }, sharedOptions);
      world = await createWorld(database);
    });
    afterAll(async () => {
      await database.close();
      await made.drop();
    });
    beforeEach(async () => {
      session = await signUp(world);
    });

    const notify = (channel: string, payload: string) =>
      sql`select pg_notify(${channel}, ${payload})`.execute(database.fork().getKysely());
    const end = (which: Opened) =>
      database.fork().nativeUpdate(Session, { id: which.sessionId }, { endedAt: world.now(), endReason: 'LOGOUT' });
    const killListeners = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'gatewright listener'`.execute(
        database.fork().getKysely(),
      );

    it('that is killed is made again, and what happened meanwhile is known', async () => {
      const lost = vi.fn();
      const view = await createSessionView(database, { onLost: lost });
      await view.catchUp();
      const others = await Promise.all([signUp(world), signUp(world)]);
      for (const one of [session, ...others]) expect(await view.roleIn(one, world.now())).toBe('USER');

      await killListeners();
      await end(session);
      // At once, whether the loss is noticed or not: the view asks, or was notified.
      await vi.waitFor(async () => expect(await view.roleIn(session, world.now())).toBeNull(), {
        timeout: 1000,
        interval: 5,
      });
      await vi.waitFor(() => expect(lost).toHaveBeenCalled());

      // Connected again: the view read its entries again in one statement, and answers from memory.
      await vi.waitFor(
        async () => {
          const { answered } = view.counts;
          for (const one of others) expect(await view.roleIn(one, world.now())).toBe('USER');
          expect(view.counts.answered).toBe(answered + 2);
        },
        { timeout: 10_000 },
      );
      expect(await view.roleIn(session, world.now())).toBeNull();
      await view.known(end(others[0] as Opened));
      expect(await view.roleIn(others[0] as Opened, world.now())).toBeNull();
      await view.close();
    });

    it('that falls silent is not trusted for longer than a second, and the database is asked', async () => {
      const proxy = await startProxy(made.url);
      const view = await createSessionView({
        fork: database.fork,
        subscribe: (subscriber) => subscribe(serverOf({ url: proxy.url }), subscriber, notify),
      });
      await view.catchUp();
      expect(await view.roleIn(session, world.now())).toBe('USER');
      expect(await view.roleIn(session, world.now())).toBe('USER');
      expect(view.counts).toEqual({ answered: 1, asked: 1 });

      proxy.silence();
      await end(session);
      await vi.waitFor(async () => expect(await view.roleIn(session, world.now())).toBeNull(), {
        timeout: 1000,
        interval: 5,
      });
      await view.close();
      proxy.stop();
    });

    it('that a pooler is in between proves nothing, and leaves every question to the database', async () => {
      const proxy = await startProxy(made.url);
      proxy.dropWhatIsNotAsked();
      const view = await createSessionView({
        fork: database.fork,
        subscribe: (subscriber) => subscribe(serverOf({ url: proxy.url }), subscriber, notify),
      });
      await view.catchUp();
      for (let time = 0; time < 3; time++) expect(await view.roleIn(session, world.now())).toBe('USER');
      expect(view.counts).toEqual({ answered: 0, asked: 3 });
      await end(session);
      expect(await view.roleIn(session, world.now())).toBeNull();
      await view.close();
      proxy.stop();
    });

    it('that can never be made leaves every question to the database', async () => {
      const nowhere = new URL(made.url);
      nowhere.port = '1';
      const view = await createSessionView({
        fork: database.fork,
        subscribe: (subscriber) => subscribe(serverOf({ url: nowhere.href }), subscriber, notify),
      });
      for (let time = 0; time < 3; time++) expect(await view.roleIn(session, world.now())).toBe('USER');
      expect(view.counts).toEqual({ answered: 0, asked: 3 });
      await end(session);
      expect(await view.roleIn(session, world.now())).toBeNull();
      await view.close();
    });

    it('that is lost while the database is lost as well opens nothing: the question is a fault', async () => {
      const [own, server] = [await createServerDatabase(), world];
      const lonely = await openDatabase({ kind: 'postgresql', url: own.url }, sharedOptions);
      const view = await createSessionView(lonely);
      await view.catchUp();
      await own.drop();
      await vi.waitFor(async () => {
        await expect(view.roleIn(session, server.now())).rejects.toThrow();
      });
      await lonely.close();
    });
  });
}

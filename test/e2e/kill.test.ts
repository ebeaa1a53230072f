/** kill -9 during changes of accounts and sessions: nothing is half done, and no acknowledged change is lost. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServerDatabase, testDatabases } from '../support/database.ts';
import { type AuthSession, asAnonymous, asUser, signIn } from '../support/personas.ts';
import { type DatabaseProxy, startProxy } from '../support/proxy.ts';
import { type SpawnedServer, spawnServer } from '../support/server.ts';
import { LoginDocument, RefreshDocument, RegisterDocument } from './documents/graphql.ts';

interface Place {
  env: Record<string, string>;
  /** Null: the embedded database. */
  proxy: DatabaseProxy | null;
  remove(): Promise<void>;
}

const secret = randomBytes(32).toString('base64');
// A new process may start slowly, so that an answer is late.
const always = {
  JWT_SECRET: secret,
  LOG_LEVEL: 'error',
  PUBLIC_URL: 'http://gatewright.test',
  REFRESH_RETRY_WINDOW: '5m',
};

const places: Record<string, () => Promise<Place>> = {
  embedded: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatewright-kill-'));
    return {
      env: { ...always, DATA_DIR: directory },
      proxy: null,
      remove: async () => rmSync(directory, { recursive: true, force: true }),
    };
  },
  postgresql: async () => {
    const { url, drop } = await createServerDatabase();
    const proxy = await startProxy(url);
    return {
      env: { ...always, DATABASE_URL: proxy.url },
      proxy,
      remove: async () => {
        proxy.stop();
        await drop();
      },
    };
  },
};

describe.each(testDatabases().map(({ name }) => name))('a server killed on %s', (name) => {
  let place: Place;
  let server: SpawnedServer;
  beforeEach(async () => {
    place = await (places[name] as () => Promise<Place>)();
    server = await spawnServer(place.env);
  });
  afterEach(async () => {
    await server.end('SIGKILL');
    await place.remove();
  });

  const killAndRestart = async () => {
    expect((await server.end('SIGKILL')).signal).toBe('SIGKILL');
    server = await spawnServer(place.env);
  };
  /** Null if the server is gone. */
  const orGone = <T>(asked: Promise<T>): Promise<T | null> => asked.catch(() => null);
  const refresh = (refreshToken: string) => asAnonymous(server).ask(RefreshDocument, { input: { refreshToken } });
  const refreshed = async (refreshToken: string): Promise<AuthSession> => {
    const { data, errors } = await refresh(refreshToken);
    expect([errors, data?.refresh.errors]).toEqual([[], []]);
    return data?.refresh.session as AuthSession;
  };
  const login = async (identifier: string, password: string) =>
    (await asAnonymous(server).ask(LoginDocument, { input: { identifier, password } })).data?.login.session ?? null;

  it('amid refreshes gives each token one successor, which a retry receives again', { timeout: 180_000 }, async () => {
    const users = await Promise.all(Array.from({ length: 4 }, () => asUser(server)));
    const tokens = users.map(({ session }) => session.refreshToken);
    for (const delay of [1, 20]) {
      const told = tokens.map((token) => Array.from({ length: 5 }, () => orGone(refresh(token))));
      await new Promise((resolve) => setTimeout(resolve, delay));
      await killAndRestart();
      for (const [index, asked] of told.entries()) {
        const acknowledged = (await Promise.all(asked)).flatMap(
          (answer) => answer?.data?.refresh.session?.refreshToken ?? [],
        );
        const retried = (await refreshed(tokens[index] as string)).refreshToken;
        expect(new Set([...acknowledged, retried])).toEqual(new Set([retried]));
        tokens[index] = retried;
      }
    }
    for (const token of tokens) await refreshed(token);
  });

  if (name === 'postgresql') {
    it('between the claim of a refresh token and the answer gives a retry the successor that was made', async () => {
      const { session } = await asUser(server);
      const committed = place.proxy?.swallowAnswerTo('commit');
      const lost = orGone(refresh(session.refreshToken));
      await committed;
      await killAndRestart();
      expect(await lost).toBeNull();
      const first = await refreshed(session.refreshToken);
      const again = await refreshed(session.refreshToken);
      expect(again.refreshToken).toBe(first.refreshToken);
      await refreshed(first.refreshToken);
      expect((await refresh(session.refreshToken)).data?.refresh.errors).toMatchObject([
        { code: 'INVALID_REFRESH_TOKEN' },
      ]);
    });
  }

  if (name === 'postgresql') {
    it.each([
      ['right after its commit leaves the new one, and ends the other sessions', 'commit', true],
      ['right before its commit leaves the old one, and the other sessions', '"password_version" =', false],
    ])('in a change of password, %s', async (_what, statement, isChanged) => {
      const user = await asUser(server);
      const other = await signIn(server, user);
      const next = `${user.password}, and more`;
      const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }';
      const reached = place.proxy?.swallowAnswerTo(statement);
      const lost = orGone(user.ask(change, { input: { currentPassword: user.password, newPassword: next } }));
      await reached;
      await killAndRestart();
      expect(await lost).toBeNull();
      const [before, after] = [await login(user.username, user.password), await login(user.username, next)];
      expect([before !== null, after !== null]).toEqual([!isChanged, isChanged]);
      const { errors } = (await refresh(other.session.refreshToken)).data?.refresh ?? {};
      expect(errors?.map(({ code }) => code)).toEqual(isChanged ? ['INVALID_REFRESH_TOKEN'] : []);
    });

    it('right after the commit of a registration keeps the account whole', async () => {
      const username = `u${randomBytes(6).toString('hex')}`;
      const input = { username, email: `${username}@example.com`, password: 'a long walk on the beach' };
      const reached = place.proxy?.swallowAnswerTo('commit');
      const lost = orGone(asAnonymous(server).ask(RegisterDocument, { input }));
      await reached;
      await killAndRestart();
      expect(await lost).toBeNull();
      expect((await login(username, input.password))?.username).toBe(username);
    });
  }

  it('amid registrations keeps whole accounts, and every one that was acknowledged', async () => {
    const people = Array.from({ length: 12 }, () => `u${randomBytes(6).toString('hex')}`);
    const password = 'a long walk on the beach';
    const register = (username: string) =>
      asAnonymous(server).ask(RegisterDocument, { input: { username, email: `${username}@example.com`, password } });
    const first = Promise.withResolvers<void>();
    const asked = people.map(async (username) => {
      const answer = await orGone(register(username));
      if (answer) first.resolve();
      return answer;
    });
    await first.promise;
    await killAndRestart();

    let acknowledged = 0;
    for (const [index, username] of people.entries()) {
      const wasTold = (await asked[index])?.data?.register.session;
      if (wasTold) acknowledged++;
      const session = await login(username, password);
      if (wasTold) expect(session?.username).toBe(username);
      // If there is no session, there is no account: the name and the address are free.
      if (!session) expect((await register(username)).data?.register.errors).toEqual([]);
    }
    expect(acknowledged).toBeGreaterThan(0);
  });

  it('amid changes of a password leaves one that works: the new one, if it was acknowledged', async () => {
    for (const delay of [5, 100, 200]) {
      const user = await asUser(server);
      const other = await signIn(server, user);
      const next = `${user.password}, and more`;
      const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }';
      const asked = orGone(user.ask(change, { input: { currentPassword: user.password, newPassword: next } }));
      await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, delay))]);
      await killAndRestart();
      const wasTold = (await asked)?.data?.changePassword.errors.length === 0;
      const [before, after] = [await login(user.username, user.password), await login(user.username, next)];
      expect([before, after].filter((session) => session !== null)).toHaveLength(1);
      if (wasTold) expect(after).not.toBeNull();
      // The other sessions end with the change, and not without it.
      const { errors } = (await refresh(other.session.refreshToken)).data?.refresh ?? {};
      expect(errors?.map(({ code }) => code)).toEqual(after ? ['INVALID_REFRESH_TOKEN'] : []);
    }
  });
});

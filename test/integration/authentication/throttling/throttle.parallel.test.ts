/** Counts are exact under parallel calls, on one server and on several. When they cannot be kept, nothing passes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { ThrottledError, type ThrottleLimits } from '../../../../src/authentication/throttling/throttle.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import type { Database } from '../../../../src/database/database.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';
import { createServerDatabase, testDatabases } from '../../../support/database.ts';
import {
  countPasses,
  createNode,
  isRefused,
  logins,
  minute,
  type Node,
  passes,
  someAccount,
  someName,
  someNetwork,
  together,
  unlimited,
} from './throttle.world.ts';

const ten = { points: 10, duration: 15 * minute };

describe.each(testDatabases())('on $name', ({ open }) => {
  let database: Database;
  const nodes: Node[] = [];
  const node = async (limits: Partial<ThrottleLimits>): Promise<Node> => {
    const made = await createNode(database, limits);
    nodes.push(made);
    return made;
  };
  beforeAll(async () => {
    database = await open();
  });
  afterAll(async () => {
    for (const { throttle } of nodes) await throttle.close();
    await database.close();
  });

  describe('of 60 sign-ins at once', () => {
    it.each([
      ['a pair', 'LOGIN_PAIR', { loginPair: ten }, () => ({ account: someAccount(), network: someNetwork() })],
      ['an account', 'LOGIN_ACCOUNT', { loginAccount: ten }, () => ({ account: someAccount(), network: null })],
      ['a name', 'LOGIN_ACCOUNT', { loginAccount: ten }, () => ({ account: someName(), network: null })],
      ['a network', 'LOGIN_ADDRESS', { loginAddress: ten }, () => ({ account: null, network: someNetwork() })],
    ])('10 pass the limit of %s, and one block is reported', async (_, limit, limits, make) => {
      const { throttle, blocks } = await node(limits);
      const { account, network } = make();
      const outcomes = await together(60, () =>
        throttle.login({
          account: account ?? someAccount(),
          network: network ?? someNetwork(),
          isKnownNetwork: false,
        }),
      );
      expect(countPasses(outcomes)).toBe(10);
      const accountId = account && 'id' in account ? account.id : null;
      const block = { limit, accountId, network: network ?? expect.any(String) };
      expect(blocks).toEqual([block]);
      expect(outcomes.map((outcome) => outcome instanceof ThrottledError && outcome.block).filter(Boolean)).toEqual([
        block,
      ]);
    });

    it('10 registrations, and as many refreshes', async () => {
      const { throttle, blocks } = await node({ registerAddress: ten, refreshAddress: ten, refreshSession: ten });
      const network = someNetwork();
      const sessionId = someAccount().id;
      expect(countPasses(await together(60, () => throttle.register({ network })))).toBe(10);
      expect(countPasses(await together(60, () => throttle.refresh({ network })))).toBe(10);
      expect(countPasses(await together(60, () => throttle.refreshOf({ sessionId })))).toBe(10);
      expect(blocks.map(({ limit }) => limit)).toEqual(['REGISTER_ADDRESS', 'REFRESH_ADDRESS', 'REFRESH_SESSION']);
    });
  });

  it('successes among failures let as many pass as did not succeed', async () => {
    const { throttle } = await node({ loginAddress: ten });
    const network = someNetwork();
    let open = 0;
    let most = 0;
    await together(60, async (n) => {
      const attempt = await throttle.login({ account: someAccount(), network, isKnownNetwork: false });
      most = Math.max(most, ++open);
      if (n % 2 === 0) {
        open--;
        await attempt.succeeded();
      }
    });
    expect(most).toBeLessThanOrEqual(10);
    const rest = await together(60, () => throttle.login({ account: someAccount(), network, isKnownNetwork: false }));
    expect(open + countPasses(rest)).toBe(10);
  });

  it('with the default limits, 50 parallel refreshes of a session pass', async () => {
    const { throttle } = await node({
      refreshAddress: { points: 1000, duration: 60 },
      refreshSession: { points: 200, duration: 60 },
    });
    const [network, sessionId] = [someNetwork(), someAccount().id];
    const outcomes = await together(50, async () => {
      await throttle.refresh({ network });
      await throttle.refreshOf({ sessionId });
    });
    expect(countPasses(outcomes)).toBe(50);
  });

  it('an error in reporting a block opens nothing', async () => {
    const { throttle } = await node({ registerAddress: { points: 1, duration: minute } });
    const network = someNetwork();
    nodes.at(-1)!.blocks.push = () => {
      throw new Error('the log is full');
    };
    await throttle.register({ network });
    await expect(throttle.register({ network })).rejects.toThrow('the log is full');
    await expect(throttle.register({ network })).rejects.toThrow(TooManyRequestsError);
  });
});

if (inject('server'))
  describe('on a server with several nodes', () => {
    let url: string;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      ({ url, drop } = await createServerDatabase());
    });
    afterAll(() => drop());

    it('10 of 60 are let through, whichever node they ask', async () => {
      const databases = [await openDatabase({ kind: 'postgresql', url }, sharedOptions)];
      databases.push(await openDatabase({ kind: 'postgresql', url }, sharedOptions));
      const nodes = await Promise.all(databases.map((database) => createNode(database, { loginPair: ten })));
      const attempt = { account: someAccount(), network: someNetwork(), isKnownNetwork: false };
      const outcomes = await together(60, (n) => nodes[n % 2]!.throttle.login(attempt));
      expect(countPasses(outcomes)).toBe(10);
      expect(nodes.flatMap(({ blocks }) => blocks)).toHaveLength(1);

      // One server gives an attempt back, and the other one, which has refused, gives it out.
      const success = outcomes.find((outcome) => !isRefused(outcome));
      if (!success || isRefused(success)) throw new Error('all were refused');
      await success.succeeded();
      for (const each of nodes) expect(passes(await logins(each, 5, attempt))).not.toContain(false);
      for (const each of nodes) expect(passes(await logins(each, 1, attempt))).toEqual([false]);
      for (const { throttle } of nodes) await throttle.close();
      for (const database of databases) await database.close();
    });

    it('10 of 60 are let through, by two processes', async () => {
      const limits = JSON.stringify({ ...unlimited, loginPair: ten });
      const attempt = JSON.stringify({ account: someAccount(), network: someNetwork(), isKnownNetwork: false });
      const children = [1, 2].map(() =>
        fork(join(import.meta.dirname, 'throttle.child.ts'), [url, limits, attempt, '30'], { execArgv: [] }),
      );
      for (const [message] of await Promise.all(children.map((child) => once(child, 'message')))) {
        expect(message).toBe('ready');
      }
      const answers = children.map((child) => once(child, 'message'));
      for (const child of children) child.send('go');
      const results = (await Promise.all(answers)).map(([message]) => message);
      const sum = (name: string) => results.reduce((total, result) => total + result[name], 0);
      expect({ passed: sum('passed'), told: sum('told'), faults: sum('faults') }).toEqual({
        passed: 10,
        told: 1,
        faults: 0,
      });
      await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    });
  });

if (inject('server'))
  describe('when the counts cannot be kept', () => {
    it('every call fails with the store’s own error, and nothing passes', async () => {
      const { url, drop } = await createServerDatabase();
      const database = await openDatabase({ kind: 'postgresql', url }, sharedOptions);
      const { throttle, blocks } = await createNode(database, {});
      const [account, network] = [someAccount(), someNetwork()];
      const before = await throttle.login({ account, network, isKnownNetwork: false });
      await database.fork().execute('alter table rate_limits rename to elsewhere');
      const calls = [
        throttle.register({ network }),
        throttle.login({ account, network, isKnownNetwork: false }),
        throttle.login({ account, network, isKnownNetwork: true }),
        throttle.password({ network, accountId: account.id, isKnownNetwork: true }),
        throttle.refresh({ network }),
        throttle.refreshOf({ sessionId: account.id }),
        before.succeeded(),
      ];
      const settled = await Promise.allSettled(calls);
      expect(settled.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
      for (const outcome of settled) expect(outcome).toMatchObject({ reason: { code: '42P01' } });
      expect(blocks).toEqual([]);

      await database.fork().execute('alter table elsewhere rename to rate_limits');
      await throttle.login({ account, network, isKnownNetwork: false });
      await throttle.close();
      await database.close();
      await drop();
    });

    it('a caller’s transaction that fails leaves the count as it is', async () => {
      const { url, drop } = await createServerDatabase();
      const database = await openDatabase({ kind: 'postgresql', url }, sharedOptions);
      const { throttle } = await createNode(database, { registerAddress: { points: 1, duration: minute } });
      const network = someNetwork();
      const failing = database.fork().transactional(async () => {
        await throttle.register({ network });
        throw new Error('rolled back');
      });
      await expect(failing).rejects.toThrow('rolled back');
      await expect(throttle.register({ network })).rejects.toThrow(TooManyRequestsError);
      await throttle.close();
      await database.close();
      await drop();
    });
  });

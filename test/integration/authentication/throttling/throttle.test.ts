import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RateLimit } from '../../../../src/authentication/throttling/rate-limit.entity.ts';
import type { ThrottleLimits } from '../../../../src/authentication/throttling/throttle.ts';
import type { Database } from '../../../../src/database/database.ts';
import { networkOf } from '../../../../src/network.ts';
import { testDatabases } from '../../../support/database.ts';
import {
  createNode,
  isRefused,
  logins,
  minute,
  type Node,
  outcomeOf,
  pass,
  passes,
  retryAfter,
  someAccount,
  someName,
  someNetwork,
  stopClock,
} from './throttle.world.ts';

const three = { points: 3, duration: 15 * minute };
const threeThen = [true, true, true, false];

describe.each(testDatabases())('the throttle on $name', ({ open, name }) => {
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
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    for (const { throttle } of nodes) await throttle.close();
    await database.close();
  });

  describe.each([
    ['known', someAccount],
    ['unknown', someName],
  ])('for an account that is %s', (_, someone) => {
    it('allows a number of sign-ins from one network, and does not limit other networks and accounts', async () => {
      const it = await node({ loginPair: three });
      const [account, network] = [someone(), someNetwork()];
      expect(passes(await logins(it, 4, { account, network }))).toEqual(threeThen);
      expect(passes(await logins(it, 4, { account, network: someNetwork() }))).toEqual(threeThen);
      expect(passes(await logins(it, 4, { account: someone(), network }))).toEqual(threeThen);
    });

    it('allows a number of sign-ins from all strange networks together', async () => {
      const it = await node({ loginAccount: three });
      const account = someone();
      const from = async () => (await logins(it, 1, { account, network: someNetwork() }))[0];
      expect(passes([await from(), await from(), await from(), await from()])).toEqual(threeThen);
      expect(passes(await logins(it, 1, { account: someone(), network: someNetwork() }))).toEqual([true]);
    });

    it('says when to come back, and nothing of the account', async () => {
      stopClock();
      const it = await node({ loginPair: three });
      const attempt = { account: someone(), network: someNetwork() };
      await logins(it, 3, attempt);
      pass(89.5);
      const [refusal] = await logins(it, 1, attempt);
      if (!isRefused(refusal)) throw new Error('let through');
      expect([refusal.code, refusal.message, retryAfter(refusal)]).toEqual([
        'TOO_MANY_REQUESTS',
        'Too many attempts. Try again in 14 minutes.',
        811,
      ]);
    });

    it('opens when the window ends, however many attempts came meanwhile', async () => {
      stopClock();
      const it = await node({ loginPair: three });
      const attempt = { account: someone(), network: someNetwork() };
      await logins(it, 4, attempt);
      pass(15 * minute - 1);
      const [refusal] = await logins(it, 5, attempt);
      expect(isRefused(refusal) && [refusal.message, retryAfter(refusal)]).toEqual([
        'Too many attempts. Try again in 1 second.',
        1,
      ]);
      pass(1);
      expect(passes(await logins(it, 4, attempt))).toEqual(threeThen);
    });
  });

  it('allows a number of sign-ins from one network, to all accounts together', async () => {
    const it = await node({ loginAddress: three });
    const network = someNetwork();
    const to = async (account: ReturnType<typeof someAccount> | ReturnType<typeof someName>) =>
      (await logins(it, 1, { account, network }))[0];
    const outcomes = [await to(someAccount()), await to(someName()), await to(someAccount()), await to(someName())];
    expect(passes(outcomes)).toEqual(threeThen);
    expect(passes(await logins(it, 1, { account: someAccount(), network: someNetwork() }))).toEqual([true]);
  });

  it('counts all addresses of a /64 as one, and those of the next apart', async () => {
    const it = await node({ loginAddress: three });
    const at = async (address: string) =>
      (await logins(it, 1, { account: someAccount(), network: networkOf(address) }))[0];
    const prefix = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}`;
    const outcomes = [];
    for (const rest of ['1::1', '1::2', '1:ffff::3', '1:8000::4', '2::1']) outcomes.push(await at(`${prefix}:${rest}`));
    expect(passes(outcomes)).toEqual([...threeThen, true]);
  });

  it('allows a number of registrations from one network', async () => {
    const { throttle, blocks } = await node({ registerAddress: three });
    const network = someNetwork();
    const register = (from: string) => outcomeOf(throttle.register({ network: from }));
    const outcomes = [];
    for (let n = 0; n < 6; n++) outcomes.push(await register(network));
    expect(passes(outcomes)).toEqual([...threeThen, false, false]);
    const last = outcomes.at(-1);
    expect(isRefused(last) && retryAfter(last)).toBeGreaterThan(14 * minute);
    expect(passes([await register(someNetwork())])).toEqual([true]);
    expect(blocks).toEqual([{ limit: 'REGISTER_ADDRESS', accountId: null, network }]);
  });

  it('opens registrations again when the window ends', async () => {
    stopClock();
    const { throttle } = await node({ registerAddress: three });
    const network = someNetwork();
    const register = () => outcomeOf(throttle.register({ network }));
    for (let n = 0; n < 5; n++) await register();
    pass(15 * minute - 1);
    expect(passes([await register()])).toEqual([false]);
    // In memory, a key beyond its limit stays so up to and including the last millisecond of the window.
    pass(1.001);
    expect(passes([await register(), await register(), await register(), await register()])).toEqual(threeThen);
  });

  it('allows a number of refreshes of one session, and from one network', async () => {
    const { throttle, blocks } = await node({ refreshAddress: three, refreshSession: { points: 2, duration: minute } });
    const [network, { id: sessionId }] = [someNetwork(), someAccount()];
    const refresh = (from: string) => outcomeOf(throttle.refresh({ network: from }));
    const refreshOf = (id: string) => outcomeOf(throttle.refreshOf({ sessionId: id }));
    expect(passes([await refresh(network), await refresh(network), await refresh(network)])).toEqual([
      true,
      true,
      true,
    ]);
    expect(passes([await refresh(network), await refresh(someNetwork())])).toEqual([false, true]);
    expect(passes([await refreshOf(sessionId), await refreshOf(sessionId)])).toEqual([true, true]);
    expect(passes([await refreshOf(sessionId), await refreshOf(someAccount().id)])).toEqual([false, true]);
    expect(blocks).toEqual([
      { limit: 'REFRESH_ADDRESS', accountId: null, network },
      { limit: 'REFRESH_SESSION', accountId: null, network: null },
    ]);
  });

  it('counts a viewer’s own password with the sign-ins from that network', async () => {
    const it = await node({ loginPair: three, loginAddress: { points: 1, duration: minute } });
    const [account, network] = [someAccount(), someNetwork()];
    const password = () => outcomeOf(it.throttle.password({ network, accountId: account.id, isKnownNetwork: true }));
    expect(passes(await logins(it, 1, { account, network }))).toEqual([true]);
    expect(passes([await password(), await password(), await password()])).toEqual([true, true, false]);
    expect(it.blocks).toEqual([{ limit: 'LOGIN_PAIR', accountId: account.id, network }]);
    expect(
      passes([await outcomeOf(it.throttle.password({ network, accountId: someAccount().id, isKnownNetwork: true }))]),
    ).toEqual([true]);
  });

  it('counts every spelling of a name as the same', async () => {
    const it = await node({ loginPair: three });
    const network = someNetwork();
    const { identifier } = someName();
    const outcomes = [];
    for (const spelling of [identifier, identifier.toUpperCase(), identifier.replace('n', 'ｎ'), identifier]) {
      outcomes.push(...(await logins(it, 1, { account: { identifier: spelling }, network })));
    }
    expect(passes(outcomes)).toEqual(threeThen);
    const unstorable = { account: { identifier: `\0${identifier}\ud800` }, network };
    expect(passes(await logins(it, 4, unstorable))).toEqual(threeThen);
  });

  if (name === 'postgresql')
    it('stores no typed text', async () => {
      const it = await node({});
      const { identifier } = someName();
      for (const typed of [identifier, `${identifier}@example.org`]) {
        await logins(it, 1, { account: { identifier: typed }, network: someNetwork() });
      }
      const rows = await database.fork().find(RateLimit, {});
      expect(rows.length).toBeGreaterThan(5);
      expect(JSON.stringify(rows)).not.toContain(identifier);
    });
});

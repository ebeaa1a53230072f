/** What a success gives back, and what an attacker cannot take from an owner. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ThrottleLimits } from '../../../../src/authentication/throttling/throttle.ts';
import type { Database } from '../../../../src/database/database.ts';
import { testDatabases } from '../../../support/database.ts';
import {
  createNode,
  isRefused,
  logins,
  minute,
  type Node,
  type Outcome,
  outcomeOf,
  pass,
  passes,
  someAccount,
  someName,
  someNetwork,
  stopClock,
  together,
} from './throttle.world.ts';

const three = { points: 3, duration: 15 * minute };
const threeThen = [true, true, true, false];

function attemptIn(outcomes: readonly (Outcome | undefined)[]) {
  const [outcome] = outcomes;
  if (!outcome || isRefused(outcome)) throw new Error('refused');
  return outcome;
}

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
  afterEach(() => vi.useRealTimers());
  afterAll(async () => {
    for (const { throttle } of nodes) await throttle.close();
    await database.close();
  });

  describe('a success', () => {
    it('forgets the failures of that account from that network', async () => {
      const it = await node({ loginPair: three });
      const [attempt, other] = [someAccount(), someAccount()].map((account) => ({ account, network: someNetwork() }));
      await logins(it, 2, attempt!);
      await logins(it, 2, other!);
      await attemptIn(await logins(it, 1, attempt!)).succeeded();
      expect(passes(await logins(it, 4, attempt!))).toEqual(threeThen);
      expect(passes(await logins(it, 2, other!))).toEqual([true, false]);
    });

    it('uses up nothing of the network, nor of the account; a failure does', async () => {
      const it = await node({ loginAddress: three, loginAccount: { points: 4, duration: 15 * minute } });
      const [account, network] = [someAccount(), someNetwork()];
      for (let n = 0; n < 10; n++) await attemptIn(await logins(it, 1, { account, network })).succeeded();
      expect(passes(await logins(it, 4, { account, network }))).toEqual(threeThen);
      // The account has one more attempt.
      expect(passes(await logins(it, 2, { account, network: someNetwork() }))).toEqual([true, false]);
    });

    it('gives back once', async () => {
      const it = await node({ loginAddress: three });
      const network = someNetwork();
      await logins(it, 2, { account: someAccount(), network });
      const attempt = attemptIn(await logins(it, 1, { account: someAccount(), network }));
      for (let n = 0; n < 3; n++) await attempt.succeeded();
      await attempt.withdrawn();
      expect(passes(await logins(it, 2, { account: someAccount(), network }))).toEqual([true, false]);
    });

    it('opens what refused attempts had closed meanwhile, and no more', async () => {
      const it = await node({ loginAddress: three });
      const network = someNetwork();
      const account = someAccount();
      const outcomes = await together(9, () => it.throttle.login({ account, network, isKnownNetwork: false }));
      const attempts = outcomes.filter((outcome) => !isRefused(outcome));
      expect(attempts).toHaveLength(3);
      await attemptIn(attempts).succeeded();
      expect(passes(await logins(it, 2, { account, network }))).toEqual([true, false]);
    });

    it('that comes when its window is over gives nothing to the next', async () => {
      stopClock();
      const it = await node({ loginAddress: three, loginAccount: three });
      const [account, network] = [someAccount(), someNetwork()];
      const late = attemptIn(await logins(it, 1, { account, network }));
      const later = attemptIn(await logins(it, 1, { account, network }));
      pass(15 * minute);
      await late.succeeded();
      expect(passes(await logins(it, 2, { account, network }))).toEqual([true, true]);
      await later.succeeded();
      expect(passes(await logins(it, 2, { account, network }))).toEqual([true, false]);
    });
  });

  it('a withdrawn attempt does not count', async () => {
    const it = await node({ loginPair: three, loginAddress: three, loginAccount: three });
    const [account, network] = [someAccount(), someNetwork()];
    for (let n = 0; n < 5; n++) await attemptIn(await logins(it, 1, { account, network })).withdrawn();
    expect(passes(await logins(it, 4, { account, network }))).toEqual(threeThen);
  });

  it('a password that was right forgets the failures, too', async () => {
    const { throttle } = await node({ loginPair: three });
    const attempt = { accountId: someAccount().id, network: someNetwork() };
    await throttle.password({ ...attempt, isKnownNetwork: true });
    await throttle.password({ ...attempt, isKnownNetwork: true });
    await (await throttle.password({ ...attempt, isKnownNetwork: true })).succeeded();
    const outcomes = [];
    for (let n = 0; n < 4; n++) outcomes.push(await outcomeOf(throttle.password({ ...attempt, isKnownNetwork: true })));
    expect(passes(outcomes)).toEqual(threeThen);
  });

  describe('an attempt that one limit refuses', () => {
    it('of the network: uses up neither the pair nor the account', async () => {
      const it = await node({ loginAddress: { points: 1, duration: minute }, loginPair: three, loginAccount: three });
      const [account, network] = [someAccount(), someNetwork()];
      expect(passes(await logins(it, 1, { account, network }))).toEqual([true]);
      const refused = await together(5, () => it.throttle.login({ account, network, isKnownNetwork: false }));
      expect(passes([...refused, ...(await logins(it, 5, { account, network }))])).not.toContain(true);
      const password = () => outcomeOf(it.throttle.password({ accountId: account.id, network, isKnownNetwork: true }));
      expect(passes([await password(), await password(), await password()])).toEqual([true, true, false]);
      const elsewhere = async () => (await logins(it, 1, { account, network: someNetwork() }))[0];
      expect(passes([await elsewhere(), await elsewhere(), await elsewhere()])).toEqual([true, true, false]);
    });

    it('of the account: uses up nothing of the network', async () => {
      const it = await node({ loginAccount: { points: 1, duration: minute }, loginAddress: three });
      const [account, network] = [someName(), someNetwork()];
      const attempts = await together(5, () => it.throttle.login({ account, network, isKnownNetwork: false }));
      expect(passes(attempts).filter(Boolean)).toEqual([true]);
      expect(passes(await logins(it, 5, { account, network }))).not.toContain(true);
      const others = [someAccount(), someName(), someAccount()];
      const outcomes = [];
      for (const other of others) outcomes.push(...(await logins(it, 1, { account: other, network })));
      expect(passes(outcomes)).toEqual([true, true, false]);
    });

    it('of the pair: uses up neither the network nor the account', async () => {
      const limits = { points: 4, duration: minute };
      const it = await node({ loginPair: three, loginAddress: limits, loginAccount: limits });
      const [account, network] = [someAccount(), someNetwork()];
      expect(passes(await logins(it, 9, { account, network }))).toEqual([...threeThen, ...Array(5).fill(false)]);
      expect(passes(await logins(it, 2, { account: someAccount(), network }))).toEqual([true, false]);
      expect(passes(await logins(it, 2, { account, network: someNetwork() }))).toEqual([true, false]);
    });
  });

  describe('an owner on a known network', () => {
    it('can sign in while strange networks have used up the account', async () => {
      const it = await node({ loginPair: three, loginAccount: { points: 20, duration: minute } });
      const [account, home] = [someAccount(), someNetwork()];
      const attacked = await together(60, () =>
        it.throttle.login({ account, network: someNetwork(), isKnownNetwork: false }),
      );
      expect(passes(attacked).filter(Boolean)).toHaveLength(20);
      expect(passes(await logins(it, 1, { account, network: someNetwork() }))).toEqual([false]);
      const owner = await logins(it, 4, { account, network: home, isKnownNetwork: true });
      expect(passes(owner)).toEqual(threeThen);
    });

    it('has a limited number of attempts', async () => {
      const it = await node({ loginPair: three });
      const attempt = { account: someAccount(), network: someNetwork(), isKnownNetwork: true };
      expect(passes(await logins(it, 4, attempt))).toEqual(threeThen);
    });

    it('uses up nothing of the account', async () => {
      const it = await node({ loginAccount: three });
      const account = someAccount();
      const known = await logins(it, 9, { account, network: someNetwork(), isKnownNetwork: true });
      expect(passes(known)).not.toContain(false);
      expect(passes(await logins(it, 4, { account, network: someNetwork() }))).toEqual(threeThen);
    });

    it('opens the account to nobody else by succeeding', async () => {
      const it = await node({ loginAccount: three });
      const [account, home] = [someAccount(), someNetwork()];
      await logins(it, 4, { account, network: someNetwork() });
      await attemptIn(await logins(it, 1, { account, network: home, isKnownNetwork: true })).succeeded();
      expect(passes(await logins(it, 1, { account, network: someNetwork() }))).toEqual([false]);
    });
  });

  it('an account that exists and one that does not are refused alike, at every limit', async () => {
    stopClock();
    const told = [];
    for (const someone of [someAccount, someName]) {
      for (const limit of ['loginPair', 'loginAccount', 'loginAddress'] as const) {
        const it = await node({ [limit]: three });
        const attempt = { account: someone(), network: someNetwork() };
        const outcomes = await logins(it, 5, attempt);
        told.push(
          JSON.stringify(
            outcomes.map((outcome) => isRefused(outcome) && [outcome.message, outcome.extensions.http?.headers]),
          ),
        );
      }
    }
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain('Too many attempts');
  });
});

/** Guessing over HTTP, from many addresses: what is refused, when it opens again, and which clients stay untouched. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase, testDatabases } from '../support/database.ts';
import { asAdmin, asUser, type SignedIn } from '../support/personas.ts';
import {
  type Answer,
  graphql,
  type SpawnedServer,
  spawnServer,
  startTestServer,
  type TestServer,
} from '../support/server.ts';
import { LoginDocument, type LoginMutation, RefreshDocument, RegisterDocument } from './documents/graphql.ts';

/** Addresses come from a trusted proxy: this machine. */
const env = {
  TRUSTED_PROXIES: '127.0.0.1',
  THROTTLE_LOGIN_PAIR: '3/15m',
  THROTTLE_LOGIN_ACCOUNT: '8/1d',
  THROTTLE_LOGIN_ADDRESS: '6/15m',
  THROTTLE_REGISTER_ADDRESS: '4/1h',
  THROTTLE_REFRESH_ADDRESS: '60/1m',
  THROTTLE_REFRESH_SESSION: '50/1m',
  THROTTLE_PROFILE_ACCOUNT: '2/1h',
};

interface At {
  readonly url: string;
}

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
const login = (at: At, address: string, identifier: string, password = 'not the password') =>
  graphql(at.url, LoginDocument, { input: { identifier, password } }, from(address));

/** The outcome of an attempt. */
function outcomeOf({ data, codes }: Answer<LoginMutation>): unknown {
  if (codes.length > 0) return codes[0];
  return data?.login.session ? 'SIGNED IN' : data?.login.errors[0]?.code;
}

const wrong = 'INVALID_CREDENTIALS';
const refused = 'TOO_MANY_REQUESTS';

describe.each(testDatabases())('attempts on $name', (database) => {
  let server: TestServer;
  let network = 0;
  beforeAll(async () => {
    server = await startTestServer({ database, env });
  });
  afterAll(() => server?.close());

  /** An address that no test has used before. */
  const newAddress = () => `198.51.${Math.floor(++network / 250)}.${network % 250}`;
  const newUser = async (): Promise<SignedIn & { address: string }> => {
    const address = newAddress();
    const name = `u${network}x${database.name}`;
    const input = { username: name, email: `${name}@example.com`, password: 'a long walk on the beach' };
    const { data } = await graphql(server.url, RegisterDocument, { input }, from(address));
    const session = data?.register.session;
    if (!session) throw new Error('not registered');
    const ask: SignedIn['ask'] = (query, variables, options) =>
      graphql(server.url, query, variables, { token: session.accessToken, ...from(address), ...options });
    return { username: name, password: input.password, userId: session.userId, session, ask, address };
  };
  const outcomes = async (address: string, identifier: string, count: number) => {
    const all = [];
    for (let time = 0; time < count; time++) all.push(outcomeOf(await login(server, address, identifier)));
    return all;
  };

  it('are refused after as many as the limit allows, with the time to wait, for known and unknown names alike', async () => {
    const user = await newUser();
    const told = [];
    for (const identifier of [user.username, `nobody${network}`]) {
      const address = newAddress();
      expect(await outcomes(address, identifier, 3)).toEqual([wrong, wrong, wrong]);
      const { status, headers, errors, data } = await login(server, address, identifier);
      expect([status, data, errors[0]?.extensions?.code]).toEqual([429, null, refused]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(800);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(900);
      told.push(errors[0]?.message);
    }
    expect(told[0]).toBe(told[1]);
    // Refuses the right password too. The twins come from another address, and sign in to another account.
    const address = newAddress();
    await outcomes(address, user.username, 3);
    expect(outcomeOf(await login(server, address, user.username, user.password))).toBe(refused);
    expect(outcomeOf(await login(server, newAddress(), user.username, user.password))).toBe('SIGNED IN');
    const other = await newUser();
    expect(outcomeOf(await login(server, address, other.username, other.password))).toBe('SIGNED IN');
  });

  it('at once pass exactly as often as one after the other', async () => {
    const [user, address] = [await newUser(), newAddress()];
    const all = await Promise.all(Array.from({ length: 40 }, () => login(server, address, user.username)));
    expect(all.map(outcomeOf).filter((outcome) => outcome === wrong)).toHaveLength(3);
    expect(all.map(outcomeOf).filter((outcome) => outcome === refused)).toHaveLength(37);
  });

  it('in another spelling count for the same account', async () => {
    const [user, address] = [await newUser(), newAddress()];
    const spellings = [user.username.toUpperCase(), `${user.username}@example.com`, `${user.username}@EXAMPLE.com`];
    for (const identifier of spellings) expect(await outcomes(address, identifier, 1)).toEqual([wrong]);
    expect(await outcomes(address, user.username, 1)).toEqual([refused]);
  });

  it('from one address are refused beyond its limit, for any account; IPv6 counts by its /64', async () => {
    const victims = [await newUser(), await newUser(), await newUser()];
    for (const [index, victim] of victims.entries()) {
      const attempts = await outcomes(`2001:db8:${network}::${index + 1}`, victim.username, 2);
      expect(attempts).toEqual([wrong, wrong]);
    }
    const fourth = await newUser();
    const near = `2001:db8:${network - 1}:0:ffff::9`;
    expect(outcomeOf(await login(server, near, fourth.username, fourth.password))).toBe(refused);
    const far = `2001:db8:${network - 1}:1::9`;
    expect(outcomeOf(await login(server, far, fourth.username, fourth.password))).toBe('SIGNED IN');
  });

  it('cannot lock the owner out of an address that they have signed in from', async () => {
    const owner = await newUser();
    const guesses = [];
    for (let attacker = 0; attacker < 6; attacker++) guesses.push(...(await outcomes(newAddress(), owner.username, 2)));
    expect(guesses.filter((outcome) => outcome === wrong)).toHaveLength(8);
    // From a new address even the owner is refused. From their own address they may sign in, and fail a few times.
    expect(outcomeOf(await login(server, newAddress(), owner.username, owner.password))).toBe(refused);
    expect(await outcomes(owner.address, owner.username, 2)).toEqual([wrong, wrong]);
    for (let time = 0; time < 5; time++) {
      expect(outcomeOf(await login(server, owner.address, owner.username, owner.password))).toBe('SIGNED IN');
    }
    expect((await owner.ask('{ me { username } }')).data.me.username).toBe(owner.username);
  });

  it('cannot lock the owner out where proxies write ports beside addresses', async () => {
    const owner = await newUser();
    expect(await outcomes(`${newAddress()}:2000`, owner.username, 4)).toEqual([wrong, wrong, wrong, refused]);
    const attacker = newAddress();
    expect(await outcomes(`${attacker}:2000`, owner.username, 3)).toEqual([wrong, wrong, wrong]);
    expect(await outcomes(`${attacker}:3000`, owner.username, 1)).toEqual([refused]);
    expect(outcomeOf(await login(server, `${owner.address}:1111`, owner.username, owner.password))).toBe('SIGNED IN');
  });

  it('keep the owner’s network known, wherever the owner or a thief of the token refreshes', async () => {
    const owner = await newUser();
    const elsewhere = newAddress();
    const input = { refreshToken: owner.session.refreshToken };
    const { data } = await graphql(server.url, RefreshDocument, { input }, from(elsewhere));
    expect(data?.refresh.errors).toEqual([]);
    for (let attacker = 0; attacker < 6; attacker++) await outcomes(newAddress(), owner.username, 2);
    expect(outcomeOf(await login(server, owner.address, owner.username, owner.password))).toBe('SIGNED IN');
    expect(outcomeOf(await login(server, elsewhere, owner.username, owner.password))).toBe(refused);
  });

  it('are told to the security log once, when the limit is reached', async () => {
    const [user, address] = [await newUser(), newAddress()];
    await outcomes(address, user.username, 7);
    const { data } = await user.ask('{ me { securityEvents { nodes { type detail address actorId } } } }');
    const events = data.me.securityEvents.nodes.map(({ type }: { type: string }) => type);
    expect(events).toEqual(['THROTTLED', 'SIGN_IN_FAILED', 'SIGN_IN_FAILED', 'SIGN_IN_FAILED', 'REGISTERED']);
    expect(data.me.securityEvents.nodes[0]).toEqual({
      type: 'THROTTLED',
      detail: 'LOGIN_PAIR',
      address,
      actorId: null,
    });
  });

  it('at the viewer’s own current password count as well', async () => {
    const user = await newUser();
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }';
    const attempt = (currentPassword: string) =>
      user.ask(change, { input: { currentPassword, newPassword: 'another walk on the beach' } });
    for (let time = 0; time < 3; time++) {
      expect((await attempt('a guess')).data.changePassword.errors).toEqual([{ code: wrong }]);
    }
    expect((await attempt(user.password)).codes).toEqual([refused]);
    expect(outcomeOf(await login(server, newAddress(), user.username, user.password))).toBe('SIGNED IN');
  });

  it('to change names are refused for an account, and leave others alone', async () => {
    const [user, other] = [await newUser(), await newUser()];
    const rename = (who: SignedIn, displayName: string) =>
      who.ask(`mutation { updateProfile(input: { displayName: "${displayName}" }) { errors { code } } }`);
    for (const name of ['One', 'Two']) expect((await rename(user, name)).codes).toEqual([]);
    expect((await rename(user, 'Three')).codes).toEqual([refused]);
    expect((await rename(other, 'Three')).codes).toEqual([]);
  });

  it('from many addresses are refused for the account, but not from where the owner signed in', async () => {
    const user = await newUser();
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }';
    const guess = async (address: string, currentPassword = 'a guess') => {
      const input = { currentPassword, newPassword: 'another walk on the beach' };
      const { codes, data } = await user.ask(change, { input }, from(address));
      return codes[0] ?? data.changePassword.errors[0]?.code ?? 'CHANGED';
    };
    const all = [];
    for (let address = 0; address < 6; address++) {
      const at = newAddress();
      all.push(await guess(at), await guess(at));
    }
    expect(all.filter((outcome) => outcome === wrong)).toHaveLength(8);
    expect(all.filter((outcome) => outcome === refused)).toHaveLength(4);
    expect(await guess(user.address, user.password)).toBe('CHANGED');
  });

  it('to register are refused after as many as an address may make', async () => {
    const address = newAddress();
    const register = (count: number, at: string) => {
      const username = `r${network}n${count}${database.name}`;
      const input = { username, email: `${username}@example.com`, password: 'a long walk on the beach' };
      return graphql(server.url, RegisterDocument, { input }, from(at));
    };
    for (let count = 0; count < 4; count++) expect((await register(count, address)).codes).toEqual([]);
    const { status, headers, codes } = await register(4, address);
    expect([status, codes]).toEqual([429, [refused]]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3500);
    expect((await register(4, newAddress())).codes).toEqual([]);
  });

  it('to refresh are refused for a session, and for an address, and leave others alone', async () => {
    const [user, other] = [await newUser(), await newUser()];
    const refresh = (refreshToken: string, address: string) =>
      graphql(server.url, RefreshDocument, { input: { refreshToken } }, from(address));
    const all = await Promise.all(Array.from({ length: 55 }, () => refresh(user.session.refreshToken, newAddress())));
    expect(all.filter(({ data }) => data?.refresh.session)).toHaveLength(50);
    expect(all.filter(({ status, codes }) => status === 429 && codes[0] === refused)).toHaveLength(5);
    expect((await refresh(other.session.refreshToken, user.address)).data?.refresh.errors).toEqual([]);

    const address = newAddress();
    const unknown = await Promise.all(Array.from({ length: 65 }, () => refresh(`gwr_${'A'.repeat(43)}`, address)));
    expect(unknown.filter(({ codes }) => codes[0] === refused)).toHaveLength(5);
  });

  it('are counted by the connection’s address where no proxy is trusted, whatever a header says', async () => {
    const direct = await startTestServer({ env: { ...env, TRUSTED_PROXIES: '' } });
    const user = await asUser(direct);
    const all = [];
    for (let time = 0; time < 5; time++) all.push(outcomeOf(await login(direct, newAddress(), user.username)));
    expect(all).toEqual([wrong, wrong, wrong, refused, refused]);
    expect((await (await asAdmin(direct)).ask('{ me { username } }')).codes).toEqual([]);
    await direct.close();
  });
});

if (inject('server')) {
  it('attempts at two nodes at once pass exactly as often as at one', async () => {
    const { url, drop } = await createServerDatabase();
    const shared = {
      ...env,
      DATABASE_URL: url,
      JWT_SECRET: 'a secret of the tests, of both servers',
      LOG_LEVEL: 'error',
    };
    const nodes: SpawnedServer[] = [await spawnServer(shared), await spawnServer(shared)];
    const user = await asUser(nodes[0] as SpawnedServer);
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, i) => login(nodes[i % 2] as SpawnedServer, '203.0.113.9', user.username)),
    );
    expect(all.map(outcomeOf).filter((outcome) => outcome === wrong)).toHaveLength(3);
    expect(all.map(outcomeOf).filter((outcome) => outcome === refused)).toHaveLength(57);
    expect(outcomeOf(await login(nodes[1] as SpawnedServer, '203.0.114.1', user.username, user.password))).toBe(
      'SIGNED IN',
    );
    await Promise.all(nodes.map((node) => node.end()));
    await drop();
  });
}

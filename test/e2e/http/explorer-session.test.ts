import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionScript } from '../../../src/server/explorer/session-bar.ts';
import { asUser, type SignedIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let user: SignedIn;
beforeAll(async () => {
  server = await startTestServer();
  user = await asUser(server);
});
afterAll(() => server.close());

/** The parts of a browser that the script uses. Requests go to the real server. */
class Browser {
  readonly elements = new Map<string, Element>();
  readonly stored = new Map<string, string>();
  /** The Authorization header of each request, as the page sent it. */
  readonly sent: (string | null)[] = [];
  readonly window = {
    fetch: (input: string | URL, init: RequestInit) => {
      this.sent.push(new Headers(init.headers).get('authorization'));
      return fetch(new URL(input, server.url), init);
    },
  };
  readonly history = { replaceState: (_state: unknown, _title: string, url: string) => void this.addresses.push(url) };
  readonly addresses: string[] = [];
  clock = Date.now();

  /** Opens the page, or opens it again in the same tab. */
  open(): void {
    this.elements.clear();
    runInNewContext(sessionScript, {
      window: this.window,
      history: this.history,
      location: { href: `${server.url}/`, origin: server.url },
      sessionStorage: {
        getItem: (key: string) => this.stored.get(key) ?? null,
        setItem: (key: string, value: string) => this.stored.set(key, value),
        removeItem: (key: string) => this.stored.delete(key),
      },
      document: { getElementById: (id: string) => this.element(id) },
      Date: { now: () => this.clock },
      URL,
      Headers,
    });
  }

  element(id: string): Element {
    const found = this.elements.get(id) ?? new Element();
    this.elements.set(id, found);
    return found;
  }

  /** Asks as GraphiQL does. */
  async ask(query: string, headers: Record<string, string> = {}) {
    const response = await this.window.fetch(new URL('/graphql', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data: Record<string, unknown> | null };
  }

  async signIn(identifier: string, password: string): Promise<void> {
    const target = { identifier: { value: identifier }, password: { value: password }, reset: () => {} };
    await this.element('sign-in').listeners.get('submit')?.({ preventDefault: () => {}, target });
  }
}

class Element {
  hidden = false;
  textContent = '';
  title = '';
  readonly listeners = new Map<string, (event: unknown) => Promise<void>>();
  addEventListener(name: string, listener: (event: unknown) => Promise<void>): void {
    this.listeners.set(name, listener);
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
  browser.open();
});

const me = '{ me { username } }';

describe('signing in at the top of the page', () => {
  it('sends the token along from then on, and after the page is loaded again', async () => {
    expect((await browser.ask(me)).data).toBeNull();
    await browser.signIn(user.username, user.password);
    expect(browser.element('signed-in').textContent).toBe(`Signed in as ${user.username}`);
    expect(browser.element('sign-in').hidden).toBe(true);
    expect((await browser.ask(me)).data).toEqual({ me: { username: user.username } });
  });

  it('says what is wrong', async () => {
    await browser.signIn(user.username, 'a wrong one');
    expect(browser.element('session-message').textContent).not.toBe('');
    expect(browser.element('sign-in').hidden).toBe(false);
    expect((await browser.ask(me)).data).toBeNull();
  });

  it('ends with signing out', async () => {
    await browser.signIn(user.username, user.password);
    const [token] = [...browser.stored.values()].map((text) => JSON.parse(text).accessToken as string);
    await browser.element('sign-out').listeners.get('click')?.({});
    expect(browser.stored.size).toBe(0);
    expect((await browser.ask(me)).data).toBeNull();
    expect((await user.ask(me, {}, { token: token ?? '' })).status).toBe(401);
  });
});

describe('what another page has left in the store of this one', () => {
  it.each(['{"accessToken', '7', '"text"', '{}', '[]', '{"accessToken":7}'])(
    'is passed over, and signing in works: %s',
    async (text) => {
      browser.stored.set('gatewright:session', text);
      browser.open();
      expect(browser.element('sign-in').hidden).toBe(false);
      await browser.signIn(user.username, user.password);
      browser.open();
      expect((await browser.ask(me)).data).toEqual({ me: { username: user.username } });
    },
  );
});

describe('an operation that signs in', () => {
  const login = () =>
    `mutation { login(input: { identifier: "${user.username}", password: "${user.password}" })
      { session { accessToken refreshToken expiresIn username } } }`;

  it('is noticed', async () => {
    await browser.ask(login());
    await expect.poll(() => browser.stored.size).toBe(1);
    expect((await browser.ask(me)).data).toEqual({ me: { username: user.username } });
  });

  it('is left alone when the reader sends a token of their own', async () => {
    await browser.ask(me, { authorization: `Bearer ${user.session.accessToken}` });
    expect(browser.stored.size).toBe(0);
    expect(browser.sent).toEqual([`Bearer ${user.session.accessToken}`]);
  });
});

describe('a session', () => {
  it('is renewed before its token expires, once, however many ask', async () => {
    await browser.signIn(user.username, user.password);
    browser.clock += 900_000;
    const answers = await Promise.all([browser.ask(me), browser.ask(me), browser.ask(me)]);
    expect(answers.map(({ data }) => data)).toEqual(Array(3).fill({ me: { username: user.username } }));
    // One to sign in, one to renew, then the three.
    expect(browser.sent).toHaveLength(5);
  });

  it('that has ended elsewhere leaves the reader signed out, and what they asked is asked as nobody', async () => {
    await browser.signIn(user.username, user.password);
    const [text = ''] = browser.stored.values();
    await user.ask('mutation { logout { endedSessionId } }', {}, { token: JSON.parse(text).accessToken });
    expect((await browser.ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
    expect(browser.element('session-message').textContent).toContain('Sign in again');
    expect(browser.element('sign-in').hidden).toBe(false);
  });
});

it('what is typed is not written into the address of the page', () => {
  browser.history.replaceState({}, '', '/?query=password');
  expect(browser.addresses).toEqual([]);
});

/** The explorer as a person uses it: typing and clicking in a browser that reaches only this server. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asOwner, asUser, type Owner } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const isMissing = !existsSync(executablePath);

it('Chromium is there to open the explorer with, where it must be', () => {
  expect(process.env.CI && isMissing, `${executablePath} is missing: set CHROMIUM`).toBeFalsy();
});

describe.skipIf(isMissing)('the explorer', () => {
  let server: TestServer;
  /** The same, with visible introspection. */
  let visible: TestServer;
  let owner: Owner;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer();
    visible = await startTestServer({ env: { INTROSPECTION: 'visible' } });
    owner = await asOwner(server, { title: 'Water the plants' });
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // Even what the page itself does not ask for: no other name is found.
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await visible?.close();
  });

  const addressOf = ({ url }: TestServer) => url.replace('127.0.0.1', 'localhost');

  let context: BrowserContext;
  let page: Page;
  let strangers: string[];
  let complaints: string[];
  beforeEach(async () => {
    strangers = [];
    complaints = [];
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    await context.route('**/*', async (route) => {
      const url = new URL(route.request().url());
      const isOwn = url.origin === addressOf(server) || url.origin === addressOf(visible);
      if (isOwn || url.protocol === 'data:' || url.protocol === 'blob:') return await route.continue();
      strangers.push(url.href);
      return await route.abort();
    });
    context.setDefaultTimeout(30_000);
    page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`${violatedDirective} forbids ${blockedURI}`),
      );
    });
    await page.goto(`${addressOf(server)}/`);
    await shown();
  });
  afterEach(async () => {
    await context.close();
    expect(strangers, 'requests to other hosts').toEqual([]);
  });

  /** The editor shows its first text. */
  const shown = () => page.locator('.graphiql-query-editor .view-line').getByText('Register').first().waitFor();

  const signIn = async (username: string, password: string): Promise<void> => {
    await page.getByLabel('Username or e-mail').fill(username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  /** Replaces the editor's text, and runs it when the editor has read it: its tab then has the operation's name. */
  const run = async (name: string, selection: string): Promise<void> => {
    await page.locator('.graphiql-query-editor .monaco-editor').click();
    await page.keyboard.press('ControlOrMeta+A');
    // Pastes the text, because the editor would close typed brackets.
    await page.evaluate((text) => navigator.clipboard.writeText(text), `query ${name} ${selection}`);
    await page.keyboard.press('ControlOrMeta+V');
    await page.getByRole('tab', { name, exact: true }).waitFor();
    await page.keyboard.press('ControlOrMeta+Enter');
  };

  /** Runs one of several operations in the editor. */
  const choose = async (operation: string): Promise<void> => {
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.getByRole('menuitem', { name: operation, exact: true }).click();
  };

  /** The answer, once it contains `expected`. The editor shows spaces as no-break spaces. */
  const answerWith = async (expected: string): Promise<string> => {
    const answer = page.locator('.result-window');
    await answer.getByText(expected).first().waitFor();
    return (await answer.innerText()).replaceAll('\u00a0', ' ');
  };

  it('opens without a network, an error or a breach of its policy', async () => {
    await page.getByRole('button', { name: /^Execute query/ }).waitFor();
    expect(await page.title()).toBe('Gatewright');
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    await page
      .getByText('Reading. Each field states what it requires.')
      .or(page.getByText('Root Types'))
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('signs in, runs a query, and shows what is one’s own', async () => {
    await signIn(owner.username, owner.password);
    await page.getByText(`Signed in as ${owner.username}`).waitFor();
    await run('Own', '{ tasks { totalCount nodes { title notes } } }');
    const answer = await answerWith('Water the plants');
    expect(answer).toContain('"totalCount": 1');
    expect(answer).toContain('"notes": "For my eyes only"');
    expect(answer).not.toContain('errors');
    expect(complaints).toEqual([]);
  });

  it('shows a denial, and what would have been enough, when nobody is signed in', async () => {
    await run('Denied', '{ tasks { totalCount } }');
    const answer = await answerWith('UNAUTHENTICATED');
    expect(answer).toContain('task:read');
    expect(answer).toContain('"data": null');
  });

  it('signs out, and what was one’s own is denied', async () => {
    await signIn(owner.username, owner.password);
    await page.getByText(`Signed in as ${owner.username}`).waitFor();
    await run('Before', '{ me { username } }');
    await answerWith(owner.username);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await run('After', '{ me { username } }');
    expect(await answerWith('UNAUTHENTICATED')).not.toContain(owner.username);
  });

  it('tells of a wrong password, and signs nobody in', async () => {
    await signIn(owner.username, 'a wrong password');
    await page.getByRole('alert').getByText('do not belong together').waitFor();
    expect(await page.locator('#signed-in').isVisible()).toBe(false);
    expect(page.url()).not.toContain('password');
  });

  it('stays signed in when the page is read again, and signed out', async () => {
    await signIn(owner.username, owner.password);
    await page.getByText(`Signed in as ${owner.username}`).waitFor();
    await page.reload();
    await page.getByText(`Signed in as ${owner.username}`).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.locator('#signed-in').isVisible()).toBe(false);
  });

  it('shows in its documentation only what the viewer could reach, with visible introspection', async () => {
    const user = await asUser(visible);
    await page.goto(`${addressOf(visible)}/`);
    await shown();
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const documentation = page.locator('.graphiql-doc-explorer');
    await documentation.getByRole('link', { name: 'Mutation', exact: true }).click();
    const field = (name: string) => documentation.getByText(name, { exact: true }).first();
    await field('login').waitFor();
    expect(await field('createTask').isVisible()).toBe(false);
    await signIn(user.username, user.password);
    await field('createTask').waitFor();
    expect(await field('setUserRole').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field('createTask').waitFor({ state: 'detached' });
    await field('login').waitFor();
    expect(await field('createTask').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  it.each([
    [1280, 800],
    [1024, 600],
    [390, 844],
  ])('fits a window of %i by %i, whatever the bar says', async (width, height) => {
    await page.setViewportSize({ width, height });
    const overflow = () =>
      page.evaluate(() => {
        const { scrollHeight, scrollWidth } = document.documentElement;
        const bar = document.getElementById('session') as HTMLElement;
        const graphiql = document.querySelector('.graphiql-container') as HTMLElement;
        return {
          down: Math.max(0, scrollHeight - innerHeight),
          across: Math.max(0, scrollWidth - innerWidth),
          bar: Math.max(0, bar.scrollHeight - bar.clientHeight, bar.scrollWidth - bar.clientWidth),
          below: Math.round(graphiql.getBoundingClientRect().bottom - innerHeight),
        };
      });
    const none = { down: 0, across: 0, bar: 0, below: 0 };
    expect(await overflow()).toEqual(none);
    await signIn(owner.username, 'a wrong password');
    await page.getByRole('alert').getByText('do not belong together').waitFor();
    expect(await overflow()).toEqual(none);
    expect((await page.getByRole('button', { name: 'Sign in' }).boundingBox())?.height).toBeLessThan(40);
    for (const seen of [page.getByRole('button', { name: 'Sign in' }), page.locator('#session-message')]) {
      const box = await seen.boundingBox();
      expect(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= width).toBe(true);
    }
  });

  it('can be read on a phone: the message of a wrong password, and an answer', async () => {
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    try {
      phone.setDefaultTimeout(30_000);
      page = await phone.newPage();
      await page.goto(`${addressOf(server)}/`);
      await shown();
      expect(await page.evaluate(() => innerWidth)).toBe(390);
      await signIn(owner.username, 'a wrong password');
      const said = page.getByRole('alert').getByText('do not belong together');
      await said.waitFor();
      // Nothing of the text is cut.
      expect(await said.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0);
      await choose('Me');
      await answerWith('UNAUTHENTICATED');
      const answer = await page.locator('.result-window').boundingBox();
      expect(answer && answer.width > 250 && answer.height > 150 && answer.x + answer.width <= 390).toBe(true);
    } finally {
      await phone.close();
    }
  });

  it('shows one tab with the reader’s own text when the page is read again', async () => {
    await run('Own', '{ __typename }');
    await answerWith('Query');
    // GraphiQL stores typed text when the typing pauses.
    await page.waitForFunction(() => localStorage.getItem('graphiql:tabState')?.includes('query Own'));
    await page.reload();
    await page.getByRole('tab', { name: 'Own', exact: true }).waitFor();
    expect(await page.getByRole('tab').count()).toBe(1);
    await page.locator('.graphiql-query-editor .view-line').getByText('Own').first().waitFor();
  });

  it('begins with a tour that runs as it stands', async () => {
    await choose('Register');
    await page.getByText('Signed in as ada').waitFor();
    await choose('CreateTask');
    await answerWith('Only I can read this');
    await choose('Tasks');
    expect(await answerWith('totalCount')).toContain('"totalCount": 1');
    await choose('Me');
    await answerWith('ada@example.com');
    expect(complaints).toEqual([]);
  });
});

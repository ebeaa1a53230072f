/** The page of the access matrix, opened from a file in a browser without a network. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSchema } from 'graphql';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guardSchema } from '../../../src/api/schema.ts';
import { createGuard, directiveTypeDefs } from '../../../src/authorization/guard.ts';
import { rule } from '../../../src/authorization/rules/shield.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import { toHtml } from '../../../tools/access/html.ts';
import { personasOf } from '../../../tools/access/personas.ts';
import { reportOf } from '../../../tools/access/report.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const isMissing = !existsSync(executablePath);

it('Chromium is there to open the page with, where it must be', () => {
  expect(process.env.CI && isMissing, `${executablePath} is missing: set CHROMIUM`).toBeFalsy();
});

describe.skipIf(isMissing)('the page of the access matrix', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-access-page-'));
  const report = reportOf(guardSchema({ denial: 'filter' }), personasOf(scopesOfRole));
  const rows = report.types.flatMap((type) => type.rows);
  const total = rows.length;
  const coordinatesOf = (some: typeof rows) => some.map(({ coordinate }) => coordinate);
  const dependent = (persona: string) =>
    coordinatesOf(rows.filter(({ access }) => access[persona]?.verdict === 'depends'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true });
  });

  let page: Page;
  let complaints: string[];
  beforeEach(async () => {
    complaints = [];
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url());
    });
    await open(toHtml(report));
  });
  afterEach(async () => {
    await page.close();
    expect(complaints, 'errors, breaches of the policy, and requests').toEqual([]);
  });

  async function open(html: string): Promise<void> {
    const file = join(directory, 'access.html');
    writeFileSync(file, html);
    await page.goto(pathToFileURL(file).href);
  }

  /** The visible coordinates. */
  const shown = () =>
    page.locator('.matrix tr[data-kind]:visible button').evaluateAll((found) => found.map((each) => each.textContent));
  const cellsOf = (coordinate: string) =>
    page
      .locator('.matrix tr[data-kind]', { has: page.getByRole('button', { name: coordinate, exact: true }) })
      .locator('td:visible')
      .allInnerTexts();
  const said = () => page.locator('#shown').innerText();

  it('shows every coordinate, and counts them for each persona and type', async () => {
    expect(await shown()).toEqual(coordinatesOf(rows));
    expect(await said()).toBe(`${total} of ${total} shown`);
    expect(await cellsOf('Task.notes')).toEqual(['✕ deny', '◐ if a row of your own', '◐ if a row of your own']);
    const counts = page
      .locator('.summary tr', { has: page.getByRole('link', { name: 'Task', exact: true }) })
      .locator('td');
    const fields = rows.filter(({ coordinate }) => coordinate.startsWith('Task.')).length;
    const userAndAdmin = `✓ ${fields - 1}\n◐ 1`;
    expect(await counts.allInnerTexts()).toEqual([`✕ ${fields}`, userAndAdmin, userAndAdmin]);
  });

  it('finds a coordinate, a scope and a directive as they are typed', async () => {
    await page.getByLabel('Search').fill('task.NOTES');
    expect(await shown()).toEqual(['Task.notes']);
    await page.getByLabel('Search').fill('user:write:any');
    expect(await shown()).toEqual(expect.arrayContaining(['Mutation.setUserRole', 'Mutation.setUserActive']));
    expect(await shown()).not.toContain('Task.notes');
    await page.getByLabel('Search').fill('@ownerOf Mutation');
    expect(await shown()).toEqual(['Mutation.revokeSession', 'Mutation.updateTask', 'Mutation.deleteTask']);
    expect(await said()).toBe(`3 of ${total} shown`);
  });

  it('says when nothing matches, and shows all again', async () => {
    await page.getByLabel('Search').fill('no such thing');
    expect(await shown()).toEqual([]);
    await page.getByText('Nothing matches.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(`${total} of ${total} shown`).waitFor();
    expect(await page.getByText('Nothing matches.').isVisible()).toBe(false);
  });

  it('filters by what one persona may do, and shows that persona alone', async () => {
    await page.getByRole('combobox', { name: 'Persona' }).selectOption('USER');
    await page.getByRole('combobox', { name: 'Verdict' }).selectOption('depends');
    expect(await shown()).toEqual(dependent('USER'));
    expect(await cellsOf('User.email')).toEqual(['◐ if a row of your own']);
    await page.getByRole('combobox', { name: 'Persona' }).selectOption('ADMIN');
    expect(await shown()).toEqual(dependent('ADMIN'));
    expect(dependent('ADMIN')).not.toEqual(dependent('USER'));
  });

  it('filters by kind and by type, and by the type that is chosen at a glance', async () => {
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('input field');
    expect(await shown()).toEqual(coordinatesOf(rows.filter(({ kind }) => kind === 'input field')));
    await page.getByRole('combobox', { name: 'Type' }).selectOption('UpdateTaskInput');
    expect(await shown()).toEqual(['UpdateTaskInput.notes']);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: 'LogoutPayload' }).click();
    expect(await shown()).toEqual(['LogoutPayload.endedSessionId']);
  });

  it.each([
    [1400, 900],
    [390, 844],
  ])('shows what is found right beneath the filters in a window of %i by %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    const glance = page.getByRole('heading', { name: 'At a glance' });
    const isInSight = async (coordinate: string) => {
      const box = await page.getByRole('button', { name: coordinate, exact: true }).boundingBox();
      return box !== null && box.y >= 0 && box.y + box.height <= height;
    };
    expect([await glance.isVisible(), await isInSight('Task.notes')]).toEqual([true, false]);
    await page.getByLabel('Search').fill('notes');
    expect([await glance.isVisible(), await isInSight('Task.notes')]).toEqual([false, true]);
    await page.getByRole('button', { name: 'Show all' }).click();
    await glance.waitFor();
    await page.getByRole('button', { name: 'UserOrderField.USERNAME' }).scrollIntoViewIfNeeded();
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('field');
    expect([await glance.isVisible(), await isInSight('Query.node')]).toEqual([false, true]);
  });

  it('opens the requirement and where it comes from, by keyboard alone', async () => {
    const why = page.getByText('on the interface Node of its type schema/relay.graphql').first();
    await page.keyboard.press('/');
    await page.keyboard.type('Task.notes');
    expect(await why.isVisible()).toBe(false);
    const button = page.getByRole('button', { name: 'Task.notes' });
    await button.focus();
    await page.keyboard.press('Enter');
    const detail = page.locator('tr.detail:visible');
    expect(await detail.innerText()).toMatch(
      /^Requires a row of your own and scope task:read\.\n+@owner on Task\.notes itself schema\/tasks\.graphql:\d+\n/,
    );
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await detail.count()).toBe(0);
  });

  it.each([
    [1280, 800],
    [390, 844],
  ])('keeps its filters and titles in sight in a window of %i by %i, and is no wider', async (width, height) => {
    await page.setViewportSize({ width, height });
    await page.getByRole('button', { name: 'UpdateTaskInput.notes' }).scrollIntoViewIfNeeded();
    for (const seen of [page.getByLabel('Search'), page.locator('.matrix thead th').first()]) {
      const box = await seen.boundingBox();
      expect(box && box.y >= 0 && box.y + box.height <= height).toBe(true);
    }
    const across = () =>
      [document.documentElement, document.querySelector('main') as HTMLElement].map(
        (each) => each.scrollWidth - each.clientWidth,
      );
    expect(await page.evaluate(across)).toEqual([0, 0]);
  });

  it('shows names as text, whatever they hold', async () => {
    const name = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;';
    const sdl = `${directiveTypeDefs({ roles: ['USER'] })} type Query { f: Int @policy(policies: [[${JSON.stringify(name)}]]) }`;
    const guard = createGuard(buildSchema(sdl), { viewer: () => null, policies: { [name]: rule()(() => true) } });
    await open(toHtml(reportOf(guard, { [name]: null })));
    expect(await cellsOf('Query.f')).toEqual([`◐ if policy ${name}`]);
    expect(await page.locator('.matrix thead th').last().innerText()).toBe(name);
    expect(await page.locator('img').count()).toBe(0);
  });
});

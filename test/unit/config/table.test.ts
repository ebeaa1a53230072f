import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from '../../../src/config/key.ts';
import { configKeys, table } from '../../../src/config/table.ts';
import { documents } from '../../../tools/configuration/documents.ts';
import { projectRoot, runTool } from '../../support/tool.ts';

describe.each(documents())('$file', ({ file, text }) => {
  const committed = readFileSync(join(projectRoot, file), 'utf8').replaceAll('\r\n', '\n');

  it('is made from the table', () => expect(committed).toBe(text));

  it.each(configKeys)('tells of %s once', (name) => {
    const line = file === '.env.example' ? `^#${name}=` : `^\\| \`${name}\` \\|`;
    expect(committed.match(new RegExp(line, 'gm'))).toHaveLength(1);
  });
});

it('docs/configuration.md links to pages that are there', () => {
  const page = readFileSync(join(projectRoot, 'docs/configuration.md'), 'utf8');
  const links = [...page.matchAll(/\]\(([^)#]+)(?:#([^)]+))?\)/g)];
  expect(links.length).toBeGreaterThan(5);
  for (const [, path = '', anchor] of links) {
    const text = readFileSync(join(projectRoot, 'docs', path), 'utf8');
    const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    if (anchor) expect(headings).toContain(anchor);
  }
});

describe('a key', () => {
  const told = keysOf(table).flatMap((key) => (key.file ? [key, key.file] : [key]));
  const sentencesOf = (text: string) => text.split(/(?<=\.) (?=[A-Z`])/);

  it.each(told)('$name is told of in one sentence', ({ says }) => {
    expect(sentencesOf(says)).toHaveLength(1);
    expect(says).toMatch(/^[A-Z].*[^.]\.$/);
  });

  it.each(told)('$name takes at most 20 words for a sentence', ({ says, more }) => {
    const lengths = sentencesOf(more ? `${says} ${more}` : says).map((sentence) => sentence.split(' ').length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(20);
  });

  it('follows none but those before it', () => {
    const names = keysOf(table).map(({ name }) => name);
    for (const key of keysOf(table)) {
      if (key.default === null || typeof key.default === 'string' || !('from' in key.default)) continue;
      const followed: string[] = [];
      key.default.from((name) => {
        followed.push(name);
        return name === 'PORT' ? '4000' : 'http://localhost:4000';
      });
      const places = followed.map((name) => names.indexOf(name));
      expect(places.every((place) => place >= 0 && place < names.indexOf(key.name))).toBe(true);
    }
  });
});

describe('npm run configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
    mkdirSync(join(folder, 'docs'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) => runTool('configuration', [...args, '--folder', folder], { cwd: folder });

  it('writes what its check finds current', async () => {
    expect(await run('--check')).toMatchObject({ code: 1 });
    expect(await run()).toMatchObject({ code: 0, stderr: '' });
    expect(await run('--check')).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(documents())('finds $file changed by hand', async ({ file }) => {
    await run();
    const path = join(folder, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace('4000', '4001'));
    const { code, stderr } = await run('--check');
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^${file.replaceAll('.', '\\.')} is not made from .+npm run configuration`));
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

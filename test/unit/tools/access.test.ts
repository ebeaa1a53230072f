import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AccessError, readOptions } from '../../../tools/access/options.ts';
import { personasOf, readPersonas } from '../../../tools/access/personas.ts';
import { describe as inWords, oneLine } from '../../../tools/access/words.ts';

function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AccessError) return error.message;
    throw error;
  }
  return '';
}

describe('the options of npm run access', () => {
  it('select the matrix as text by default', () => {
    expect(readOptions([])).toMatchObject({ task: 'matrix', format: 'text', output: null, check: false });
  });

  it.each([
    [['--format', 'html', '--output', 'x.html'], { task: 'matrix', format: 'html', output: 'x.html' }],
    [['--explain', 'Task.notes', '--format', 'json'], { task: 'explain', subject: 'Task.notes', format: 'json' }],
    [['--diff', 'main', '--exit-code'], { task: 'diff', subject: 'main', exitCode: true }],
    [['-h'], { task: 'help' }],
  ])('understand %j', (args, options) => {
    expect(readOptions(args)).toMatchObject(options);
  });

  it.each([
    [['--bogus'], /Unknown option '--bogus'/],
    [['Task.notes'], /Unexpected argument 'Task.notes'/],
    [['--diff'], /'--diff <value>' argument missing/],
    [['--format', 'pdf'], /there is no format "pdf"; there are text, markdown, json, html/],
    [['--format', 'html', '--explain', 'Task.notes'], /html is a format of the matrix alone/],
    [['--explain', 'Task.notes', '--diff', 'HEAD'], /either --explain or --diff/],
    [['--check'], /--check needs --output/],
    [['--check', '--output', 'x', '--diff', 'HEAD'], /--check is for the matrix alone/],
    [['--exit-code'], /--exit-code needs --diff/],
    [['--explain='], /--explain needs a value/],
  ])('refuse %j, and tell the usage', (args, reason) => {
    const refusal = refusalOf(() => readOptions(args));
    expect(refusal).toMatch(reason);
    expect(refusal).toContain('usage: npm run access -- [options]');
  });
});

describe('the personas', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-personas-'));
  const file = join(directory, 'personas.json');
  afterAll(() => rmSync(directory, { recursive: true }));
  const scopesOfRole = { USER: ['read'], ADMIN: ['read', 'read:any'] };
  const read = (content: unknown) => {
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return readPersonas(file, scopesOfRole);
  };

  it('are nobody and each role with its scopes', () => {
    expect(personasOf(scopesOfRole)).toEqual({
      anonymous: null,
      USER: { roles: ['USER'], scopes: ['read'] },
      ADMIN: { roles: ['ADMIN'], scopes: ['read', 'read:any'] },
    });
  });

  it('in a file are taken as they are', () => {
    const personas = {
      auditor: { roles: ['USER'], scopes: ['read:any'] },
      guest: null,
      'no rights': { roles: [], scopes: [] },
    };
    expect(read(personas)).toEqual(personas);
  });

  it('in a file are refused with every fault at once', () => {
    const content = `{
      "USER": null,
      "boss": { "roles": ["BOSS"], "scopes": "read" },
      "odd": { "roles": [], "scopes": ["reed"], "id": "u1" },
      "none": 1,
      "": null,
      "__proto__": null
    }`;
    expect(refusalOf(() => read(content)).split('\n  ')).toEqual([
      `${file}:`,
      'USER is there without the file: choose another name',
      '"boss" names the role "BOSS"; there are USER, ADMIN',
      '"boss" needs `scopes`: a list of names, which may be empty',
      '"odd" has "id", which means nothing: there are `roles` and `scopes`',
      '"odd" names the scope "reed"; there are read, read:any',
      '"none" must be null, or an object with `roles` and `scopes`',
      '"" is no name for a persona',
      '"__proto__" is no name for a persona',
    ]);
  });

  it.each([
    ['no JSON', '{', /personas\.json is no JSON/],
    ['a list', '[]', /must hold an object of personas, by name: \{"auditor"/],
    ['nobody', '{}', /must hold an object of personas/],
  ])('in a file with %s are refused', (_, content, reason) => {
    expect(refusalOf(() => read(content))).toMatch(reason);
  });

  it('in a missing file are refused', () => {
    expect(refusalOf(() => readPersonas(join(directory, 'nobody.json'), scopesOfRole))).toMatch(
      /nobody\.json cannot be read/,
    );
  });
});

describe('the words', () => {
  it('describe what every viewer meets, and what none does', () => {
    expect([inWords([[]]), inWords([])]).toEqual(['nothing', 'what nobody has']);
  });

  it('stay on one line and inside their backticks, whatever a name holds', () => {
    const name = 'a\n\u001b[31mb`c\u202e';
    expect(inWords([[{ kind: 'policy', name, viewerOnly: false }]])).toBe('policy `a �[31mb�c�`');
    expect(oneLine('@owner(\n  field: "id"\n)')).toBe('@owner( field: "id" )');
  });
});

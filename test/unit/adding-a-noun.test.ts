/** docs/adding-a-noun.md can be followed: its changes apply to the files as they are now. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Block {
  language: string;
  /** Empty where the block names none. */
  file: string;
  code: string;
}

const blocks: Block[] = [
  ...read('docs/adding-a-noun.md').matchAll(/^```(?<language>\w*) ?(?<file>\S*)\n(?<code>.*?)^```$/gms),
].map(({ groups }) => groups as unknown as Block);
const changes = blocks.filter(({ language }) => language === 'diff');
const files = blocks.filter(({ language, file }) => language !== 'diff' && file);

/** The lines of `change` that stand there before it. */
function before(change: string): string {
  return change.replaceAll(/^\+.*\n/gm, '').replaceAll(/^[ -]/gm, '');
}

/** What a file holds when the guide was followed: the lines alone that it adds, after those that were there. */
function textOf(file: string): string {
  const own = files.find((block) => block.file === file)?.code ?? read(file);
  const added = changes.flatMap(({ file: changed, code }) =>
    changed === file ? (code.match(/(?<=^\+).*/gm) ?? []) : [],
  );
  return [own, ...added].join('\n');
}

it('names the file of each change', () => {
  expect(changes.length).toBeGreaterThan(3);
  expect(changes.filter(({ file }) => !file)).toEqual([]);
});

it('adds files that are not there', () => {
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter(({ file }) => existsSync(join(root, file)))).toEqual([]);
});

it.each(changes)('changes one place of $file: $code', ({ file, code }) => {
  expect(`\n${read(file)}`.split(`\n${before(code)}`)).toHaveLength(2);
});

it('needs at most 250 lines of TypeScript, tests included', () => {
  const lines = files.filter(({ language }) => language === 'ts').map(({ code }) => code.trimEnd().split('\n').length);
  expect(lines.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(250);
});

it('imports what is exported', () => {
  const imports = files.flatMap(({ file, code }) =>
    [...code.matchAll(/^import (?:type )?\{([^}]+)\} from '(\.[^']+)';$/gm)].flatMap(([, names = '', path = '']) =>
      names.split(',').map((name) => ({ name: name.replace('type ', '').trim(), file: join(dirname(file), path) })),
    ),
  );
  expect(imports.length).toBeGreaterThan(20);
  // What is generated from the schema comes to be when the guide is followed.
  const written = imports.filter(({ file }) => !/\/(?:schema|resolver)-types\.ts$|\/documents\//.test(file));
  const missing = written.filter(
    ({ name, file }) =>
      !new RegExp(`^export (?:async )?(?:class|const|function|interface|type) ${name}\\b`, 'm').test(textOf(file)),
  );
  expect(missing).toEqual([]);
});

/** docs/adding-a-noun.md, followed to the letter in a copy of the project: what it adds compiles, and its tests pass. */
import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '../../support/tool.ts';

const run = promisify(execFile);
const copy = mkdtempSync(join(tmpdir(), 'gatewright-noun-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const guide = readFileSync(join(projectRoot, 'docs/adding-a-noun.md'), 'utf8');
const blocks = [...guide.matchAll(/^```(?<language>\w*) (?<file>\S+)\n(?<code>.*?)^```$/gms)].map(
  ({ groups }) => groups as { language: string; file: string; code: string },
);
const folders = ['src', 'schema', 'test', 'tools', 'docs'];
const files = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'biome.json',
  'codegen.yml',
  'vitest.config.ts',
  'mikro-orm.config.ts',
  '.env.example',
  '.gitignore',
];

const bin = (name: string) => join(projectRoot, 'node_modules/.bin', name);
/** @returns what it printed. @throws with that, if it fails. */
async function step(command: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  try {
    return (await run(command, args, { cwd: copy, env, maxBuffer: 10_000_000 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
}

/** The lines of a change that stand there before it, and after it. */
function apply({ file, code }: { file: string; code: string }): void {
  const before = code.replaceAll(/^\+.*\n/gm, '').replaceAll(/^[ -]/gm, '');
  const after = code.replaceAll(/^-.*\n/gm, '').replaceAll(/^[ +]/gm, '');
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  expect([file, text.split(before).length]).toEqual([file, 2]);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}

beforeAll(async () => {
  for (const name of [...folders, ...files]) {
    const filter = (path: string) => !/node_modules|docs\/benchmarks/.test(path);
    cpSync(join(projectRoot, name), join(copy, name), { recursive: true, filter });
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  const isMigration = ({ file }: { file: string }) => file.startsWith('src/database/migrations/');
  for (const block of blocks) {
    if (block.language === 'diff') {
      if (!isMigration(block)) apply(block);
      continue;
    }
    mkdirSync(dirname(join(copy, block.file)), { recursive: true });
    writeFileSync(join(copy, block.file), block.code);
  }
  await step(bin('graphql-codegen'), '--config', 'codegen.yml');
  // The name that the guide was given is another one each time.
  const named = 'Migration20261201000000_comments';
  const migrations = join(copy, 'src/database/migrations');
  const known = new Set(readdirSync(migrations));
  await step(process.execPath, 'tools/migration.ts', 'create', 'comments');
  const [made = ''] = readdirSync(migrations).filter((name) => !known.has(name));
  renameSync(join(migrations, made), join(migrations, `${named}.ts`));
  const text = readFileSync(join(migrations, `${named}.ts`), 'utf8');
  writeFileSync(join(migrations, `${named}.ts`), text.replaceAll(made.replace('.ts', ''), named));
  for (const block of blocks.filter(isMigration)) apply(block);
}, 300_000);

it('compiles, and keeps the rules of the linter and of imports', { timeout: 300_000 }, async () => {
  await step(
    bin('biome'),
    'check',
    '--write',
    ...blocks.map(({ file }) => file).filter((file) => /\.(ts|json)$/.test(file)),
    'src',
  );
  await step(bin('tsc'), '-p', '.');
  expect(await step(process.execPath, 'tools/imports.ts')).toContain('keep the rules');
  expect(await step(process.execPath, 'tools/migration.ts', 'check')).toContain('migrations are current');
});

it('passes its own tests, and those of its guards', { timeout: 600_000 }, async () => {
  const tests = ['e2e/comments', 'e2e/permission-matrix', 'unit/authorization/mutation-check'];
  const files = tests.map((name) => `test/${name}.test.ts`);
  // What is about other nouns runs in the project itself.
  expect(await step(bin('vitest'), 'run', ...files, '-t', 'omment|complete|written by hand')).toMatch(
    /Test Files.*3 passed/,
  );
});

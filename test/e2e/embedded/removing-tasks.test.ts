/** docs/removing-tasks.md, followed to the letter in a copy of the project: what is left compiles, and keeps its guards. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '../../support/tool.ts';

const run = promisify(execFile);
const copy = mkdtempSync(join(tmpdir(), 'removing-tasks-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const page = readFileSync(join(projectRoot, 'docs/removing-tasks.md'), 'utf8');
const blocks = [...page.matchAll(/^```(?<language>\w+) ?(?<file>\S*)\n(?<code>.*?)^```$/gms)].map(
  ({ groups }) => groups as { language: string; file: string; code: string },
);

/** @returns what it printed. @throws with that, if it fails. */
async function step(command: string, ...args: string[]): Promise<string> {
  const bins = join(projectRoot, 'node_modules/.bin');
  const env = { PATH: `${dirname(process.execPath)}:${bins}:${process.env.PATH}`, HOME: process.env.HOME };
  try {
    return (await run(command, args, { cwd: copy, env, maxBuffer: 10_000_000 })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`);
  }
}

function apply({ file, code }: { file: string; code: string }): void {
  const before = code.replaceAll(/^\+.*\n/gm, '').replaceAll(/^[ -]/gm, '');
  const after = code.replaceAll(/^-.*\n/gm, '').replaceAll(/^[ +]/gm, '');
  const text = readFileSync(join(copy, file), 'utf8');
  expect([file, before, text.split(before).length]).toEqual([file, before, 2]);
  writeFileSync(
    join(copy, file),
    text.replace(before, () => after),
  );
}

beforeAll(async () => {
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', listed, { cwd: projectRoot, encoding: 'utf8' }).split('\0')) {
    if (file === '' || file.startsWith('docs/benchmarks/')) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), readFileSync(join(projectRoot, file)));
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  await step('git', 'init', '--quiet');
  await step('git', 'add', '.');
  await step('git', '-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '-m', 'copy');
  for (const block of blocks) {
    if (block.language === 'diff') apply(block);
    // The last block, which generates, is followed below: there `npm test` would take as long as all of this.
    else if (!block.code.includes('npm ')) await step('bash', '-euo', 'pipefail', '-c', block.code);
  }
  await step('graphql-codegen', '--config', 'codegen.yml');
  await step(process.execPath, 'tools/migration.ts', 'create', 'no_tasks');
  const migrations = join(copy, 'src/database/migrations');
  const made = readdirSync(migrations).find((name) => name.endsWith('_no_tasks.ts')) ?? '';
  const name = made.replace('.ts', '');
  const index = readFileSync(join(migrations, 'index.ts'), 'utf8');
  const listing = index.replace(/^\];/m, `  { name: '${name}', class: ${name} },\n];`);
  writeFileSync(join(migrations, 'index.ts'), `import { ${name} } from './${made}';\n${listing}`);
  await step(process.execPath, 'tools/configuration.ts');
  await step('biome', 'check', '--write', '.');
}, 120_000);

it('compiles, without a task and under another name', { timeout: 120_000 }, async () => {
  await step('tsc', '-p', '.');
  expect(await step(process.execPath, 'tools/imports.ts')).toContain('keep the rules');
  expect(await step(process.execPath, 'tools/migration.ts', 'check')).toContain('migrations are current');
  expect(await step(process.execPath, 'tools/print-schema.ts', '--out', '-')).not.toMatch(
    /type Task|\bcreateTask|^ {2}tasks\(/m,
  );
  expect(readFileSync(join(copy, 'package.json'), 'utf8')).not.toMatch(/gatewright/i);
});

it('keeps its guards: nobody is denied what only accounts may do', { timeout: 120_000 }, async () => {
  const files = ['test/e2e/permission-matrix.test.ts', 'test/unit/api/nouns.test.ts'];
  const printed = await step('vitest', 'run', ...files, '-t', 'complete|nobody|noun|node|code generation');
  expect(printed).toMatch(/Test Files.*2 passed/);
});

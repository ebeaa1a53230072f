/** The built package, used by another project. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
let consumer: string;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-package-'));
  const build = join(directory, 'build');
  const files = [
    'src',
    'schema',
    'tools',
    'package.json',
    'mikro-orm.config.ts',
    'tsconfig.json',
    'tsconfig.build.json',
  ];
  for (const name of files) cpSync(join(root, name), join(build, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(build, 'node_modules'));
  await run(process.execPath, ['tools/build.ts'], { cwd: build });

  consumer = join(directory, 'consumer');
  const installed = join(consumer, 'node_modules/gatewright');
  mkdirSync(installed, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--silent'], { cwd: build });
  await run('tar', ['-xzf', join(build, stdout.trim()), '--strip-components=1', '-C', installed]);
  // What the engine needs, and the project's own packages. Any other package is missing.
  const engine = ['graphql', '@graphql-tools/utils', 'dataloader', 'graphql-shield', 'graphql-jit', 'lru-cache'];
  for (const name of [...engine, '@graphql-tools/schema', '@types/node', 'graphql-yoga']) {
    const link = join(consumer, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(dirname(consumer), { recursive: true, force: true }));

describe('gatewright/authorization', () => {
  it('answers the example of docs/guards.md as it says', async () => {
    const guide = readFileSync(join(root, 'docs/guards.md'), 'utf8');
    const [, code, answer] =
      /## The engine as a library\n.*?```js\n(.*?)```\n\n```json\n(.*?)```/s.exec(guide) ?? expect.unreachable();
    writeFileSync(join(consumer, 'readme.js'), code as string);
    expect((await run(process.execPath, ['readme.js'], { cwd: consumer })).stdout).toBe(answer);
  });

  it('gives nothing beside the engine', async () => {
    const script = (name: string) => [
      '-e',
      `import('${name}').then((m) => console.log(Object.keys(m).sort().join(' ')), (e) => console.log(e.code))`,
    ];
    const exported = await run(process.execPath, script('gatewright/authorization'), { cwd: consumer });
    expect(exported.stdout.trim().split(' ')).toEqual(
      expect.arrayContaining(['Denial', 'GuardError', 'and', 'createGuard', 'directiveTypeDefs', 'rule']),
    );
    for (const inner of ['gatewright', 'gatewright/dist/src/main.js', 'gatewright/authorization/shield']) {
      const refused = await run(process.execPath, script(inner), { cwd: consumer });
      expect([inner, refused.stdout.trim()]).toEqual([inner, 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
    }
  });

  it('can be required as well', async () => {
    const script = "console.log(typeof require('gatewright/authorization').createGuard)";
    writeFileSync(join(consumer, 'required.cjs'), script);
    expect((await run(process.execPath, ['required.cjs'], { cwd: consumer })).stdout).toBe('function\n');
  });

  it('runs the example of docs/library.md', async () => {
    cpSync(join(root, 'docs/examples/yoga'), join(consumer, 'yoga'), { recursive: true });
    const env = { PATH: process.env.PATH ?? '', PORT: '0' };
    const server = spawn(process.execPath, ['yoga/start.ts'], {
      cwd: consumer,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => server.once('close', resolve));
    try {
      const [line] = await once(createInterface({ input: server.stdout }), 'line');
      const url = /^ready on (\S+)$/.exec(line)?.[1] ?? expect.unreachable(line);
      const body = JSON.stringify({ query: '{ articles { title notes } }' });
      const ask = async (headers: Record<string, string>) =>
        (
          await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
        ).json();
      expect(await ask({ authorization: 'Bearer ada-token' })).toEqual({
        data: { articles: [{ title: 'Rain', notes: 'Ask Tom.' }] },
      });
      expect(await ask({})).toMatchObject({
        data: { articles: [{ title: 'Rain', notes: null }] },
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    } finally {
      if (server.kill('SIGKILL')) await ended;
    }
  });

  it('is typed for a project that writes policies, and refuses what is wrong', async () => {
    writeFileSync(join(consumer, 'policies.ts'), policies);
    const settings = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024', '--types', 'node'];
    const check = () => run(join(root, 'node_modules/.bin/tsc'), [...settings, 'policies.ts'], { cwd: consumer });
    expect((await check()).stdout).toBe('');
    writeFileSync(join(consumer, 'policies.ts'), policies.replaceAll(/^ *\/\/ @ts-expect-error.*$/gm, ''));
    const refused = await check().catch((error: { stdout: string }) => error);
    const lines = [...refused.stdout.matchAll(/^policies\.ts\((\d+),/gm)].map(([, line]) => Number(line));
    expect(new Set(lines)).toEqual(new Set(linesAfterExpectations(policies)));
  });
});

const policies = `
import { buildSchema } from 'graphql';
import {
  type Alternative,
  and,
  type Condition,
  createGuard,
  type DenialEvent,
  directiveTypeDefs,
  type GuardOptions,
  type GuardViewer,
  type Requirement,
  type Requires,
  rule,
  type ShieldRule,
} from 'gatewright/authorization';

interface Context {
  viewer: GuardViewer | null;
}

const owns = rule<Context, { ownerId: string }>('owns')((row, _args, { viewer }) => row.ownerId === viewer?.id);
const policies = {
  owns,
  both: and(owns, owns),
  // @ts-expect-error it answers with a number
  counts: rule<Context>()(() => 1),
  // @ts-expect-error the cache is refused at the start
  strict: rule<Context>({ cache: 'strict' })(() => true),
  // @ts-expect-error the context has no user
  other: rule<Context>()((_parent, _args, { user }) => user === null),
} satisfies Record<string, ShieldRule<Context>>;

const options: GuardOptions<Context> = {
  viewer: (context) => context.viewer,
  policies,
  owners: { Note: async (ids, { viewer }) => ids.map(() => viewer?.id) },
  denial: 'reject',
};
const wrong: GuardOptions<Context> = {
  // @ts-expect-error a promise is no viewer
  viewer: async (context) => context.viewer,
  // @ts-expect-error there is no such mode
  denial: 'hide',
};
const sdl = directiveTypeDefs({ roles: ['READER'] }) + 'type Query { note: Int @public }';
const guard = createGuard<Context>(buildSchema(sdl), options);
export const names: string[] = [...guard.requirements.keys()];
export { wrong };

const nameOf = (condition: Condition): string => ('name' in condition ? condition.name : condition.kind);
const namesOf = (alternative: Alternative): string[] => alternative.map(nameOf);
const describe = (requirement: Requirement): string[][] => requirement.map(namesOf);
export const scopesOf = ({ scopes }: Requires): string[][] => scopes;
export const told = ({ requirement, denial }: DenialEvent) => [describe(requirement), scopesOf(denial.requires)];
export const required = [...guard.requirements.values()].map(describe);
// @ts-expect-error there is no such condition
export const unheardOf: Condition = { kind: 'rank', name: 'captain' };
// @ts-expect-error a scope has a name
export const unnamed: Requirement = [[{ kind: 'scope' }]];
// @ts-expect-error roles are no list of lists
export const lacking: Requires = { scopes: [], roles: [['READER']], policies: [] };
`;

/** The numbers of the lines after an expected error. */
function linesAfterExpectations(text: string): number[] {
  const lines = text.split('\n');
  return lines.flatMap((line, i) => (line.includes('@ts-expect-error') ? i + 2 : []));
}

/** What a start loads, caches and checks before anything else. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import description from '../../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../../..');

describe('the cache of compiled code', () => {
  let directory: string;
  const cache = () => join(directory, 'node_modules/.cache');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatewright-start-'));
    for (const name of ['src', 'package.json', 'mikro-orm.config.ts']) {
      cpSync(join(root, name), join(directory, name), { recursive: true });
    }
    mkdirSync(join(directory, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
    }
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  // It ends by itself when everything is loaded.
  const start = () => run(['src/main.ts'], { cwd: directory, env: { PORT: 'http' } });
  const refused = { code: 1, stderr: expect.stringMatching(/^The configuration has a fault:\n {2}PORT: .*\n$/) };

  it('lies beside the packages', async () => {
    expect(await start()).toMatchObject(refused);
    expect(existsSync(join(cache(), 'gatewright'))).toBe(true);
    expect(await start()).toMatchObject(refused);
  });

  it('takes the first file as well, whose types need not be stripped again', async () => {
    cpSync(join(root, 'tools/keep-compiled.cjs'), join(directory, 'tools/keep-compiled.cjs'));
    const isTaken = async (...preload: string[]) => {
      const env = { PORT: 'http', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
      const { stdout, stderr } = await run([...preload, 'src/main.ts'], { cwd: directory, env });
      return /retrieving transpile cache for StrippedTypeScript \S+src\/main\.ts\.\.\.success/.test(stdout + stderr);
    };
    const preload = ['--require', './tools/keep-compiled.cjs'];
    expect(description.scripts.start).toContain(preload.join(' '));
    expect(await isTaken(...preload)).toBe(false);
    expect(await isTaken(...preload)).toBe(true);
    expect(await isTaken()).toBe(false);
  });

  it('is skipped silently when its folder cannot be written', async () => {
    writeFileSync(cache(), '');
    expect(await start()).toMatchObject(refused);
  });
});

describe('without a build', () => {
  const project = mkdtempSync(join(tmpdir(), 'gatewright-build-'));
  afterAll(() => rmSync(project, { recursive: true }));

  it('start:production says what to run first', async () => {
    expect(description.scripts['prestart:production']).toBe('node tools/require-build.cjs');
    cpSync(join(root, 'tools/require-build.cjs'), join(project, 'tools/require-build.cjs'));
    const check = () => run(['tools/require-build.cjs'], { cwd: project, env: {} });
    expect(await check()).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no build in dist/. Run `npm run build` first.\n',
    });
    mkdirSync(join(project, 'dist/src'), { recursive: true });
    writeFileSync(join(project, 'dist/src/main.js'), '');
    expect(await check()).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('on an old Node', () => {
  it.each(['start', 'start:production'] as const)('%s checks it before it loads anything', (script) => {
    expect(description.scripts[script]).toMatch(
      /\bnode (?:--[\w-]+(?:=\d+)? )*--require \.\/tools\/require-node\.cjs (?:--require \S+ )?\S+$/,
    );
  });

  it('says which Node is needed, and where it comes from', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'18.0.0'}})`;
    const check = `import(${JSON.stringify(old)}).then(() => require('./tools/require-node.cjs'))`;
    const { code, stderr } = await run(['--eval', check], { cwd: root, env: {} });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^Gatewright needs Node 24 or later; this is Node 18\.0\.0\.\n`npm ci` installs one/),
    ]);
  });
});

it('loads nothing of the embedded database, of common passwords, of bcrypt and of the compiler before they are needed', async () => {
  const script = `
    const { registerHooks } = require('node:module');
    const late = new Set();
    registerHooks({
      load(url, context, next) {
        const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\/(?!.*node_modules)/.exec(url) ?? [];
        if (/^(@electric-sql\\/pglite|@mikro-orm\\/pglite|@zxcvbn-ts\\/.*|bcrypt|graphql-jit)$/.test(name)) late.add(name);
        return next(url, context);
      },
    });
    import('./src/server/start.ts').then(() => console.log(JSON.stringify([...late])));
  `;
  expect(await run(['--eval', script], { cwd: root, env: {} })).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

function run(
  args: string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

/**
 * Builds the engine as a package of its own, gatewright-authorization, in dist/authorization/: `npm run
 * build:authorization`; `-- --pack DIRECTORY` also packs it there. The code is CommonJS, and `import` gets a thin entry
 * in front of it, so that there is one copy of the engine on every Node.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const source = join(root, 'dist/authorization-source');
const target = join(root, 'dist/authorization');
const { values } = parseArgs({ options: { pack: { type: 'string' } } });
const shell = process.platform === 'win32';

interface Manifest {
  type: string;
  readonly exports: Readonly<Record<string, { readonly require: { readonly default: string } }>>;
}

copySource();
const isCompiled = compile();
rmSync(source, { recursive: true, force: true });
if (!isCompiled) process.exit(1);
for (const name of globSync('**/*.d.ts', { cwd: target })) pointAtScripts(join(target, name));
const manifest: Manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
for (const { require } of Object.values(manifest.exports)) writeEntry(require.default);
cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
cpSync(join(root, 'docs/authorization.md'), join(target, 'README.md'));
if (values.pack === undefined) console.log('built dist/authorization/');
else
  execFileSync('npm', ['pack', '--silent', '--pack-destination', values.pack], {
    cwd: target,
    stdio: 'inherit',
    shell,
  });

/**
 * The sources are ES modules. The compiler makes CommonJS of them where their `package.json` says that they are that.
 * There `require` needs not be made.
 */
function copySource(): void {
  for (const folder of [source, target]) rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'src/authorization'), source, { recursive: true });
  for (const name of globSync('**/*.ts', { cwd: source })) {
    rewrite(join(source, name), (text) => text.replaceAll(/^.*\bcreateRequire\b.*\n/gm, ''));
  }
  const asCommonJs = (text: string) => text.replace('"type": "module"', '"type": "commonjs"');
  rewrite(join(source, 'package.json'), asCommonJs);
  cpSync(join(source, 'package.json'), join(target, 'package.json'));
}

function compile(): boolean {
  const settings = ['--outDir', target, '--sourceMap', 'false', '--removeComments', 'false'];
  const ofCommonJs = ['--verbatimModuleSyntax', 'false'];
  const program = ['-p', join(source, 'tsconfig.json'), ...settings, ...ofCommonJs];
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), program, { cwd: root, stdio: 'inherit', shell });
    return true;
  } catch {
    return false;
  }
}

/** The compiler rewrites what code imports, and leaves what declarations import. */
function pointAtScripts(path: string): void {
  rewrite(path, (text) => text.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
}

/** @param script such as `./guard.js`, which gets `guard.mjs` and its declarations beside it. */
function writeEntry(script: string): void {
  const path = join(target, script);
  const names = Object.keys(createRequire(import.meta.url)(path) as object);
  const own = `./${script.split('/').at(-1)}`;
  writeFileSync(path.replace(/\.js$/, '.mjs'), `export { ${names.join(', ')} } from '${own}';\n`);
  writeFileSync(path.replace(/\.js$/, '.d.mts'), `export * from '${own}';\n`);
}

function rewrite(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

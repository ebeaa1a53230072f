/**
 * Builds the engine as a package of its own, gatewright-authorization, in dist/authorization/: `npm run
 * build:authorization`; `-- --pack DIRECTORY` also packs it there. Node requires the same ES modules that it imports, so
 * that there is one copy of the engine; TypeScript takes a second set of declarations for `require`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const target = join(root, 'dist/authorization');
const { values } = parseArgs({ options: { pack: { type: 'string' } } });
const shell = process.platform === 'win32';

rmSync(target, { recursive: true, force: true });
try {
  const settings = [
    '--rootDir',
    'src/authorization',
    '--outDir',
    target,
    '--sourceMap',
    'false',
    '--removeComments',
    'false',
  ];
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'src/authorization/tsconfig.json', ...settings], {
    ...{ cwd: root, stdio: 'inherit', shell },
  });
} catch {
  process.exit(1);
}
// The compiler rewrites what code imports, and leaves what declarations import.
for (const name of globSync('**/*.d.ts', { cwd: target })) {
  const text = readFileSync(join(target, name), 'utf8').replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2');
  writeFileSync(join(target, name), text);
  const copy = join(target, 'required', name);
  mkdirSync(dirname(copy), { recursive: true });
  writeFileSync(copy, text);
}
writeFileSync(join(target, 'required/package.json'), '{ "type": "commonjs" }\n');
cpSync(join(root, 'src/authorization/package.json'), join(target, 'package.json'));
cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
cpSync(join(root, 'docs/authorization.md'), join(target, 'README.md'));
if (values.pack === undefined) console.log('built dist/authorization/');
else
  execFileSync('npm', ['pack', '--silent', '--pack-destination', values.pack], {
    cwd: target,
    stdio: 'inherit',
    shell,
  });

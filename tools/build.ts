/** Compiles src/ to dist/src/ and copies what is read at run time: `npm run build`. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
try {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
} catch {
  process.exit(1);
}
cpSync(join(root, 'schema'), join(dist, 'schema'), { recursive: true });
console.log('built dist/: start it with `npm run start:production`');

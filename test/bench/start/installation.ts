/**
 * Gatewright as `npm ci` leaves it, in a directory of its own: without a `.env`, and without caches of earlier starts.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from '../login/cleanup.ts';

const root = join(import.meta.dirname, '../../..');
const copied = ['src', 'schema', 'tools', 'mikro-orm.config.ts', 'tsconfig.json', 'tsconfig.build.json'];

/** An npm script that does nothing, to measure npm itself. */
export const nothing = 'nothing';

/**
 * Includes a build.
 * @returns the directory.
 */
export function makeInstallation(cleanup: Cleanup): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'));
  cleanup.add('a directory is left over', () => rmSync(directory, { recursive: true, force: true }));
  for (const name of copied) cpSync(join(root, name), join(directory, name), { recursive: true });
  const description = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  description.scripts[nothing] = 'node --eval 0';
  writeFileSync(join(directory, 'package.json'), JSON.stringify(description));
  cpSync(join(root, '.npmrc'), join(directory, '.npmrc'));
  // Links each package, so that caches beside the packages are this installation's own.
  mkdirSync(join(directory, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '.cache') symlinkSync(join(root, 'node_modules', name), join(directory, 'node_modules', name));
  }
  execFileSync(process.execPath, ['tools/build.ts'], { cwd: directory, stdio: 'pipe' });
  return directory;
}

/** Removes caches, as if it had never been started. */
export function forgetStarts(directory: string): void {
  rmSync(join(directory, 'node_modules/.cache'), { recursive: true, force: true });
}

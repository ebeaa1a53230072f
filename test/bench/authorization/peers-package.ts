/** Installs the package of the peers, if it is missing or differs from its lock file. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const bench = join(import.meta.dirname, '..');

/** @throws Error if npm cannot install it. */
export function installPeers(): void {
  const missing = Object.entries(wanted()).filter(([name, version]) => {
    const installed = versionIn(bench, name);
    return version.startsWith('file:') ? installed === null : installed !== version;
  });
  if (missing.length === 0) return;
  console.log(`installing test/bench: ${missing.map(([name]) => name).join(', ')}`);
  try {
    execFileSync('npm', ['ci', '--prefix', bench], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
  } catch (error) {
    throw new Error('The peers could not be installed; `npm ci --prefix test/bench` says why.', { cause: error });
  }
}

/** The versions of Gatewright and of everything that it is compared with, by name. */
export function versions(): Record<string, string> {
  const own = {
    gatewright: read(join(root, 'package.json')).version ?? '',
    'graphql-jit': versionIn(root, 'graphql-jit'),
  };
  const peers = Object.keys(wanted()).map((name) => [name, versionIn(bench, name)]);
  return { ...own, ...Object.fromEntries(peers) };
}

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
}

function wanted(): Record<string, string> {
  return read(join(bench, 'package.json')).dependencies ?? {};
}

function versionIn(folder: string, name: string): string | null {
  try {
    return read(join(folder, 'node_modules', name, 'package.json')).version ?? null;
  } catch {
    return null;
  }
}

function read(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}

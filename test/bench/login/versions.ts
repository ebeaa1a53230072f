/** The versions of everything that influences the figures, by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const packages = ['argon2', 'jsonwebtoken', 'fastify', '@apollo/server', 'graphql', '@mikro-orm/postgresql', 'pg'];

export function versions(): Record<string, string> {
  const own = ['gatewright', versionIn(root)];
  return Object.fromEntries([own, ...packages.map((name) => [name, versionIn(join(root, 'node_modules', name))])]);
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

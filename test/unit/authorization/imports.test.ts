/** The engine's imports: it is a library, free of HTTP servers and databases. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../../src');

/** For each file, its imports within src/. Types count, because a consumer must resolve them as well. */
function importsFrom(entry: string, found = new Map<string, string[]>()): Map<string, string[]> {
  const file = relative(source, entry);
  if (found.has(file)) return found;
  const text = readFileSync(entry, 'utf8');
  const imports = [...text.matchAll(/(?:\bfrom|\bimport|\brequire(?:\.resolve)?)\s*\(?\s*['"]([^'"\n]+)['"]/g)].map(
    ([, specifier]) => specifier as string,
  );
  found.set(file, imports);
  for (const specifier of imports) if (specifier.startsWith('.')) importsFrom(join(dirname(entry), specifier), found);
  return found;
}

const graph = importsFrom(join(source, 'authorization/guard.ts'));

it('the engine takes from src/ its own files alone', () => {
  const others = [...graph.keys()].filter((file) => !file.startsWith('authorization/'));
  expect(others).toEqual([]);
  expect(graph.size).toBeGreaterThan(20);
});

it('the engine imports no package beside these, and graphql-shield in one file', () => {
  const packages = new Map<string, string[]>();
  for (const [file, imports] of graph) {
    for (const specifier of imports.filter((name) => !name.startsWith('.') && !isBuiltin(name))) {
      packages.set(specifier, [...(packages.get(specifier) ?? []), file]);
    }
  }
  const allowed = ['@graphql-tools/utils', 'dataloader', 'graphql', 'graphql-jit', 'graphql-shield', 'lru-cache'];
  expect([...packages.keys()].filter((name) => !allowed.includes(name))).toEqual([]);
  expect(new Set(packages.get('graphql-shield'))).toEqual(new Set(['authorization/rules/shield.ts']));
});

import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDirectory } from '../../../../src/database/embedded/directory.ts';

const root = mkdtempSync(join(tmpdir(), 'gatewright-directory-'));
afterAll(() => rmSync(root, { recursive: true }));

it('is made with all above it, and made once', () => {
  const directory = join(root, 'a', 'b', 'c');
  makeDirectory(directory);
  makeDirectory(`${directory}/`);
  expect(statSync(directory).isDirectory()).toBe(true);
});

it('may be behind a link', () => {
  symlinkSync(root, join(root, 'link'));
  makeDirectory(join(root, 'link'));
  makeDirectory(join(root, 'link', 'd'));
  expect(existsSync(join(root, 'd'))).toBe(true);
});

it('is not made of a file, nor in one', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(() => makeDirectory(file)).toThrow(/EEXIST/);
  expect(() => makeDirectory(join(file, 'a', 'b'))).toThrow(/ENOTDIR/);
});

// Only Linux has a folder that reports this.
it.runIf(existsSync('/proc/self'))('is not tried for ever where it cannot be', () => {
  expect(() => makeDirectory('/proc/gatewright/a/b')).toThrow(/ENOENT/);
});

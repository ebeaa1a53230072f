import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and those above it, unless they exist. Node's own `recursive` is not used. It never ends where an
 * existing directory answers ENOENT, as /proc does.
 *
 * @throws the system's error.
 */
export function makeDirectory(path: string): void {
  const directory = resolve(path);
  try {
    mkdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return;
    if (code !== 'ENOENT' || existsSync(dirname(directory))) throw error;
    makeDirectory(dirname(directory));
    makeDirectory(directory);
  }
}

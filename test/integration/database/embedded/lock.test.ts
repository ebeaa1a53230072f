import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataDirectoryLockedError, lockDirectory } from '../../../../src/database/embedded/lock.ts';

const module = join(import.meta.dirname, '../../../../src/database/embedded/lock.ts');
/** Takes the lock of each directory that a line names, and says whether it succeeded. */
const racer = `
  import { createInterface } from 'node:readline';
  import { lockDirectory } from ${JSON.stringify(module)};
  console.log('here');
  for await (const directory of createInterface({ input: process.stdin })) {
    try { lockDirectory(directory); console.log('held'); } catch (error) { console.log(error.constructor.name); }
  }`;

class Racer {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.process = spawn(process.execPath, ['--input-type=module', '-e', racer], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    return (await this.#lines.next()).value;
  }

  async lock(directory: string): Promise<string> {
    this.process.stdin?.write(`${directory}\n`);
    return await this.line();
  }
}

describe('the lock of a data directory', () => {
  let directory: string;
  let racers: Racer[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatewright-lock-'));
  });
  afterEach(() => {
    for (const { process } of racers) process.kill('SIGKILL');
    racers = [];
    rmSync(directory, { recursive: true });
  });

  async function start(count: number): Promise<void> {
    racers = Array.from({ length: count }, () => new Racer());
    await Promise.all(racers.map((each) => each.line()));
  }

  it('has one holder, which can give it back, and makes the directory', () => {
    const inner = join(directory, 'a/b');
    const unlock = lockDirectory(inner);
    expect(() => lockDirectory(inner)).toThrow(DataDirectoryLockedError);
    lockDirectory(join(directory, 'other'))();
    unlock();
    unlock();
    lockDirectory(inner)();
    // Empty, so that it fits on a full disk.
    expect(statSync(join(inner, 'lock')).size).toBe(0);
  });

  it('has one holder of four processes that take it at the same moment, each of thirty times', async () => {
    await start(4);
    for (let round = 0; round < 30; round++) {
      const taken = await Promise.all(racers.map((each) => each.lock(join(directory, String(round)))));
      expect(taken.toSorted()).toEqual([
        'DataDirectoryLockedError',
        'DataDirectoryLockedError',
        'DataDirectoryLockedError',
        'held',
      ]);
    }
  });

  it('is free when its holder has been killed', async () => {
    await start(1);
    const [holder] = racers as [Racer];
    expect(await holder.lock(directory)).toBe('held');
    expect(() => lockDirectory(directory)).toThrow(DataDirectoryLockedError);
    const ended = once(holder.process, 'exit');
    holder.process.kill('SIGKILL');
    await ended;
    lockDirectory(directory)();
  });

  it('of an earlier version is left alone, and named', () => {
    const file = join(directory, 'lock');
    writeFileSync(file, '{"pid":1,"started":"1"}');
    expect(() => lockDirectory(directory)).toThrow(DataDirectoryLockedError);
    expect(() => lockDirectory(directory)).toThrow(`remove ${file}`);
  });

  it('of an earlier version is taken over when its process has ended', async () => {
    await start(1);
    const [{ process: ended }] = racers as [Racer];
    const file = join(directory, 'lock');
    writeFileSync(file, JSON.stringify({ pid: ended.pid, started: '1' }));
    expect(() => lockDirectory(directory)).toThrow(`of process ${ended.pid}`);
    const exit = once(ended, 'exit');
    ended.kill('SIGKILL');
    await exit;
    lockDirectory(directory)();
    expect(statSync(file).size).toBe(0);
  });

  it('is refused where its file is a directory, or a link to nowhere', () => {
    mkdirSync(join(directory, 'lock'));
    expect(() => lockDirectory(directory)).toThrow('is no file');
    const other = join(directory, 'other');
    mkdirSync(other);
    symlinkSync('/nowhere/at/all', join(other, 'lock'));
    expect(() => lockDirectory(other)).toThrow('cannot be written (ENOENT)');
  });

  it('is refused where its file can only be read', async () => {
    const file = join(directory, 'lock');
    writeFileSync(file, '');
    vi.spyOn(fs, 'accessSync').mockImplementation(() => {
      throw Object.assign(new Error('denied'), { code: 'EACCES' });
    });
    syncBuiltinESMExports();
    try {
      expect(() => lockDirectory(directory)).toThrow('cannot be written (EACCES)');
    } finally {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    }
    lockDirectory(directory)();
  });

  it('is refused where the directory cannot be used', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => lockDirectory(join(directory, 'file'))).toThrow();
  });
});

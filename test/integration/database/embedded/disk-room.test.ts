import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import type { PgliteConnection } from '@mikro-orm/pglite';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import type { Database } from '../../../../src/database/database.ts';
import { keepRoom, reserve, roomOf } from '../../../../src/database/embedded/disk-room.ts';
import { isDatabaseLost } from '../../../../src/database/faults.ts';
import { addUser } from '../../tasks/fixtures.ts';

let database: Database;
let pglite: PGlite;
let room = reserve;
let looks = 0;
let stop: () => Promise<void>;

beforeAll(async () => {
  const snapshot = new Blob([readFileSync(inject('snapshot'))]);
  database = await openDatabase({ kind: 'memory', snapshot }, sharedOptions);
  pglite = await (database.orm.em.getConnection() as unknown as PgliteConnection).getNativeClient();
  stop = keepRoom(pglite, async () => {
    looks++;
    return room;
  });
});
afterAll(async () => {
  await stop();
  await database.close();
});

const refuses = () => vi.waitFor(() => expect(database.ping()).rejects.toMatchObject({ code: '25006' }), 20_000);
const takes = () => vi.waitFor(() => database.ping(), 20_000);

it('with a full disk, the embedded database refuses writes and goes on reading, until there is room for a while', async () => {
  await addUser(database.fork());
  room = reserve - 1;
  await refuses();
  const refused = await addUser(database.fork()).catch((error: unknown) => error);
  expect(isDatabaseLost(refused)).toBe(true);
  expect(await database.fork().execute('select count(*)::int as count from users')).toEqual([{ count: 1 }]);

  room = 2 * reserve;
  await takes();
  await addUser(database.fork());
});

it('a transaction under way is not stopped', async () => {
  await database.fork().transactional(async (tx) => {
    await addUser(tx as never);
    room = 0;
    const before = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(before), 20_000);
    await addUser(tx as never);
  });
  await refuses();
});

it('room is what the system says', async () => {
  expect(await roomOf('.')).toBeGreaterThan(0);
  await expect(roomOf('/nowhere/at/all')).rejects.toThrow('ENOENT');
});

it('room is that of the fullest disk that holds data', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-room-'));
  expect(await roomOf(dataDir)).toBeGreaterThan(0);
  // A file system without room.
  symlinkSync('/proc', join(dataDir, 'postgresql'));
  expect(await roomOf(dataDir)).toBe(0);
  rmSync(dataDir, { recursive: true });
});

it('there is no room where no more files can be made, unless the file system counts none', async () => {
  const statfs = vi.spyOn(promises, 'statfs');
  syncBuiltinESMExports();
  const say = (files: number) => statfs.mockResolvedValue({ bavail: 9, bsize: 4096, files, ffree: 0 } as never);
  try {
    say(1000);
    expect(await roomOf('.')).toBe(0);
    say(0);
    expect(await roomOf('.')).toBe(36_864);
  } finally {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  }
});

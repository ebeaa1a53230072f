/** Kills the embedded database during writes: acknowledged writes are there after the restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asUser, type SignedIn } from '../../support/personas.ts';
import { type Answer, graphql, runServer, type SpawnedServer, spawnServer } from '../../support/server.ts';
import { CreateTaskDocument } from '../documents/graphql.ts';

const writers = 8;
/** How many writes are acknowledged before the process is killed. */
const enough = 40;

interface Written {
  title: string;
  notes: string;
}

describe('the embedded database', () => {
  let directory: string;
  let server: SpawnedServer;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatewright-durability-'));
    server = await spawnServer({ DATA_DIR: directory });
  });
  afterEach(async () => {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  it('holds every acknowledged task after each of three kills amid writes, and tokens stay good', {
    timeout: 180_000,
  }, async () => {
    let user = await asUser(server);
    const acknowledged = new Map<string, Written>();
    for (const round of [1, 2, 3]) {
      const killed = Promise.withResolvers<void>();
      const before = acknowledged.size;
      const write = async (writer: number): Promise<void> => {
        for (let count = 0; ; count++) {
          const input = { title: `${round}.${writer}.${count}`, notes: `Note ${round}.${writer}.${count} `.repeat(20) };
          const id = await create(user, input);
          // Null: the process is gone. The last write was not acknowledged, so it may be kept or lost.
          if (id === null) return;
          acknowledged.set(id, input);
          if (acknowledged.size - before === enough) killed.resolve();
        }
      };
      const writing = Array.from({ length: writers }, (_, writer) => write(writer));
      await Promise.race([killed.promise, Promise.all(writing)]);
      const { signal } = await server.end('SIGKILL');
      await Promise.all(writing);
      expect(signal).toBe('SIGKILL');
      expect(acknowledged.size - before).toBeGreaterThanOrEqual(enough);

      server = await spawnServer({ DATA_DIR: directory });
      user = at(server, user);
      const kept = await readAll(user);
      for (const [id, input] of acknowledged) expect(kept.get(id)).toEqual(input);
      expect(kept.size).toBeLessThanOrEqual(acknowledged.size + round * writers);
    }
  });

  it('refuses a second process, and goes on serving the first', async () => {
    const user = await asUser(server);
    const kept = await create(user, { title: 'Before', notes: '' });
    const second = await runServer({ DATA_DIR: directory });
    expect(second.code).toBe(1);
    expect(second.stdout).not.toContain('ready on');
    expect(second.stderr).toContain(`${directory} is in use by another process`);

    const written = await create(user, { title: 'After', notes: '' });
    expect([...(await readAll(user)).keys()].sort()).toEqual([kept, written].sort());
    expect((await server.end()).code).toBe(0);
    server = await spawnServer({ DATA_DIR: directory });
    expect((await readAll(at(server, user))).size).toBe(2);
  });
});

/** The same user with the same token, at another address. */
function at({ url }: SpawnedServer, user: SignedIn): SignedIn {
  const { accessToken: token } = user.session;
  return { ...user, ask: (query, variables, options) => graphql(url, query, variables, { token, ...options }) };
}

/** The id of the new task; null if the server no longer answers. */
async function create(user: SignedIn, input: Written): Promise<string | null> {
  const answer = await user.ask(CreateTaskDocument, { input }).catch(() => null);
  if (!answer) return null;
  expect(answer.errors).toEqual([]);
  return answer.data!.createTask.task!.id;
}

async function readAll(user: SignedIn): Promise<Map<string, Written>> {
  const found = new Map<string, Written>();
  for (let after: string | null = null, more = true; more; ) {
    const answer: Answer<TasksOf> = await user.ask<TasksOf, object>(withNotes, { first: 100, after });
    expect(answer.errors).toEqual([]);
    for (const { id, ...task } of answer.data!.tasks.nodes) found.set(id, task);
    ({ endCursor: after, hasNextPage: more } = answer.data!.tasks.pageInfo);
  }
  return found;
}

interface TasksOf {
  tasks: { nodes: ({ id: string } & Written)[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

const withNotes = `query ($first: Int, $after: String) {
  tasks(first: $first, after: $after) { nodes { id title notes } pageInfo { hasNextPage endCursor } }
}`;

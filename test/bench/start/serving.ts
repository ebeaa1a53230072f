/** The memory of a server, and its requests a second, on each database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../child.ts';
import type { Cleanup } from '../login/cleanup.ts';
import { type Client, createClient } from '../login/client.ts';
import type { Filled } from './databases.ts';
import type { DriveFigures, DriveQuestion } from './driver.child.ts';
import { checkList, list, me, newTask, newTaskAnswer, oneTask } from './operations.ts';
import type { Settings } from './plan.ts';
import { start } from './started.ts';
import { type Memory, memoryOf } from './usage.ts';

export const operations = {
  list: 'my 50 tasks, 10 fields and their owner',
  task: 'one task',
  me: '`me`',
  create: 'create a task',
} as const;
export type Operation = keyof typeof operations;

export const connections = [1, 8, 32] as const;

export interface ServingRound {
  /** After the start, and after the lists of the settings; each after a rest. */
  readonly idle: Memory;
  readonly loaded: Memory;
  /** After all requests. */
  readonly last: Memory;
  /** By operation and number of connections. */
  readonly rates: Readonly<Record<Operation, Readonly<Record<(typeof connections)[number], DriveFigures>>>>;
}

export async function measureServing(
  directory: string,
  { environment, reader, writer }: Filled,
  { settings, cleanup }: { settings: Settings; cleanup: Cleanup },
): Promise<ServingRound> {
  const script = 'start:production';
  const server = await start(
    { script, directory, environment: { ...environment, LOG_LEVEL: 'error' }, token: reader },
    cleanup,
  );
  const { url, pid } = server;
  const child = startChild<DriveQuestion, DriveFigures>(new URL('./driver.child.ts', import.meta.url));
  const client = createClient(url);
  const memory = async (): Promise<Memory> => {
    await sleep(settings.rest);
    return memoryOf(pid);
  };
  try {
    const idle = await memory();
    const asked = await questions(client, { reader, writer });
    await child.ask({ ...asked.list, url, connections: 8, until: { requests: settings.lists } });
    const loaded = await memory();
    const rates: Record<string, Record<number, DriveFigures>> = {};
    for (const operation of Object.keys(operations) as Operation[]) {
      rates[operation] = {};
      for (const number of connections) {
        const until = { lead: settings.lead, milliseconds: settings.serving };
        rates[operation][number] = await child.ask({ ...asked[operation], url, connections: number, until });
      }
    }
    return { idle, loaded, last: await memory(), rates: rates as ServingRound['rates'] };
  } finally {
    client.close();
    await child.end();
    await server.end();
  }
}

type Asked = Pick<DriveQuestion, 'body' | 'token' | 'expected'>;

/** The question and answer of each operation. A question about unchanged data has one answer. */
async function questions(
  client: Client,
  { reader, writer }: Pick<Filled, 'reader' | 'writer'>,
): Promise<Record<Operation, Asked>> {
  const same = async (body: string): Promise<Asked> => {
    const { text } = await client.send(body, reader);
    return { body, token: reader, expected: text };
  };
  const id = checkList(await client.send(list, reader));
  return {
    list: await same(list),
    task: await same(oneTask(id)),
    me: await same(me),
    create: { body: newTask, token: writer, expected: newTaskAnswer },
  };
}

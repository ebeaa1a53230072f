/** Checks the answers of one server and workload at a time, and measures its speed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Client } from 'pg';
import type { Answer, BenchRequest, Contestant, Subject, WorkloadName } from './contestant.ts';
import { newTask } from './contestants.ts';
import { expectedAnswer } from './expected.ts';
import type { Loader, LoaderName } from './load.ts';
import type { ServerProcess } from './server-process.ts';
import type { World } from './world.ts';

export const workloads: readonly WorkloadName[] = [
  'my tasks',
  'one task',
  'me',
  'create a task',
  "everyone's tasks",
  'a denied field',
  'anonymous',
];

/** The figures of one slice. */
export interface Slice {
  readonly server: string;
  readonly workload: WorkloadName;
  /** The load generator. */
  readonly loader: LoaderName;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of processor time in the server's process. */
  readonly processor: number;
  /** MiB resident, after the slice. */
  readonly memory: number;
  /** Bytes of an answer, headers included. */
  readonly bytes: number;
}

export interface Running {
  readonly contestant: Contestant;
  readonly process: ServerProcess;
}

function subjectsOf(workload: WorkloadName, { users, administrator }: World): readonly Subject[] {
  if (workload === "everyone's tasks") return [administrator];
  return workload === 'anonymous' ? users.slice(0, 1).map((user) => ({ ...user, token: null })) : users;
}

function requestsOf({ contestant }: Running, workload: WorkloadName, world: World): BenchRequest[] {
  return subjectsOf(workload, world).map((subject) => contestant.request(workload, subject));
}

/** @throws Error that shows both, if an answer differs from the database. */
export async function checkAnswers(running: Running, world: World, client: Client): Promise<void> {
  const { contestant, process } = running;
  for (const workload of workloads) {
    for (const subject of subjectsOf(workload, world).slice(0, 3)) {
      const { method, path, headers, body } = contestant.request(workload, subject);
      // Several times, because some servers compile repeated queries.
      for (let time = 0; time < 5; time++) {
        const response = await fetch(process.url + path, { method, headers, ...(body !== undefined && { body }) });
        const text = await response.text();
        const complain = (what: string) => {
          throw new Error(`${contestant.name}, ${workload}: ${what}\nHTTP ${response.status}: ${text.slice(0, 1500)}`);
        };
        let answer: Answer | null = null;
        try {
          answer = contestant.read(workload, { status: response.status, body: text });
        } catch (error) {
          complain((error as Error).message);
        }
        const expected = await expectedAnswer(client, workload, subject);
        if (expected === null) await checkMade(client, text, complain);
        else if (!isAccepted(answer, expected)) complain(`it should say ${JSON.stringify(expected).slice(0, 1500)}`);
      }
    }
  }
}

/** A server may refuse the whole operation for a denied field. The report says so. */
function isAccepted(answer: Answer | null, expected: Answer): boolean {
  if (answer?.kind === 'refused' && expected.kind === 'denied field') return true;
  return isDeepStrictEqual(normalized(answer), normalized(expected));
}

function normalized(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inner) => (isPlain(inner) ? sorted(inner) : inner)));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}

async function checkMade(client: Client, text: string, complain: (what: string) => void): Promise<void> {
  const made = await deleteMade(client);
  if (made !== 1) complain(`it should have made one task, and made ${made}`);
  if (!text.includes(newTask.title)) complain('the answer does not show the task');
}

/** @returns how many tasks were deleted. */
async function deleteMade(client: Client): Promise<number> {
  return (await client.query('delete from tasks where title = $1', [newTask.title])).rowCount ?? 0;
}

export interface Load {
  readonly loader: Loader;
  readonly connections: number;
  readonly seconds: number;
}

/** @throws Error if requests fail, or if their answers differ from those of the check. */
export async function measure(
  running: Running,
  workload: WorkloadName,
  { world, client, load }: { world: World; client: Client; load: Load },
): Promise<Slice> {
  const { contestant, process } = running;
  const requests = requestsOf(running, workload, world);
  let status = 0;
  const answers: (string | null)[] = [];
  for (const request of requests) {
    const response = await fetch(process.url + request.path, request);
    ({ status } = response);
    const text = await response.text();
    // A new task differs each time, and a refusal may name the request.
    const isSame = workload !== 'create a task' && contestant.read(workload, { status, body: text }).kind !== 'refused';
    answers.push(isSame ? text : null);
  }
  const before = process.processorSeconds();
  const { loader, connections, seconds } = load;
  const reply = await loader.ask({ url: process.url, requests, answers, connections, seconds });
  const used = process.processorSeconds() - before;
  // Requests under way at the end of the load are done a moment later.
  if (workload === 'create a task') await sleep(300);
  const made = workload === 'create a task' ? await deleteMade(client) : null;
  const isRight =
    reply.errors === 0 && reply.wrong === 0 && Object.keys(reply.statuses).every((each) => Number(each) === status);
  if (!isRight || reply.answered === 0) {
    const complaint = process.complaint() ?? '';
    throw new Error(`${contestant.name}, ${workload}: ${JSON.stringify(reply)}, where ${status} is due\n${complaint}`);
  }
  if (made !== null && made < reply.answered) {
    throw new Error(`${contestant.name}, ${workload}: ${reply.answered} answers, and ${made} tasks`);
  }
  return {
    server: contestant.name,
    workload,
    loader: loader.name,
    perSecond: reply.answered / reply.seconds,
    p50: reply.p50,
    p99: reply.p99,
    processor: (used / reply.answered) * 1000,
    memory: process.memory(),
    bytes: reply.bytes / reply.answered,
  };
}

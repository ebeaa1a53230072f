/** What happens beyond capacity: `npm run bench:pressure`. docs/benchmarks/README.md says how to read it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { type Child, startChild } from '../child.ts';
import { conditionsNow, load } from '../conditions.ts';
import type { Subject } from '../http/contestant.ts';
import { gatewright } from '../http/contestants.ts';
import { environmentOf, type ServerProcess, startServer } from '../http/server-process.ts';
import { makeWorld } from '../http/world.ts';
import { type Cleanup, runAndClearUp } from '../login/cleanup.ts';
import { createDatabase, findServer } from '../login/database.ts';
import { versions } from '../login/versions.ts';
import type { OpenLoopQuestion, OpenLoopReply } from '../open-loop.child.ts';
import type { CrowdQuestion, CrowdReply } from './crowd.child.ts';
import {
  type Neighbours,
  type OpenStep,
  type OpenStepRound,
  type Results,
  report,
  type Standstill,
  type Step,
  type StepRound,
  type Unread,
} from './report.ts';
import { askForLong, leaveUnread, lengthenTasks, unreadCrowd } from './unread.ts';

const help = `npm run bench:pressure -- [options]
  --rounds N         rounds; 3 if left out
  --seconds N        of a step; 6 if left out
  --output DIRECTORY docs/benchmarks if left out
  --quick            one short round, on the console alone`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '6' },
    output: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const poolSize = 10;
const steps = [4, 8, 16, 32, 64, 128, 256, 512, 1024];
/** Multiples of the round's peak that are sent at fixed times. */
const openSteps = [0.5, 1, 1.5, 3];
/** Enough for 12,000 requests a second that are answered within 80 ms. */
const openConnections = 1024;
const neighbours = { clients: 4, crowd: 256 };
/** The number of clients that read, beside those that never do. */
const readers = 16;
const standstill = { clients: 256, seconds: 10 };
/** Loopback has many addresses, and each is a network of its own to the server. */
const addresses = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`);
/** Seconds that do not count, because a busy process needs time to accept so many connections. */
const leadFor = (clients: number) => 2 + Math.ceil(clients / 100);

type Crowd = Child<CrowdQuestion, CrowdReply>;
type OpenLoop = Child<OpenLoopQuestion, OpenLoopReply>;

if (options.help) console.log(help);
else await runAndClearUp('bench:pressure', run);

async function run(cleanup: Cleanup): Promise<void> {
  const { quick } = options;
  const [rounds, seconds, warming] = quick ? [1, 2, 2] : [positive('rounds'), positive('seconds'), 30];
  const postgresql = await findServer();
  const conditions = conditionsNow(versions());
  const started = performance.now();
  const world = await makeWorld(await createDatabase(postgresql, cleanup), { users: 200, tasks: 50 });
  const server = await startServer(gatewright, environmentOf(world, poolSize), cleanup);
  const [crowd, other] = [startCrowd(cleanup), startCrowd(cleanup)];
  const openLoop: OpenLoop = startChild(new URL('../open-loop.child.ts', import.meta.url));
  cleanup.add('the requests at fixed times have not ended', () => openLoop.end());
  const [lengthy, ...users] = world.users as [Subject, ...Subject[]];
  await lengthenTasks(world.databaseUrl, lengthy.userId);
  const question = await questionOf(server, users);

  await crowd.ask({ ...question, clients: 16, leadSeconds: leadFor(16), seconds: warming });
  const measured: Step[] = steps.map((clients) => ({ clients, rounds: [] }));
  const measuredOpen: OpenStep[] = openSteps.map((times) => ({ times, rounds: [] }));
  const neighbourRounds: Neighbours['rounds'][number][] = [];
  const unreadRounds: Unread['rounds'][number][] = [];
  const standstillRounds: Standstill['rounds'][number][] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { clients, rounds: replies } of measured) {
      const reply = await measureStep(server, crowd, { ...question, clients, leadSeconds: leadFor(clients), seconds });
      console.log(`round ${round + 1}, ${clients} clients: ${Math.round(reply.accepted)} a second`);
      (replies as StepRound[]).push(reply);
    }
    const peak = Math.max(...measured.map(({ rounds }) => rounds[round]?.accepted ?? 0));
    for (const { times, rounds: replies } of measuredOpen) {
      const asked = { ...question, connections: openConnections, rate: peak * times, leadSeconds: 2, seconds };
      const [reply, serverCores] = await Promise.all([openLoop.ask(asked), coresOf(server, asked)]);
      console.log(`round ${round + 1}, ${times} times the peak: ${Math.round(reply.accepted)} a second`);
      (replies as OpenStepRound[]).push({ ...reply, serverCores, peak });
    }
    neighbourRounds.push(await measureNeighbours(crowd, other, { ...question, seconds }));
    const unread = await measureUnread(server, crowd, { ...question, clients: readers, seconds }, lengthy);
    console.log(`round ${round + 1}: ${Math.round(unread.beside.accepted)} a second beside who never reads`);
    unreadRounds.push(unread);
    standstillRounds.push(await measureStandstill(world.databaseUrl, server, crowd, question));
    const { recovery } = standstillRounds.at(-1) as Standstill['rounds'][number];
    console.log(`round ${round + 1}: answers ${Math.round(recovery)} ms after the table was free`);
  }
  const results: Results = {
    ...{ conditions, postgresql: postgresql.version, loadAtEnd: load(), seconds: (performance.now() - started) / 1000 },
    settings: { secondsOfStep: seconds, secondsOfWarming: warming, poolSize, addresses: addresses.length },
    steps: measured,
    openSteps: measuredOpen,
    neighbours: { ...neighbours, rounds: neighbourRounds },
    unread: { ...unreadCrowd, readers, rounds: unreadRounds },
    standstill: { ...standstill, rounds: standstillRounds },
  };
  write(results);
}

function startCrowd(cleanup: Cleanup): Crowd {
  const child: Crowd = startChild(new URL('crowd.child.ts', import.meta.url));
  cleanup.add('the clients have not ended', () => child.end());
  return child;
}

/** "my tasks" of several users, and the answers in calm. */
async function questionOf(server: ServerProcess, users: readonly Subject[]) {
  const requests = users.map((user) => gatewright.request('my tasks', user));
  const answers: string[] = [];
  for (const { path, ...request } of requests) {
    const response = await fetch(server.url + path, request);
    answers.push(await response.text());
    if (response.status !== 200) throw new Error(`${response.status} ${answers.at(-1)?.slice(0, 300)}`);
  }
  return { url: server.url, requests, answers, addresses, isPatient: true, leadSeconds: leadFor(standstill.clients) };
}

async function measureStep(server: ServerProcess, crowd: Crowd, question: CrowdQuestion): Promise<StepRound> {
  const [reply, serverCores] = await Promise.all([crowd.ask(question), coresOf(server, question)]);
  return { ...reply, serverCores };
}

async function coresOf(
  server: ServerProcess,
  { leadSeconds, seconds }: Pick<CrowdQuestion, 'leadSeconds' | 'seconds'>,
): Promise<number> {
  await sleep(leadSeconds * 1000);
  const [since, before] = [performance.now(), server.processorSeconds()];
  await sleep(seconds * 1000);
  return ((server.processorSeconds() - before) * 1000) / (performance.now() - since);
}

async function measureNeighbours(crowd: Crowd, other: Crowd, question: Omit<CrowdQuestion, 'clients'>) {
  const few = { ...question, clients: neighbours.clients, addresses: addresses.slice(0, 1) };
  const many = { ...question, clients: neighbours.crowd, addresses: addresses.slice(1, 2), isPatient: false };
  const alone = await crowd.ask(few);
  const [beside, theirs] = await Promise.all([crowd.ask(few), other.ask(many)]);
  return { alone, beside, crowd: theirs };
}

/** Clients that never read stay until the end of the measurement. Clients that read have one address. */
async function measureUnread(
  server: ServerProcess,
  crowd: Crowd,
  asked: CrowdQuestion,
  lengthy: Subject,
): Promise<Unread['rounds'][number]> {
  const question = { ...asked, addresses: addresses.slice(0, 1), leadSeconds: leadFor(readers) };
  const alone = await crowd.ask(question);
  const memoryBefore = server.memory();
  let memoryMost = memoryBefore;
  const watching = setInterval(() => {
    memoryMost = Math.max(memoryMost, server.memory());
  }, 100);
  const unread = await leaveUnread(server.url, askForLong(gatewright.request('my tasks', lengthy)));
  try {
    const beside = await crowd.ask(question);
    return { alone, beside, answered: unread.clients, memoryBefore, memoryMost };
  } finally {
    clearInterval(watching);
    unread.end();
  }
}

/** No request can read the tasks meanwhile. */
async function measureStandstill(
  databaseUrl: string,
  server: ServerProcess,
  crowd: Crowd,
  question: Omit<CrowdQuestion, 'clients' | 'seconds'>,
): Promise<Standstill['rounds'][number]> {
  const { clients, seconds } = standstill;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const memoryBefore = server.memory();
    await client.query('begin; lock table tasks in access exclusive mode');
    const asked = crowd.ask({ ...question, clients, seconds: seconds - question.leadSeconds });
    let memoryMost = memoryBefore;
    const freed = (async () => {
      for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(200)) {
        memoryMost = Math.max(memoryMost, server.memory());
      }
      await client.query('rollback');
      return performance.now();
    })();
    const recovery = freed.then(async (since) => (await firstAnswer(server, question)) - since);
    const [took, { refused, refusedP99 }] = await Promise.all([recovery, asked]);
    return { memoryBefore, memoryMost, refused, refusedP99, recovery: took };
  } finally {
    await client.end();
  }
}

/** @returns the moment of the answer. */
async function firstAnswer({ url }: ServerProcess, { requests }: Pick<CrowdQuestion, 'requests'>): Promise<number> {
  const [{ path, ...request }] = requests as [CrowdQuestion['requests'][number]];
  for (;;) {
    const response = await fetch(url + path, request);
    await response.arrayBuffer();
    if (response.status === 200) return performance.now();
    await sleep(20);
  }
}

function write(results: Results): void {
  const text = report(results);
  console.log(`\n${text}`);
  if (options.quick && !options.output) return;
  const directory = options.output ?? join(import.meta.dirname, '../../../docs/benchmarks');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'pressure.md'), `${text}\n`);
  writeFileSync(join(directory, 'pressure.json'), `${JSON.stringify(results, null, 2)}\n`);
}

function positive(name: 'rounds' | 'seconds'): number {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is a number, 1 or more.\n${help}`);
}

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
import type { CrowdQuestion, CrowdReply } from './crowd.child.ts';
import { type Neighbours, type Results, report, type Standstill, type Step, type StepRound } from './report.ts';

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
const neighbours = { clients: 4, crowd: 256 };
const standstill = { clients: 256, seconds: 10 };
/** Loopback has many addresses: each is a network of its own to the server. */
const addresses = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 2}`);
/** Seconds that do not count: a busy process takes its time to accept so many connections. */
const leadFor = (clients: number) => 2 + Math.ceil(clients / 100);

type Crowd = Child<CrowdQuestion, CrowdReply>;

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
  const question = await questionOf(server, world.users);

  await crowd.ask({ ...question, clients: 16, leadSeconds: leadFor(16), seconds: warming });
  const measured: Step[] = steps.map((clients) => ({ clients, rounds: [] }));
  const neighbourRounds: Neighbours['rounds'][number][] = [];
  const standstillRounds: Standstill['rounds'][number][] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { clients, rounds: replies } of measured) {
      const reply = await measureStep(server, crowd, { ...question, clients, leadSeconds: leadFor(clients), seconds });
      console.log(`round ${round + 1}, ${clients} clients: ${Math.round(reply.accepted)} a second`);
      (replies as StepRound[]).push(reply);
    }
    neighbourRounds.push(await measureNeighbours(crowd, other, { ...question, seconds }));
    standstillRounds.push(await measureStandstill(world.databaseUrl, server, crowd, question));
    const { recovery } = standstillRounds.at(-1) as Standstill['rounds'][number];
    console.log(`round ${round + 1}: answers ${Math.round(recovery)} ms after the table was free`);
  }
  const results: Results = {
    ...{ conditions, postgresql: postgresql.version, loadAtEnd: load(), seconds: (performance.now() - started) / 1000 },
    settings: { secondsOfStep: seconds, secondsOfWarming: warming, poolSize, addresses: addresses.length },
    steps: measured,
    neighbours: { ...neighbours, rounds: neighbourRounds },
    standstill: { ...standstill, rounds: standstillRounds },
  };
  write(results);
}

function startCrowd(cleanup: Cleanup): Crowd {
  const child: Crowd = startChild(new URL('crowd.child.ts', import.meta.url));
  cleanup.add('the clients have not ended', () => child.end());
  return child;
}

/** My 50 tasks, of several users, and what each is answered in calm. */
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

async function coresOf(server: ServerProcess, { leadSeconds, seconds }: CrowdQuestion): Promise<number> {
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

/** Nobody can read the tasks meanwhile. */
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

/** @returns when it came. */
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

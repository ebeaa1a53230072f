/**
 * Compares Gatewright over HTTP with servers that its users might choose instead: `npm run bench`.
 * docs/benchmarks/README.md says how.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { installPeers, versions } from '../authorization/peers-package.ts';
import { conditionsNow, load } from '../conditions.ts';
import { type Cleanup, runAndClearUp } from '../login/cleanup.ts';
import { createDatabase, findServer } from '../login/database.ts';
import type { WorkloadName } from './contestant.ts';
import { contestants } from './contestants.ts';
import { type Loader, startAutocannon, startWrk, wrkVersion } from './load.ts';
import { checkAnswers, measure, type Running, type Slice, workloads } from './measure.ts';
import { plot, type Results, report } from './report.ts';
import { environmentOf, startServer } from './server-process.ts';
import { makeWorld } from './world.ts';

const help = `npm run bench -- [options]
  --rounds N         rounds; 3 if left out
  --seconds N        of a slice; 2 if left out
  --connections N    at once; 16 if left out
  --warm N           seconds that each server is warmed with "my tasks", and a quarter with each other workload; 20 if left out
  --users N          each with 50 tasks; 1000 if left out
  --only A,B         servers whose names begin so; all if left out
  --workloads A,B    all if left out
  --output DIRECTORY docs/benchmarks if left out
  --label NAME       of the files: http-NAME.md, .json, .svg; http if left out
  --quick            one short round, on the console alone`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '16' },
    warm: { type: 'string', default: '20' },
    users: { type: 'string', default: '1000' },
    only: { type: 'string' },
    workloads: { type: 'string' },
    output: { type: 'string' },
    label: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Connections of each server to the database, if the database allows that many for all servers. */
const wantedPoolSize = 16;
const tasksOfUser = 50;

if (options.help) console.log(help);
else await runAndClearUp('bench', run);

async function run(cleanup: Cleanup): Promise<void> {
  const { quick } = options;
  const [rounds, seconds, warm] = quick ? [1, 2, 2] : [positive('rounds'), positive('seconds'), positive('warm')];
  const [connections, users] = [positive('connections'), quick ? 100 : positive('users')];
  const chosen = contestants.filter(({ name }) => isChosen(options.only, name));
  const asked = workloads.filter((name) => isChosen(options.workloads, name));
  if (chosen.length === 0 || asked.length === 0) throw new Error(`Nothing is left to measure.\n${help}`);
  installPeers();
  const postgresql = await findServer();
  const conditions = conditionsNow({ ...versions(), wrk: wrkVersion() ?? 'not installed' });
  const started = performance.now();
  const world = await makeWorld(await createDatabase(postgresql, cleanup), { users, tasks: tasksOfUser });
  const client = new Client({ connectionString: world.databaseUrl });
  await client.connect();
  cleanup.add('a connection is left over', () => client.end());

  const poolSize = await poolSizeFor(client, chosen.length);
  const environment = environmentOf(world, poolSize);
  const autocannon = startAutocannon(cleanup);
  const wrk = wrkVersion() === null ? null : startWrk();
  const running: Running[] = [];
  for (const contestant of chosen) {
    const databaseUrl = await contestant.prepare?.(client, world.databaseUrl, cleanup);
    const own = { ...environment, ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
    running.push({ contestant, process: await startServer(contestant, own, cleanup) });
    await checkAnswers(running.at(-1) as Running, world, client);
    console.log(`${contestant.name} answers rightly`);
  }

  const slice = (each: Running, workload: WorkloadName, loader: Loader, length: number) =>
    measure(each, workload, { world, client, load: { loader, connections, seconds: length } });
  for (const each of running) {
    for (const workload of asked)
      await slice(each, workload, autocannon, workload === 'my tasks' ? warm : Math.ceil(warm / 4));
    console.log(`${each.contestant.name} is warm`);
  }
  const measured: Slice[][] = [];
  for (let round = 0; round < rounds; round++) {
    const slices: Slice[] = [];
    for (const workload of asked) {
      for (const loader of workload === 'my tasks' && wrk ? [autocannon, wrk] : [autocannon]) {
        // The first server changes from round to round.
        for (let turn = 0; turn < running.length; turn++) {
          const each = running[(turn + round) % running.length] as Running;
          const one = await slice(each, workload, loader, seconds);
          console.log(
            `round ${round + 1}, ${workload}, ${loader.name}: ${one.server} ${one.perSecond.toFixed(0)} a second`,
          );
          slices.push(one);
        }
      }
    }
    measured.push(slices);
  }
  const results: Results = {
    conditions,
    postgresql: postgresql.version,
    loadAtEnd: load(),
    seconds: (performance.now() - started) / 1000,
    settings: { rounds, secondsOfSlice: seconds, secondsOfWarming: warm, connections, poolSize, users, tasksOfUser },
    servers: chosen.map(({ name, documentation }) => ({ name, documentation })),
    workloads: asked,
    rounds: measured,
  };
  write(results);
}

/** Leaves some connections to the benchmark itself, to listeners, and to PostgreSQL. */
async function poolSizeFor(client: Client, servers: number): Promise<number> {
  const { rows } = await client.query<{ max_connections: string }>('show max_connections');
  return Math.min(wantedPoolSize, Math.floor((Number(rows[0]?.max_connections) - 10) / servers));
}

function write(results: Results): void {
  const text = report(results);
  console.log(`\n${text}`);
  if (options.quick && !options.output) return;
  const directory = options.output ?? join(import.meta.dirname, '../../../docs/benchmarks');
  const name = options.label ? `http-${options.label}` : 'http';
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.md`), `${text}\n`);
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  if (results.workloads.includes('my tasks')) writeFileSync(join(directory, `${name}.svg`), plot(results));
}

function positive(name: 'rounds' | 'seconds' | 'connections' | 'warm' | 'users'): number {
  const value = Number(options[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`--${name} is a number, 1 or more.\n${help}`);
}

function isChosen(wanted: string | undefined, name: string): boolean {
  return !wanted || wanted.split(',').some((each) => name.toLowerCase().startsWith(each.trim().toLowerCase()));
}

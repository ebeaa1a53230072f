/**
 * The cost of signing in, and its effect on readers: `npm run bench:login`. docs/benchmarks/README.md says how it
 * measures.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxHashes } from '../../../src/server/start.ts';
import { conditionsNow, load } from '../conditions.ts';
import { type Accounts, makeAccounts } from './accounts.ts';
import { type Cleanup, runAndClearUp } from './cleanup.ts';
import { crowd, measureCrowd } from './crowd.ts';
import { createDatabase, findServer } from './database.ts';
import { clients, measureHashes } from './hashes.ts';
import { type Plan, readPlan } from './plan.ts';
import { measureReaders, stormClients } from './readers.ts';
import { chains, measureRefreshes } from './refreshes.ts';
import { report } from './report.ts';
import { figuresOf, type Results, type Round, type Settings } from './results.ts';
import { type MeasuredServer, startServer } from './server.ts';
import { maxWaitingHashes, type ServerSettings, serverSettings, throttles } from './settings.ts';
import { impatience } from './storm.ts';
import { measureTiming } from './timing.ts';
import { measureVerification } from './verification.ts';
import { versions } from './versions.ts';

const numbers = { each: 32, crowd: 250 };

const plan = readPlan(process.argv.slice(2));
if (!plan) process.exitCode = 2;
else await runAndClearUp('bench:login', (cleanup) => run(plan, cleanup));

async function run({ settings: chosen, output }: Plan, cleanup: Cleanup): Promise<void> {
  const settings: Settings = {
    ...chosen,
    timing: { ...chosen.timing, seed: chosen.timing.seed ?? randomInt(2 ** 32) },
  };
  const postgresql = await findServer();
  const conditions = conditionsNow(versions());
  const started = performance.now();
  const serverSetup = serverSettings(await createDatabase(postgresql, cleanup));
  const keys = { databaseUrl: await createDatabase(postgresql, cleanup), secret: randomBytes(48).toString('base64') };
  const server = await startServer(serverSetup.environment, cleanup);
  const { rounds, timing } = await measure({ server, serverSetup, keys, settings }).catch(async (error: Error) => {
    // The end of a server is only known a moment later.
    await sleep(100);
    throw new Error([error.message, server.complaint()].filter(Boolean).join('\n'), { cause: error });
  });

  const results: Results = {
    conditions,
    loadAtEnd: load(),
    seconds: (performance.now() - started) / 1000,
    settings,
    setup: {
      ...{ argon2: serverSetup.config.argon2, maxHashes, maxWaitingHashes, throttles, impatience },
      postgresql: postgresql.version,
      clients: { ...clients, storm: stormClients, chains },
      crowd: { ...crowd, accounts: numbers.crowd },
    },
    rounds,
    figures: figuresOf(rounds),
    timing,
  };
  console.log(`\n${report(results)}`);
  if (output) write(output, results);
}

interface Parts {
  readonly server: MeasuredServer;
  readonly serverSetup: ServerSettings;
  readonly keys: { readonly databaseUrl: string; readonly secret: string };
  readonly settings: Settings;
}

/** @throws Error for a wrong answer, and for an error that the server has logged. */
async function measure(parts: Parts): Promise<Pick<Results, 'rounds' | 'timing'>> {
  const { server, serverSetup, settings } = parts;
  console.log('making accounts');
  const accounts = await makeAccounts(server.url, serverSetup, numbers);
  const rounds: Round[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    const tell = (section: string) => console.log(`round ${round + 1} of ${settings.rounds}: ${section}`);
    rounds.push(await runRound(parts, accounts, tell));
  }
  console.log(`known and unknown accounts: seed ${settings.timing.seed}`);
  const timing = await measureTiming(server.url, accounts, settings.timing);
  if (server.complaint() !== null) throw new Error('The answers were right, and yet the server complains:');
  return { rounds, timing };
}

async function runRound(
  { server, serverSetup, keys, settings }: Parts,
  accounts: Accounts,
  tell: (section: string) => void,
): Promise<Round> {
  tell('hashes');
  const hashes = await measureHashes({
    ...{ server, settings: serverSetup, accounts: accounts.open, times: settings.hashes },
  });
  tell('readers');
  const readers = await measureReaders(server.url, accounts, settings.readers);
  tell('readers in a crowd that signs in');
  const crowded = await measureCrowd(server.url, accounts, settings.readers);
  tell('refreshes');
  const refreshes = await measureRefreshes(server.url, accounts.open, settings.refreshes);
  tell('verification');
  const verification = await measureVerification({ ...keys, tokens: settings.tokens });
  return { hashes, readers, crowd: crowded, refreshes, verification };
}

function write(directory: string, results: Results): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'login.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(directory, 'login.md'), report(results));
  console.log(`written to ${directory}: login.md, login.json`);
}

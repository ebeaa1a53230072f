/**
 * Whether memory stays bounded: `npm run bench:soak`. Every request has a new query and a new token, of thousands of
 * users, and some requests register. docs/benchmarks/README.md says how to read it.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { loadSigningKeys } from '../../../src/authentication/keys/signing-keys.ts';
import { createAccessTokens } from '../../../src/authentication/tokens/access-token.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import { conditionLines, conditionsNow, load, type RanOnServer } from '../conditions.ts';
import { gatewright } from '../http/contestants.ts';
import { environmentOf, type ServerProcess, startServer } from '../http/server-process.ts';
import { audience, issuer, makeWorld } from '../http/world.ts';
import { type Cleanup, runAndClearUp } from '../login/cleanup.ts';
import { createDatabase, findServer } from '../login/database.ts';
import { versions } from '../login/versions.ts';
import { count, table } from '../markdown.ts';

const root = join(import.meta.dirname, '../../..');

const help = `npm run bench:soak -- [options]
  --minutes N        10 if left out
  --users N          that ask in turn, each with 20 tasks; 10000 if left out
  --output DIRECTORY docs/benchmarks if left out`;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    users: { type: 'string', default: '10000' },
    output: { type: 'string', default: join(root, 'docs/benchmarks') },
    help: { type: 'boolean', default: false },
  },
});

/** As operators run it: the build, which needs no type stripping. */
const built = { ...gatewright, module: pathToFileURL(join(root, 'dist/src/main.js')) };

const clients = 8;
/** One request in this many registers an account. */
const registersEvery = 200;
const secondsBetweenSamples = 10;
/** MiB, and the greatest growth from the second third to the last. */
const targets = { memory: 200, growth: 1.05 };

interface Sample {
  readonly seconds: number;
  readonly requests: number;
  /** MiB resident. */
  readonly memory: number;
}

interface Results extends RanOnServer {
  readonly settings: { readonly users: number; readonly clients: number; readonly registersEvery: number };
  readonly registered: number;
  readonly samples: readonly Sample[];
}

if (options.help) console.log(help);
else await runAndClearUp('bench:soak', run);

async function run(cleanup: Cleanup): Promise<void> {
  const minutes = positive('minutes');
  const users = positive('users');
  const postgresql = await findServer();
  execFileSync(process.execPath, [join(root, 'tools/build.ts')], { stdio: 'inherit' });
  const conditions = conditionsNow(versions());
  const world = await makeWorld(await createDatabase(postgresql, cleanup), { users, tasks: 20 });
  const newToken = await tokensOf(world, cleanup);
  const server = await startServer(built, environmentOf(world, 10), cleanup);
  const started = performance.now();
  const secondsGone = () => (performance.now() - started) / 1000;
  const samples: Sample[] = [];
  let [requests, registered] = [0, 0];
  let failure: Error | null = null;

  async function ask(): Promise<void> {
    while (!failure && secondsGone() < minutes * 60) {
      const number = requests++;
      if (number % registersEvery === registersEvery - 1) {
        await check(server, await register(server));
        registered++;
      } else await check(server, await post(server, queryOf(number), await newToken(number)));
    }
  }
  const asking = Promise.all(
    Array.from({ length: clients }, () =>
      ask().catch((error) => {
        failure ??= error;
      }),
    ),
  );
  while (!failure && secondsGone() < minutes * 60) {
    await sleep(secondsBetweenSamples * 1000);
    samples.push({ seconds: Math.round(secondsGone()), requests, memory: server.memory() });
    const { seconds, memory } = samples.at(-1) as Sample;
    console.log(`${seconds} s: ${count(requests)} requests, ${memory.toFixed(0)} MiB`);
  }
  await asking;
  if (failure) throw failure;
  const settings = { users, clients, registersEvery };
  const results: Results = {
    ...{ conditions, loadAtEnd: load(), postgresql: postgresql.version, seconds: secondsGone() },
    ...{ settings, registered, samples },
  };
  const text = report(results);
  console.log(`\n${text}`);
  mkdirSync(options.output, { recursive: true });
  writeFileSync(join(options.output, 'soak.md'), `${text}\n`);
  writeFileSync(join(options.output, 'soak.json'), `${JSON.stringify(results, null, 2)}\n`);
}

/** New tokens, of one user after the other. */
async function tokensOf(
  { databaseUrl, secret }: { databaseUrl: string; secret: string },
  cleanup: Cleanup,
): Promise<(number: number) => Promise<string>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`insert into sessions (id, user_id, created_at, last_used_at, expires_at)
    select gen_random_uuid(), id, now(), now(), now() + interval '1 day' from users where role = 'USER'`);
  const { rows } = await client.query<{ id: string; user: string }>(
    `select distinct on (user_id) id, user_id as "user" from sessions order by user_id`,
  );
  await client.end();
  const database = await openDatabase({ kind: 'postgresql', url: databaseUrl }, { ...sharedOptions });
  cleanup.add('a connection is left over', () => database.close());
  const settings = { secret, algorithm: 'HS256', accessTokenTtl: 900, now: new Date() } as const;
  const keys = await loadSigningKeys(database.fork(), settings);
  const tokens = createAccessTokens({ keys, issuer, audience, ttl: 900 });
  return async (number) => {
    const { id, user } = rows[number % rows.length] as { id: string; user: string };
    const claims = { userId: user, sessionId: id, role: 'USER', scopes: scopesOfRole.USER } as const;
    return (await tokens.issue(claims, new Date())).token;
  };
}

/** Every query differs, and there are several shapes. */
function queryOf(number: number): string {
  const fields = ['id', 'title', 'notes', 'status', 'dueAt', 'version'].filter((_, i) => (number >> i) % 2 === 0);
  return `query Q${number} { a${number}: tasks(first: ${1 + (number % 20)}) { nodes { id ${fields.join(' ')} owner { username } } } me { id } }`;
}

interface Reply {
  readonly status: number;
  readonly body: { data?: object | null; errors?: readonly object[] };
}

async function post({ url }: ServerProcess, query: string, token?: string, variables?: object): Promise<Reply> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

async function register(server: ServerProcess): Promise<Reply> {
  const username = `u${randomBytes(8).toString('hex')}`;
  const input = { username, email: `${username}@example.com`, password: randomBytes(12).toString('base64url') };
  const query = `mutation R($input: RegisterInput!) { register(input: $input) { session { accessToken } errors { code } } }`;
  return await post(server, query, undefined, { input });
}

/** @throws Error for a wrong answer. */
async function check(server: ServerProcess, { status, body }: Reply): Promise<void> {
  if (status === 200 && body.data && !body.errors && !Object.values(body.data).includes(null)) return;
  throw new Error(`${status} ${JSON.stringify(body).slice(0, 500)}\n${server.complaint() ?? ''}`);
}

function report({ conditions, loadAtEnd, postgresql, seconds, settings, registered, samples }: Results): string {
  const third = Math.floor(samples.length / 3);
  const [second, last] = [median(samples.slice(third, 2 * third)), median(samples.slice(-third))];
  const most = Math.max(...samples.map(({ memory }) => memory));
  const growth = last / second;
  const told = (isMet: boolean) => (isMet ? 'met' : 'missed');
  const everyMinute = samples.filter(({ seconds: at }, i) => i === 0 || at % 60 < secondsBetweenSamples);
  return [
    '# Ten minutes of what was never seen',
    'Written by `npm run bench:soak`; [how it measures and how to read it](README.md#what-stays-in-memory).',
    [
      ...conditionLines(conditions, { seconds, load: loadAtEnd }),
      `- PostgreSQL ${postgresql}; the clients, the server and the database share the machine`,
      `- ${count(settings.users)} users in turn, ${settings.clients} clients; ${count(registered)} people registered`,
      `- ${count(samples.at(-1)?.requests ?? 0)} requests, each with a query and a token of its own`,
    ].join('\n'),
    table(
      ['memory of the process', 'measured', 'at most', ''],
      [
        ['the most, MiB', most.toFixed(0), String(targets.memory), told(most <= targets.memory)],
        ['last third to second third', growth.toFixed(3), String(targets.growth), told(growth <= targets.growth)],
      ],
    ),
    table(
      ['seconds', 'requests', 'MiB'],
      everyMinute.map(({ seconds: at, requests, memory }) => [String(at), count(requests), memory.toFixed(0)]),
    ),
  ].join('\n\n');
}

function median(samples: readonly Sample[]): number {
  const memory = samples.map((sample) => sample.memory).sort((a, b) => a - b);
  return memory[Math.floor(memory.length / 2)] ?? 0;
}

function positive(name: 'minutes' | 'users'): number {
  const value = Number(options[name]);
  if (value > 0) return value;
  throw new Error(`--${name} is a number above 0.\n${help}`);
}

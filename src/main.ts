/** The process: reads the environment, starts, listens, and ends without failing a request. */
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { ConfigError, loadConfig } from './config.ts';
import { administratorChecks } from './server/administrator.ts';
import { type RunningServer, StartError, startServer } from './server/start.ts';

/** In milliseconds. */
const drainLimit = 30_000;

let server: RunningServer | null = null;
let ending = false;

async function main(): Promise<void> {
  // What is made at the start lives on, which V8 takes for a sign: it would put what requests make among what is old, to
  // lie there until the next full collection, and all that hangs on it (docs/performance.md).
  setFlagsFromString('--no-allocation-site-pretenuring');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  process.on('unhandledRejection', outlive);
  if (process.env.npm_lifecycle_event) endWithParent();
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = loadConfig(process.env, administratorChecks);
  server = await startServer(config, { print: (line) => console.log(line) });
  console.log(`ready on ${server.url}`);
}

function end(): void {
  // A second signal: whoever sends it means at once.
  if (ending || !server) process.exit(1);
  ending = true;
  setTimeout(() => process.exit(1), drainLimit).unref();
  server.stop().then(() => process.exit(0), fail);
}

/**
 * graphql-js leaves a promise alone when another item of its list throws (graphql/graphql-js#3761). A query that
 * makes it reject must not end the process for everybody else.
 */
function outlive(reason: unknown): void {
  if (!server) fail(reason);
  server.fastify.log.error({ err: reason }, 'a promise was rejected that nobody waits for');
}

/** Told to end, npm ends its shell, which does not tell the server. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (!ending && process.ppid !== parent) end();
  }, 500).unref();
}

function fail(error: unknown): never {
  const isExpected = error instanceof ConfigError || error instanceof StartError;
  console.error(isExpected ? error.message : error);
  process.exit(1);
}

main().catch(fail);

/** The process: reads the environment, starts, listens, and ends without failing a request. */
import { existsSync } from 'node:fs';
import { enableCompileCache, findPackageJSON, flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import type { RunningServer } from './server/start.ts';

keepCompiled();

// Imported here, because Node caches compiled code only for modules that load after `keepCompiled`.
const { ConfigError, loadConfig } = await import('./config/config.ts');
const { administratorChecks } = await import('./server/bootstrap/administrator.ts');
const { StartError, startServer } = await import('./server/start.ts');

/** In milliseconds. */
const drainLimit = 30_000;

let server: RunningServer | null = null;
let ending = false;

async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  process.on('unhandledRejection', outlive);
  if (process.env.npm_lifecycle_event) endWithParent();
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = loadConfig(process.env, administratorChecks);
  server = await startServer(config, { print: (line) => console.log(line) });
  console.log(`ready on ${server.url}`);
  // After the first requests, so that it delays none of them. Not only at the end, because a killed process never gets
  // there.
  setTimeout(flushCompileCache, 2000).unref();
}

/**
 * Keeps compiled code beside the packages, for the next start. If that folder cannot be written, the server runs
 * without it.
 */
function keepCompiled(): void {
  const description = findPackageJSON('.', import.meta.url);
  if (description) enableCompileCache(join(dirname(description), 'node_modules/.cache/gatewright'));
}

function end(): void {
  // A second signal ends the process at once.
  if (ending || !server) process.exit(1);
  ending = true;
  setTimeout(() => process.exit(1), drainLimit).unref();
  server.stop().then(() => process.exit(0), fail);
}

/**
 * graphql-js drops a promise when another item of its list throws (graphql/graphql-js#3761). A query that makes such a
 * promise reject must not end the process.
 */
function outlive(reason: unknown): void {
  if (!server) fail(reason);
  server.fastify.log.error({ err: reason }, 'a promise was rejected that nobody waits for');
}

/** When npm is told to end, it ends its shell, which does not tell the server. */
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

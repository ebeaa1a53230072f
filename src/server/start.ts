/** Starts the server from a configuration: database, keys, administrator, HTTP. */
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { sharedOptions } from '../../mikro-orm.config.ts';
import { SchemaError } from '../api/schema.ts';
import { type Authentication, createAuthentication } from '../authentication/authentication.ts';
import { absoluteSessionTtl } from '../authentication/sessions/session.service.ts';
import { GuardError } from '../authorization/guard.ts';
import type { Config } from '../config/config.ts';
import { parseAddress } from '../database/address/address.ts';
import { openDatabase } from '../database/connection.ts';
import type { Database } from '../database/database.ts';
import { DataDirectoryLockedError } from '../database/embedded/lock.ts';
import { createServer, type PipelineExtensions, type Server, type ServerDependencies } from './app.ts';
import { type Administrator, administratorOf, type ReservedNames, reservedNames } from './bootstrap/administrator.ts';
import { noteSecret } from './bootstrap/installation.ts';
import { secretOf } from './bootstrap/kept-secret.ts';
import { type RestoreWatch, watchForRestore } from './bootstrap/restored.ts';
import { administratorText, describeDatabase, startText } from './bootstrap/start-text.ts';
import { createLogger } from './http/logging.ts';

/** Tells the operator why the server cannot start. No stack is needed. */
export class StartError extends Error {}

export interface RunningServer extends Server {
  /** An address such as `http://127.0.0.1:4000`. */
  readonly url: string;
}

export interface StartOptions extends PipelineExtensions {
  /** Prints the start-up text, a line at a time. */
  print: (line: string) => void;
  log?: Logger;
  now?: () => Date;
  /** An open and migrated database, which the caller closes. If left out, the one that `config` names. */
  database?: Database;
}

/** @throws StartError for everything that an operator can set right. */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const { print, log = createLogger(config), now = () => new Date() } = options;
  for (const warning of config.warnings) log.warn(warning);
  // This closes what was opened, the newest first, when the server stops or cannot start.
  await using opened = new AsyncDisposableStack();
  const database = options.database ?? opened.adopt(await open(config, log), (made) => made.close());
  const kept = await keep(config, { database, log, now }, opened);
  const { authentication } = kept;
  const server = await compose(config, {
    ...{ database, authentication, log, now },
    plugins: options.plugins,
    hooks: options.hooks,
  });
  opened.defer(server.stop);
  // The administrator comes before the first request, so no client meets a server without one.
  const administrator = await administrate(config, { database, authentication, now });
  const url = await listen(server, config).catch((error) => {
    // A generated password is printed now, whatever fails later.
    for (const line of administratorText(administrator)) print(line);
    throw error;
  });
  const { secretFile, warnings } = kept;
  for (const line of startText(config, { url, administrator, secretFile, warnings })) print(line);
  for (const warning of warnings) log.warn(warning);
  if (administrator.kind === 'none') log.warn(`There is no administrator. ${administrator.advice}`);
  if (administrator.kind === 'made') log.info(`The administrator "${administrator.username}" was made.`);
  authentication.signingKeys.watch({ now, onError: keysUnread(log) });
  const running = opened.move();
  return { ...server, url, stop: () => running.disposeAsync() };
}

/** How many passwords are hashed at once. One core is left to the thread that answers. */
export const maxHashes = Math.max(1, availableParallelism() - 1);

interface Kept {
  readonly authentication: Authentication;
  /** The file that keeps the secret, if the secret was not given. */
  readonly secretFile: string | null;
  /** Warnings for the operator. */
  readonly warnings: readonly string[];
}

/** Checks what outlives the process: the secret, the keys, and whether a backup was restored. */
async function keep(config: Config, parts: Parts & { log: Logger }, opened: AsyncDisposableStack): Promise<Kept> {
  const { database, log, now } = parts;
  const { secret, file: secretFile } = keepSecret(config);
  const reserved = await reservedNames(config, database);
  let restore: RestoreWatch | null = null;
  const onRefusedSession: RestoreWatch['refused'] = (claims) => restore?.refused(claims);
  const authentication = await authenticate(config, { ...parts, secret, onRefusedSession, reserved });
  opened.defer(authentication.close);
  const { previousSecret } = config.jwt;
  const otherSecret = await noteSecret(database.fork(), { secret, previousSecret }, now());
  restore = await watchForRestore({ database, authentication, dataDir: config.dataDir, log });
  opened.defer(restore.stop);
  return { authentication, secretFile, warnings: [otherSecret, restore.warning].filter((text) => text !== null) };
}

async function compose(config: Config, dependencies: ServerDependencies): Promise<Server> {
  try {
    return await createServer(config, dependencies);
  } catch (error) {
    if (error instanceof GuardError || error instanceof SchemaError) throw new StartError(error.message);
    throw error;
  }
}

async function open(config: Config, log: Logger): Promise<Database> {
  const { database: location, dataDir, databasePoolSize: poolSize, databaseTimeout: timeout } = config;
  // MikroORM's messages go to the log, not to standard output.
  const options = { ...sharedOptions, logger: (message: string) => log.debug(message), colors: false };
  try {
    const database = await openDatabase(
      location.kind === 'postgresql' ? { ...location, poolSize, timeout } : { kind: 'embedded', dataDir },
      options,
    );
    for (const warning of database.warnings) log.warn(warning);
    log.info(`The data is kept in ${describeDatabase(config)}.`);
    try {
      await database.migrate();
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  } catch (error) {
    if (error instanceof DataDirectoryLockedError) throw new StartError(error.message);
    const where =
      location.kind === 'postgresql' ? `${parseAddress(location.url).name} (DATABASE_URL)` : `${dataDir} (DATA_DIR)`;
    throw new StartError(`The database ${where} cannot be used: ${reasonOf(error)}`);
  }
}

function keepSecret(config: Config): ReturnType<typeof secretOf> {
  try {
    return secretOf(config);
  } catch (error) {
    throw new StartError(reasonOf(error));
  }
}

interface Parts {
  database: Database;
  now: () => Date;
}

function keysUnread(log: Logger): (error: unknown) => void {
  return (err) => log.error({ err }, 'the signing keys could not be read again');
}

interface AuthenticationParts extends Parts {
  secret: string;
  log: Logger;
  onRefusedSession: RestoreWatch['refused'];
  reserved: ReservedNames;
}

async function authenticate(
  config: Config,
  { database, secret, now, log, onRefusedSession, reserved }: AuthenticationParts,
): Promise<Authentication> {
  const { algorithm, previousSecret, privateKeys, issuer, audience } = config.jwt;
  const settings = {
    algorithm,
    secret,
    previousSecret,
    privateKeys,
    issuer,
    audience,
    accessTokenTtl: config.accessTokenTtl,
    refreshTokenTtl: config.refreshTokenTtl,
    refreshRetryWindow: config.refreshRetryWindow,
    sessionTtl: absoluteSessionTtl,
    onLostNotifications: (error: unknown) =>
      log.warn({ err: error }, 'the connection is lost that revocations come by: sessions are asked of the database'),
    onKeysUnread: keysUnread(log),
    onRefusedSession,
    argon2: { memoryCost: config.argon2.memoryKib, timeCost: config.argon2.passes, parallelism: 1 },
    pepper: config.pepper,
    onUnknownPepper: (keyId: string) =>
      log.error(
        { keyId },
        'a password hash was made with a pepper that is neither PASSWORD_PEPPER nor the previous one',
      ),
    maxHashes,
    ...reserved,
    throttle: { limits: config.throttle },
    now: now(),
  };
  try {
    return await createAuthentication(settings, database);
  } catch (error) {
    throw new StartError(`The signing keys cannot be used: ${reasonOf(error)}`);
  }
}

async function administrate(config: Config, parts: Parts & { authentication: Authentication }): Promise<Administrator> {
  try {
    return await administratorOf(config, parts);
  } catch (error) {
    throw new StartError(reasonOf(error));
  }
}

async function listen(server: Server, { host, port }: Config): Promise<string> {
  try {
    return await server.listen();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new StartError(`Port ${port} of ${host} is taken. Set PORT to another.`);
    if (code === 'EACCES') throw new StartError(`Port ${port} may not be used by this account. Set PORT to another.`);
    throw new StartError(`The server cannot listen on ${host}, port ${port}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

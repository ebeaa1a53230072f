/**
 * Shows and changes the keys that sign access tokens, on the configured database.
 *
 *   npm run keys -- list
 *   npm run keys -- rotate [--now | --in 10m]   another key: published now, signs after the delay
 *   npm run keys -- retire KID                  refuses a key's tokens at once: for a key that leaked
 *
 * docs/key-rotation.md says when to do what.
 */
import {
  listSigningKeys,
  retireSigningKey,
  rotateSigningKey,
  SigningKeyError,
} from '../src/authentication/keys/signing-keys.rotation.ts';
import { givenKeys } from '../src/authentication/keys/signing-keys.ts';
import { type Config, ConfigError, loadConfig } from '../src/config/config.ts';
import { administratorChecks } from '../src/server/bootstrap/administrator.ts';
import { secretOf } from '../src/server/bootstrap/kept-secret.ts';
import { jwksMaxAge } from '../src/server/http/jwks.ts';
import { type OpenedDatabase, openConfigured, readEnvironmentFile, requireCurrent, shortly } from './database.ts';
import { type Command, readCommand, usage } from './keys.options.ts';
import { keysTable } from './keys.table.ts';

const command = readCommand(process.argv.slice(2));
if ('fault' in command) {
  console.error(`keys: ${command.fault}\n${usage}`);
  process.exitCode = 2;
} else if (command.is === 'help') console.log(usage);
else await run(command);

async function run(command: Exclude<Command, { is: 'help' }>): Promise<void> {
  let opened: OpenedDatabase | null = null;
  try {
    readEnvironmentFile();
    const config = loadConfig(process.env, administratorChecks);
    if (isGiven(config)) return runGiven(command, config);
    opened = await openConfigured();
    await requireCurrent(opened);
    console.log(await change(command, config, opened));
  } catch (error) {
    const told = error instanceof ConfigError || error instanceof SigningKeyError ? error.message : shortly(error);
    console.error(`keys: ${told}`);
    process.exitCode = 1;
  } finally {
    await opened?.database.close();
  }
}

async function change(
  command: Exclude<Command, { is: 'help' }>,
  config: Config,
  { database, name }: OpenedDatabase,
): Promise<string> {
  const { algorithm, previousSecret } = config.jwt;
  if (algorithm === 'HS256') throw new Error('HS256 has no stored keys.');
  const em = database.fork();
  const now = new Date();
  const settings = { algorithm, accessTokenTtl: config.accessTokenTtl, now };
  switch (command.is) {
    case 'list': {
      const keys = await listSigningKeys(em, settings);
      return keys.length === 0 ? `${name}: no keys yet; the server makes one` : `${name}\n${keysTable(keys)}`;
    }
    case 'rotate': {
      const signsFrom = new Date(now.getTime() + command.delay * 1000);
      const secrets = { secret: secretOf(config).secret, previousSecret };
      const made = await rotateSigningKey(em, { ...settings, ...secrets, signsFrom });
      const early = command.delay < jwksMaxAge;
      return [
        `${name}: made ${made.kid}`,
        `It is published now and signs from ${made.signsFrom.toISOString()} on; the former key's tokens stay good.`,
        ...(early
          ? [`Services that cache the key set for ${jwksMaxAge / 60} minutes may see its tokens before the key.`]
          : []),
      ].join('\n');
    }
    case 'retire': {
      const { retiredAt } = await retireSigningKey(em, command.kid, settings);
      return `${name}: ${command.kid} is retired since ${retiredAt.toISOString()}; its tokens are refused.`;
    }
  }
}

function isGiven({ jwt }: Config): boolean {
  return jwt.algorithm === 'HS256' || jwt.privateKeys !== null;
}

/** Keys of the configuration: shows them, and says where to change them. */
function runGiven(command: Exclude<Command, { is: 'help' }>, config: Config): void {
  const { algorithm, privateKeys, previousSecret } = config.jwt;
  if (command.is !== 'list') {
    const advice =
      algorithm === 'HS256'
        ? 'the key is JWT_SECRET. Move it to JWT_SECRET_PREVIOUS, write another one, and restart the servers.'
        : 'the keys are those of JWT_PRIVATE_KEYS or JWT_PRIVATE_KEYS_FILE. Change them there, and restart the servers.';
    throw new Error(`${advice} See docs/key-rotation.md.`);
  }
  const keys = givenKeys({ algorithm, secret: secretOf(config).secret, previousSecret, privateKeys }) ?? [];
  console.log(algorithm === 'HS256' ? 'JWT_SECRET, JWT_SECRET_PREVIOUS' : 'JWT_PRIVATE_KEYS');
  console.log(
    keysTable(keys.map(({ kid }, index) => ({ kid, algorithm, state: { is: index === 0 ? 'signing' : 'given' } }))),
  );
}

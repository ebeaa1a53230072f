/**
 * Logs in JSON, one line a request. A line has named facts only: no query text, no variables, no headers, no query
 * string. Redaction covers values that come inside an error.
 */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config/config.ts';

const secretNames: ReadonlySet<string> = new Set([
  ...['password', 'passwordHash', 'password_hash', 'secret', 'accessToken', 'refreshToken', 'token', 'tokenHash'],
  ...['authorization', 'cookie', 'variables', 'query', 'sql', 'parameters', 'params', 'headers', 'body'],
]);

/** `destination`. Default: buffered standard output. */
export function createLogger(config: Pick<Config, 'logLevel'>, destination = bufferedOutput()): Logger {
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: isoTime,
      formatters: { log: (facts) => redact(facts), bindings: (facts) => redact(facts) },
      serializers: { err: describeError },
    },
    destination,
  );
}

let now = 0;
let written = '';

/** Like pino's own, but formats the same moment only once. */
function isoTime(): string {
  if (now !== Date.now()) {
    now = Date.now();
    written = `,"time":"${new Date(now).toISOString()}"`;
  }
  return written;
}

/** How long a line may wait to be written together with others, in milliseconds. */
const flushInterval = 100;

/**
 * Buffers lines, because a system call for each line would cost more than the line. The rest is written when the
 * process exits.
 */
function bufferedOutput(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true, minLength: 8192 });
  setInterval(() => output.flush(), flushInterval).unref();
  process.once('exit', () => output.flushSync());
  return output;
}

type Facts = Record<string, unknown>;

/** Redacts facts down to two levels below. An error is not such an object: `describeError` picks what it shows. */
function redact(facts: Facts, depth = 0): Facts {
  if (Array.isArray(facts)) return redactEach(facts, depth) as unknown as Facts;
  let redacted = facts;
  for (const name in facts) {
    const value = facts[name];
    let told = value;
    if (secretNames.has(name)) told = '[redacted]';
    else if (depth < 2 && isPlain(value)) told = redact(value, depth + 1);
    if (told === value) continue;
    if (redacted === facts) redacted = { ...facts };
    redacted[name] = told;
  }
  return redacted;
}

function redactEach(list: readonly unknown[], depth: number): readonly unknown[] {
  if (depth >= 2 || !list.some(isPlain)) return list;
  return list.map((value) => (isPlain(value) ? redact(value, depth + 1) : value));
}

function isPlain(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

export interface ErrorDescription {
  type: string;
  message: string;
  code?: string;
  constraint?: string;
  stack?: string;
  cause?: ErrorDescription;
}

/** An error without its own properties, because drivers attach statements, parameters and rows to them. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: 'a value that is no Error was thrown' };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const message = withoutStatement(error.message);
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof constraint === 'string' && { constraint }),
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 20)
      .join('\n'),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** MikroORM's messages begin with the statement and its parameters, then ` - ` and the database's message. */
function withoutStatement(message: string): string {
  const isStatement = /^\s*(select|insert|update|delete|with|create|alter|drop|begin|set|lock|call)\b/i.test(message);
  const end = message.lastIndexOf(' - ');
  const told = !isStatement ? message : end < 0 ? 'a statement failed' : message.slice(end + 3);
  return told.length > 500 ? `${told.slice(0, 500)}…` : told;
}

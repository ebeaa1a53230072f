/**
 * Logs: JSON, one line a request. A line is made of named facts only: no query text, no variables, no headers,
 * no query string. The redaction is for what slips in beneath an error.
 */
import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config.ts';

const secretNames = [
  ...['password', 'passwordHash', 'password_hash', 'secret', 'accessToken', 'refreshToken', 'token', 'tokenHash'],
  ...['authorization', 'cookie', 'variables', 'query', 'sql', 'parameters', 'params', 'headers', 'body'],
];

/** `destination`: standard output, if left out. */
export function createLogger(config: Pick<Config, 'logLevel'>, destination?: DestinationStream): Logger {
  return pino(
    {
      level: config.logLevel,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      serializers: { err: describeError },
    },
    destination,
  );
}

export interface ErrorDescription {
  type: string;
  message: string;
  code?: string;
  constraint?: string;
  stack?: string;
  cause?: ErrorDescription;
}

/** An error without its own properties: drivers hang statements, parameters and rows on them. */
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

/** MikroORM's messages begin with the statement and its parameters, then ` - ` and what the database said. */
function withoutStatement(message: string): string {
  const isStatement = /^\s*(select|insert|update|delete|with|create|alter|drop|begin|set|lock|call)\b/i.test(message);
  const end = message.lastIndexOf(' - ');
  const told = !isStatement ? message : end < 0 ? 'a statement failed' : message.slice(end + 3);
  return told.length > 500 ? `${told.slice(0, 500)}…` : told;
}

import { GraphQLError, locatedError, parse } from 'graphql';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { isDatabaseLost } from '../../../../src/database/faults.ts';
import { InvalidTokenError, OperationTooComplexError } from '../../../../src/errors.ts';
import { createLogger } from '../../../../src/server/http/logging.ts';
import { formatError, toClientError } from '../../../../src/server/pipeline/format-error.ts';
import { RequestScope } from '../../../../src/server/request/request-scope.ts';

/** The error that a client sees, by both ways out, and the log. */
function through(error: unknown) {
  const lines: string[] = [];
  const log = createLogger({ logLevel: 'info' }, { write: (line) => void lines.push(line) });
  const scope = new RequestScope('the-request', log);
  const client = toClientError(error, scope);
  expect(toClientError(client, scope)).toBe(client);
  const seen = formatError(client.toJSON(), client);
  return { seen: JSON.parse(JSON.stringify(seen)), logged: lines.map((line) => JSON.parse(line)) };
}

const masked = {
  message: 'Internal server error',
  extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'the-request' },
};

const persistedQueries = ['provided sha does not match query', 'Unsupported persisted query version'];

describe('errors that are written for the client', () => {
  it.each([
    [
      'of our own',
      new OperationTooComplexError('Too much.'),
      { message: 'Too much.', extensions: { code: 'OPERATION_TOO_COMPLEX' } },
    ],
    [
      'whose HTTP part is for the response',
      new InvalidTokenError(),
      { message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } },
    ],
    [
      'of Apollo Server',
      new GraphQLError('Cannot query field.', {
        nodes: parse('{ a }').definitions,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      }),
      {
        message: 'Cannot query field.',
        locations: [{ line: 1, column: 1 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ],
    [
      'with more to tell',
      new GraphQLError('No.', { extensions: { code: 'FORBIDDEN', requires: { scopes: [['a']] } } }),
      { message: 'No.', extensions: { code: 'FORBIDDEN', requires: { scopes: [['a']] } } },
    ],
  ])('pass: %s', (_what, error, expected) => {
    expect(through(error)).toEqual({ seen: expected, logged: [] });
  });

  it.each(persistedQueries)('get a code when Apollo Server gives none: %s', (message) => {
    const error = new GraphQLError(message, { extensions: { http: { status: 400 } } });
    expect(through(error)).toEqual({
      seen: { message: expect.stringContaining('persistedQuery'), extensions: { code: 'BAD_REQUEST' } },
      logged: [],
    });
  });

  it('pass from inside a resolver', () => {
    const error = locatedError(new OperationTooComplexError('Too much.'), parse('{ a }'), ['a', 0]);
    expect(through(error).seen).toMatchObject({ message: 'Too much.', path: ['a', 0] });
  });
});

describe('everything else is masked, and logged with its cause', () => {
  it.each([
    ['an error', new Error('select * from users where password_hash = $1')],
    ['an error without a code', new GraphQLError('Cannot return null for non-nullable field User.id.')],
    ['an error of an unknown code', new GraphQLError('Inside.', { extensions: { code: 'SECRET' } })],
    [
      'an error that says it is internal',
      new GraphQLError('Inside.', { extensions: { code: 'INTERNAL_SERVER_ERROR' } }),
    ],
    ['an error from within a resolver', locatedError(new TypeError('x is not a function'), [], undefined)],
    [
      'an error that is no GraphQLError, whatever it claims',
      Object.assign(new Error('Inside.'), { extensions: { code: 'FORBIDDEN' } }),
    ],
    ['a string', 'Inside.'],
    ['nothing', undefined],
    ['an object', { message: 'Inside.', extensions: { code: 'FORBIDDEN' } }],
  ])('%s', (_what, error) => {
    const { seen, logged } = through(error);
    expect(seen).toEqual(masked);
    expect(logged).toEqual([expect.objectContaining({ level: 50, msg: 'a fault was masked' })]);
  });

  it.each(persistedQueries)('also when a resolver says it: %s', (message) => {
    const { seen, logged } = through(locatedError(new GraphQLError(message), [], ['a']));
    expect(seen).toEqual({ ...masked, path: ['a'] });
    expect(logged).toEqual([expect.objectContaining({ level: 50, msg: 'a fault was masked' })]);
  });

  it('keeps its place in the response', () => {
    const error = locatedError(new Error('Inside.'), parse('{ a }'), ['a', 1, 'b']);
    expect(through(error).seen).toMatchObject({ ...masked, path: ['a', 1, 'b'], locations: [expect.anything()] });
  });

  it('outside of a request as well', () => {
    expect(toClientError(new Error('Inside.')).message).toBe('Internal server error');
  });
});

describe('a stack, wherever it comes from, is left out', () => {
  it('of a known code', () => {
    const error = new GraphQLError('No.', { extensions: { code: 'FORBIDDEN', stacktrace: ['at'], exception: {} } });
    expect(through(error).seen).toEqual({ message: 'No.', extensions: { code: 'FORBIDDEN' } });
  });
});

describe('a document that is too long', () => {
  it('is reported as too complex, not as misspelt', () => {
    const error = new GraphQLError('Syntax Error: Document contains more that 5 tokens. Parsing aborted.', {
      extensions: { code: 'GRAPHQL_PARSE_FAILED' },
    });
    expect(through(error).seen.extensions.code).toBe('OPERATION_TOO_COMPLEX');
  });

  it('is what graphql-js still says so', () => {
    expect(() => parse('{ a b c }', { maxTokens: 2 })).toThrow(/Document contains more tha[nt] 2 tokens/);
  });
});

describe('a message that is long', () => {
  it.each(['OPERATION_RESOLUTION_FAILURE', 'FORBIDDEN'])('is cut: %s', (code) => {
    const message = `Unknown operation named "${'x'.repeat(100_000)}".`;
    const { seen } = through(new GraphQLError(message, { extensions: { code } }));
    expect(seen.message).toBe(`${message.slice(0, 999)}…`);
    const short = through(new GraphQLError(message.slice(0, 1000), { extensions: { code } }));
    expect(short.seen.message).toBe(message.slice(0, 1000));
  });
});

describe('a lost database', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });

  it.each([
    ['refused', refused],
    ['refused at every address', new AggregateError([refused, refused])],
    ['shut down', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['closed to connections', Object.assign(new Error('not accepting connections'), { code: '55000' })],
    ['broken', Object.assign(new Error('x'), { code: '08006' })],
    ['that takes no writes', Object.assign(new Error('x'), { code: '25006' })],
    ['that knows another password', Object.assign(new Error('x'), { code: '28P01' })],
    ['that has gone', Object.assign(new Error('x'), { code: '3D000' })],
    ['on a full disk', Object.assign(new Error('x'), { code: '53100' })],
    ['on a broken disk', Object.assign(new Error('x'), { code: '58030' })],
    ['that starts', Object.assign(new Error('x'), { code: '57P03' })],
    ['broken in use', new Error('Connection terminated unexpectedly')],
    ['out of connections', new Error('timeout exceeded when trying to connect')],
    ['beneath another error', new Error('query failed', { cause: refused })],
    ['beneath a resolver', locatedError(refused, [], ['me'])],
  ])('is reported: %s', (_how, error) => {
    expect(isDatabaseLost(error)).toBe(true);
    const { seen, logged } = through(error);
    expect(seen.extensions.code).toBe('SERVICE_UNAVAILABLE');
    expect(logged).toHaveLength(1);
  });

  it.each([
    ['a violated constraint', Object.assign(new Error('duplicate key'), { code: '23505' })],
    ['a column that is not there', Object.assign(new Error('x'), { code: '42703' })],
    ['a mistake', new TypeError('x is not a function')],
    ['nothing', null],
  ])('is not seen in %s', (_what, error) => expect(isDatabaseLost(error)).toBe(false));
});

describe('a database that takes no writes', () => {
  const logged = (error: unknown) => through(error).logged.map(({ msg }) => msg);
  const message = (error: unknown) => through(error).seen.message;
  const refused = Object.assign(new Error('cannot execute INSERT in a read-only transaction'), { code: '25006' });

  it.each([
    ['by the driver', refused],
    ['beneath another error', new Error('query failed', { cause: refused })],
    ['beneath a resolver', locatedError(refused, [], ['createTask'])],
  ])('is told as that: %s', (_how, error) => {
    expect(message(error)).toBe('The server takes no writes just now. Try again later.');
    expect(logged(error)).toEqual(['the database takes no writes']);
    expect(through(error).seen.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('is not seen where it cannot be reached, where it is slow, and in a fault', () => {
    const of = (code: string) => Object.assign(new Error('x'), { code });
    expect(message(of('57P01'))).toBe('The server cannot reach its database. Try again.');
    expect(message(of('57014'))).toBe('The database takes too long just now. Try again.');
    expect(message(of('25001'))).toBe('Internal server error');
  });
});

it.each(['53000', '53100', '53200', '53400', '58030'])('a database that is short of room says so: %s', (code) => {
  const { seen } = through(Object.assign(new Error('x'), { code }));
  expect(seen.message).toBe('The database has no room for this just now. Try again later.');
});

it('a database that is short of connections is not short of room', () => {
  const { seen } = through(Object.assign(new Error('x'), { code: '53300' }));
  expect(seen.message).toBe('The server cannot reach its database. Try again.');
});

it.each(['40001', '40P01', '55P03', '57014'])('work that PostgreSQL undid by %s is to be tried again', (code) => {
  const { seen } = through(Object.assign(new Error('x'), { code }));
  expect(seen.extensions.code).toBe('SERVICE_UNAVAILABLE');
});

it('a circular chain of errors is followed once', () => {
  const error: Error & { cause?: unknown } = new Error('a');
  error.cause = error;
  expect(isDatabaseLost(error)).toBe(false);
  expect(() => pino({ level: 'silent' }).error(error)).not.toThrow();
});

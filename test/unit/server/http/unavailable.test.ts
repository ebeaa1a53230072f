/** What is told outside of GraphQL while the database cannot serve. */
import createFastify from 'fastify';
import { expect, it } from 'vitest';
import { handleHttpErrors } from '../../../../src/server/http/http-errors.ts';

async function answerTo(code: string) {
  const fastify = createFastify();
  handleHttpErrors(fastify);
  fastify.get('/', () => {
    throw Object.assign(new Error('inside'), { code });
  });
  const { statusCode, headers, body } = await fastify.inject('/');
  const [{ message, extensions }] = JSON.parse(body).errors;
  return [statusCode, extensions.code, headers['retry-after'], message];
}

it.each([
  ['25006', 'The server takes no writes just now. Try again later.'],
  ['57014', 'The database takes too long just now. Try again.'],
  ['57P01', 'The server cannot reach its database. Try again.'],
])('a database that says %s is told of, and to be asked again', async (code, message) => {
  expect(await answerTo(code)).toEqual([503, 'SERVICE_UNAVAILABLE', '2', message]);
});

it('a fault is masked, and nobody is told to ask again', async () => {
  expect(await answerTo('42703')).toEqual([500, 'INTERNAL_SERVER_ERROR', undefined, 'Internal server error']);
});

import type { FastifyReply, FastifyRequest } from 'fastify';
import { buildSchema, type GraphQLError, parse } from 'graphql';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../../src/authorization/guard.ts';
import { TooManyRequestsError } from '../../../../src/errors.ts';
import { knownRequests } from '../../../../src/server/fast/known-requests.ts';
import type { Documents } from '../../../../src/server/pipeline/documents.ts';
import { tellAll } from '../../../../src/server/request/hooks.ts';
import { RequestScope } from '../../../../src/server/request/request-scope.ts';

const schema = buildSchema(`
  type Query { me: String }
  type Mutation { login: String register: String refresh: String logout: String }
`);

describe('a sign-in while there is no place for one', () => {
  const parsed = new Map<string, ReturnType<typeof parse>>();
  const documents: Documents = { of: (source) => parsed.get(source) };
  let refusal: GraphQLError | null = null;
  const known = knownRequests({
    ...{ guard: { schema } as Guard, documents, signInRefusal: () => refusal },
    context: () => Promise.reject(new Error('nobody is asked who asks')),
    handler: async () => '',
    tell: tellAll([]),
  });

  function send(query: string) {
    const sent: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
    const reply = {
      statusCode: 200,
      getHeader: (name: string) => sent[name],
      header: (name: string, value: string) => {
        sent[name] = value;
        return reply;
      },
      code: (status: number) => {
        reply.statusCode = status;
        return reply;
      },
    };
    const scope = new RequestScope('the-request', pino({ level: 'silent' }));
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: { query }, scope };
    const both = [request as unknown as FastifyRequest, reply as unknown as FastifyReply] as const;
    return { both, reply, sent };
  }

  it('is refused before any work once the document is known; other operations are not', async () => {
    const signIns = ['mutation { login }', 'mutation { a: register }', 'mutation { logout login }'];
    const others = ['mutation { refresh }', '{ me }'];
    for (const query of [...signIns, ...others]) parsed.set(query, parse(query));
    await known.handler(...send('{ __typename }').both);

    const refused = (query: string) => known.refuseSignIn(...send(query).both);
    expect([...signIns, ...others].map(refused)).toEqual(Array(5).fill(null));
    refusal = new TooManyRequestsError('Too many people are signing in.', 2);
    expect(others.map(refused)).toEqual([null, null]);
    expect(refused('mutation { login unknown: register }')).toBeNull();
    for (const query of signIns) {
      const { both, reply, sent } = send(query);
      expect(JSON.parse(String(known.refuseSignIn(...both)))).toMatchObject({
        errors: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }],
      });
      expect([reply.statusCode, sent['retry-after']]).toEqual([429, '2']);
    }
  });
});

/** Under `guardPlugin` faults are answered as Apollo Server answers them alone: codes, status, headers. */
import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  HeaderMap,
  type HTTPGraphQLHead,
} from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type GuardPluginOptions, guardPlugin } from '../../../../src/authorization/adapters/apollo.ts';
import type { GuardOptions, GuardViewer } from '../../../../src/authorization/guard.ts';
import { type Context, guardOf, user } from '../harness.ts';

const sdl = `
  scalar Even
  type Query @public {
    one: Int
    thrown: Int
    coded: Int
    limited: Int
    late: Int!
    odd: Int
    notAMap: Int
    text: Int
    taken(number: Int!, even: Even): Int
    secret: Int @requiresRole(roles: [ADMIN])
  }
  type Mutation @public { write: Int }
`;

const fail = (message: string, extensions = {}) => {
  throw new GraphQLError(message, { extensions });
};
const resolvers = {
  Query: {
    one: () => 1,
    thrown: () => {
      throw new Error('a fault');
    },
    coded: () => fail('no', { code: 'CONFLICT' }),
    limited: () => fail('slow down', { http: { status: 429, headers: new Map([['retry-after', '2']]) } }),
    late: () => fail('too late', { code: 'GONE', http: { status: 410 } }),
    notAMap: () => fail('what', { http: { status: 400, headers: { a: 'b' } } }),
    odd: () => {
      throw 'a text';
    },
    text: () => 'no number',
    taken: () => 1,
    secret: () => 1,
  },
  Mutation: { write: () => 1 },
};

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly viewer?: GuardViewer | null;
  readonly options?: Partial<GuardOptions<Context>>;
  readonly plugins?: ApolloServerPlugin<Context>[];
  readonly formatError?: NonNullable<GuardPluginOptions['formatError']>;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { readonly data?: unknown; readonly errors?: readonly GraphQLError[] };
}

/** Over HTTP, as far as Apollo Server has it. */
async function answersOf(asked: Asked, guarded: 'by the plugin' | 'alone'): Promise<Answer> {
  const { query, variables = {}, viewer = user(), options, plugins = [], formatError } = asked;
  const guard = guardOf(sdl, resolvers, options);
  const settings: ApolloServerOptions<Context> = {
    schema: guard.schema,
    includeStacktraceInErrorResponses: false,
    ...(formatError && guarded === 'alone' && { formatError }),
    plugins: [
      ...plugins,
      ApolloServerPluginLandingPageDisabled(),
      ...(guarded === 'alone' ? [] : [guardPlugin<Context>(guard, formatError ? { formatError } : {})]),
    ],
  };
  const server = new ApolloServer<Context>(settings);
  server.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();
  const { status, headers, body } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: 'POST',
      headers: new HeaderMap([['content-type', 'application/json']]),
      search: '',
      body: { query, variables },
    },
    context: async () => ({ viewer }),
  });
  await server.stop();
  if (body.kind !== 'complete') throw new Error('It was answered in parts.');
  return { status: status ?? 200, headers: Object.fromEntries(headers), body: JSON.parse(body.string) };
}

function pluginThat(change: (http: HTTPGraphQLHead) => void): ApolloServerPlugin<Context> {
  return { requestDidStart: async () => ({ didResolveOperation: async ({ response }) => change(response.http) }) };
}

const teapot = pluginThat((http) => {
  http.status = 418;
  http.headers.set('x-pot', 'short');
});
const lateTeapot: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ response: { http } }) => {
      http.status = 418;
    },
  }),
};
const taken = 'query ($number: Int!, $even: Even) { taken(number: $number, even: $even) }';

describe('guardPlugin answers as Apollo Server alone', () => {
  it.each<[string, Asked, Partial<{ status: number; code: unknown }>]>([
    ['data', { query: '{ one }' }, { status: 200 }],
    ['a denial beside data', { query: '{ one secret }' }, { status: 200, code: 'FORBIDDEN' }],
    ['a resolver that throws', { query: '{ one thrown }' }, { status: 200, code: 'INTERNAL_SERVER_ERROR' }],
    ['a resolver that throws no error', { query: '{ odd }' }, { status: 200, code: 'INTERNAL_SERVER_ERROR' }],
    ['an error with a code', { query: '{ coded }' }, { status: 200, code: 'CONFLICT' }],
    ['a result that does not coerce', { query: '{ text }' }, { status: 200, code: 'INTERNAL_SERVER_ERROR' }],
    ['a status beside data', { query: '{ one limited }' }, { status: 429, code: 'INTERNAL_SERVER_ERROR' }],
    ['a status beside no data', { query: '{ one late }' }, { status: 410, code: 'GONE' }],
    ['two that give a status', { query: '{ limited late }' }, { status: 410 }],
    ['what only looks like a status', { query: '{ notAMap }' }, { status: 200, code: 'INTERNAL_SERVER_ERROR' }],
    ['a wrong variable', { query: taken, variables: { number: 'x' } }, { status: 400, code: 'BAD_USER_INPUT' }],
    ['a missing variable', { query: taken }, { status: 400, code: 'BAD_USER_INPUT' }],
    ['a null variable', { query: taken, variables: { number: null } }, { status: 400, code: 'BAD_USER_INPUT' }],
    ['an unknown operation', { query: 'query A { one } query B { one }' }, { status: 400 }],
    ['an operation of a kind that there is not', { query: 'subscription { one }' }, { status: 200 }],
    [
      'a `viewer` that throws',
      {
        query: '{ secret }',
        options: { viewer: () => fail('who?', { code: 'UNAUTHENTICATED', http: { status: 401 } }) },
      },
      { status: 200 },
    ],
    ['a document that is not valid', { query: '{ two }' }, { status: 400, code: 'GRAPHQL_VALIDATION_FAILED' }],
    ['a status that a plugin sets before', { query: '{ one }', plugins: [teapot] }, { status: 418 }],
    ['a plugin before, and a fault', { query: '{ one thrown }', plugins: [teapot] }, { status: 418 }],
    ['a plugin before, and an error that asks for more', { query: '{ limited }', plugins: [teapot] }, { status: 429 }],
    ['a plugin before, and a wrong variable', { query: taken, plugins: [teapot] }, { status: 400 }],
    ['a status that a plugin sets after', { query: '{ one limited }', plugins: [lateTeapot] }, { status: 418 }],
    [
      '`formatError`',
      { query: '{ thrown }', formatError: (told) => ({ ...told, message: `${told.extensions?.code}!` }) },
      { status: 200 },
    ],
    [
      '`formatError` that throws',
      { query: '{ coded }', formatError: () => fail('no format') },
      { status: 200, code: 'INTERNAL_SERVER_ERROR' },
    ],
  ])('%s', async (_what, asked, expected) => {
    const [byPlugin, alone] = [await answersOf(asked, 'by the plugin'), await answersOf(asked, 'alone')];
    expect(byPlugin).toEqual(alone);
    const [error] = byPlugin.body.errors ?? [];
    expect({ status: byPlugin.status, ...('code' in expected && { code: error?.extensions.code }) }).toEqual(expected);
  });
});

describe('guardPlugin answers otherwise than Apollo Server alone', () => {
  it('a denial in mode `reject`: 403, and no data', async () => {
    const asked: Asked = { query: '{ one secret }', options: { denial: 'reject' } };
    const { status, headers, body } = await answersOf(asked, 'by the plugin');
    expect(status).toBe(403);
    expect(headers['www-authenticate']).toBe('Bearer error="insufficient_scope"');
    expect(body.errors?.map(({ extensions }) => Object.keys(extensions))).toEqual([['code', 'requires']]);
    expect(body).not.toHaveProperty('data');
    const allowed = await answersOf({ ...asked, viewer: user({ roles: ['ADMIN'] }) }, 'by the plugin');
    expect(allowed).toMatchObject({ status: 200, body: { data: { one: 1, secret: 1 } } });
  });
});

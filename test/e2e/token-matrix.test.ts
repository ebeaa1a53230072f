/** Every kind of credential, sent to every place: each cell says what must happen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import {
  type Call,
  createMatrixWorld,
  type Kind,
  kinds,
  type Received,
  send,
  type World,
} from './token-matrix.world.ts';

type Outcome =
  /** The viewer is the account that the token names. */
  | 'viewer'
  /** Nobody is signed in: a guarded field is denied. */
  | 'anonymous'
  /** 401 before anything runs. */
  | 'refused'
  /** Served to every client. */
  | 'served'
  /** Traded for a session. */
  | 'session'
  /** Refused, because it is not a good refresh token. */
  | 'invalid';

const me = '{ me { username } }';
const register = 'mutation { register(input: { username: "", email: "", password: "" }) { errors { code } } }';
const refresh =
  'mutation ($input: RefreshInput!) { refresh(input: $input) { session { accessToken } errors { code } } }';
const post = (query: string): Call => ({ method: 'POST', path: '/graphql', body: { query } });

const places = {
  'POST /graphql': post(me),
  'GET /graphql': { path: `/graphql?${new URLSearchParams({ query: me })}` },
  'a public mutation': post(register),
  'the input of refresh': null,
  '/.well-known/jwks.json': { path: '/.well-known/jwks.json' },
  '/healthz': { path: '/healthz' },
  '/readyz': { path: '/readyz' },
  '/': { path: '/' },
} satisfies Record<string, Call | null>;

type Place = keyof typeof places;

const asViewer: [Outcome, Outcome, Outcome, Outcome] = ['viewer', 'viewer', 'served', 'invalid'];
const asNobody: typeof asViewer = ['anonymous', 'anonymous', 'served', 'invalid'];
const never: typeof asViewer = ['refused', 'refused', 'refused', 'invalid'];

/**
 * The outcomes of POST, GET, the public mutation and the input of refresh. The other places serve every client alike.
 */
const expected: Record<Kind, typeof asViewer> = {
  none: asNobody,
  valid: asViewer,
  // Each ECDSA signature implies a second one. It gains nothing, because revocation is by session.
  'valid, its signature negated': asViewer,
  'of a user who was an administrator': asViewer,
  expired: never,
  'not yet valid': never,
  'of another issuer': never,
  'for another audience': never,
  'of another type': never,
  'a refresh token': ['refused', 'refused', 'refused', 'session'],
  'signed by a retired key': never,
  'signed by an unknown key': never,
  'HS256 with the public key': never,
  'alg none': never,
  'after logout': never,
  'after logout, its signature negated': never,
  'after deactivation': never,
  garbage: never,
  'two headers': never,
  // The server does not look for a token here.
  'in the query string': asNobody,
  'as a cookie': asNobody,
};

const cells = kinds.flatMap((kind) =>
  (Object.keys(places) as Place[]).map((place, index) => ({ kind, place, outcome: expected[kind][index] ?? 'served' })),
);

describe.each(testDatabases())('the token matrix, on $name', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await createMatrixWorld(database);
  });
  afterAll(() => world?.close());

  it.each(cells)('$kind at $place: $outcome', async ({ kind, place, outcome }) => {
    const sent = world.kinds[kind];
    const call = places[place];
    const received = call
      ? await send(world.server.url, call, sent)
      : // There it is the credential, and no Authorization goes with it.
        await send(
          world.server.url,
          {
            method: 'POST',
            path: '/graphql',
            body: { query: refresh, variables: { input: { refreshToken: sent.refreshToken } } },
          },
          { ...sent, headers: [], search: '' },
        );
    expect(outcomeOf(received)).toBe(outcome);
    if (outcome === 'refused') expect(received.challenge).toBe('Bearer error="invalid_token"');
  });
});

function outcomeOf({ status, body }: Received): Outcome {
  if (!body.startsWith('{"') || !/"(data|errors)":/.test(body)) return status === 200 ? 'served' : 'refused';
  const { data, errors } = JSON.parse(body);
  if (status === 401 && data === undefined && errors[0].extensions.code === 'UNAUTHENTICATED') return 'refused';
  if (data === null && errors[0].extensions.code === 'UNAUTHENTICATED' && errors[0].extensions.requires)
    return 'anonymous';
  if (data?.me?.username && !errors) return 'viewer';
  if (data?.refresh) return data.refresh.session?.accessToken ? 'session' : 'invalid';
  if (data?.register?.errors.length > 0) return 'served';
  throw new Error(`unexpected: ${status} ${body}`);
}

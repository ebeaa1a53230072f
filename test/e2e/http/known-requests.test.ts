/**
 * Requests that are answered without Apollo Server get the same answers as with it. The spelling of a header selects
 * the way.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longLists, makeLongTasks, tooLongQuery } from '../../support/long-answers.ts';
import { asAdmin, asOwner, type Owner, type SignedIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let ada: Owner;
let bob: Owner;
let admin: SignedIn;
beforeAll(async () => {
  server = await startTestServer({ env: { NODE_ENV: 'production', INTROSPECTION: 'visible' } });
  [ada, bob, admin] = [await asOwner(server), await asOwner(server), await asAdmin(server)];
});
afterAll(() => server.close());

/** The second spelling means the same, but goes to Apollo Server. */
const spelling = { known: 'application/json', apollo: 'application/json;charset=UTF-8' };

async function send(by: keyof typeof spelling, body: unknown, headers: Record<string, string>) {
  const logged = server.logs().length;
  const before = server.server.answeredAsKnown();
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-type': spelling[by] },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const isKnown = server.server.answeredAsKnown() > before;
  const told = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  const id = response.headers.get('x-request-id') ?? '';
  // The line is written after the response.
  const lines = await lined(logged, id);
  return { isKnown, answer: { status: response.status, headers: told, text: text.replaceAll(id, 'ID'), lines } };
}

async function lined(from: number, id: string) {
  for (;;) {
    const lines = server
      .logs()
      .slice(from)
      .filter(({ requestId }) => requestId === id);
    if (lines.some(({ msg }) => msg === 'request')) return lines.map(({ time, ms, requestId, ...facts }) => facts);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const accepts: Record<string, Record<string, string>> = {
  nothing: {},
  anything: { accept: '*/*' },
  JSON: { accept: 'application/json' },
  'the newer type': { accept: 'application/graphql-response+json' },
  'both, as Apollo Client does': { accept: 'application/graphql-response+json, application/json;q=0.9' },
  'both, the older one first': { accept: 'application/json, application/graphql-response+json;q=0.1' },
};

const list = 'query List($first: Int) { tasks(first: $first) { nodes { id title owner { id isActive } } } }';
const two = 'query A { me { username } } query B { tasks { nodes { title } } }';

interface Case {
  body: () => unknown;
  /** Default: a stranger. */
  by?: () => { session: { accessToken: string } };
}

/** Answered without Apollo Server, once they are known. */
const answered: Record<string, Case> = {
  'a query of nobody': { body: () => ({ query: '{ __typename }' }) },
  'a query of somebody': { body: () => ({ query: '{ me { id username } }' }), by: () => ada },
  variables: { body: () => ({ query: list, variables: { first: 1 } }), by: () => ada },
  'no variables': {
    body: () => ({ query: list, variables: null, operationName: null, extensions: null }),
    by: () => ada,
  },
  'a member that means nothing': {
    body: () => ({ query: list, id: 7, extensions: { clientLibrary: {} } }),
    by: () => ada,
  },
  'one of two operations': { body: () => ({ query: two, operationName: 'B' }), by: () => ada },
  'the other one': { body: () => ({ query: two, operationName: 'A' }), by: () => ada },
  introspection: { body: () => ({ query: '{ __schema { queryType { name } } me { id } }' }), by: () => ada },
  'a denied field': { body: () => ({ query: list, variables: { first: 2 } }), by: () => bob },
  "somebody else's task": {
    body: () => ({ query: 'query ($id: ID!) { task(id: $id) { title } }', variables: { id: ada.taskId } }),
    by: () => bob,
  },
  'a list for administrators, to one': { body: () => ({ query: '{ users { nodes { email } } }' }), by: () => admin },
  'a list for administrators, to somebody else': {
    body: () => ({ query: '{ users { nodes { email } } }' }),
    by: () => ada,
  },
  'what nobody may ask for': { body: () => ({ query: '{ me { id username } }' }) },
  'a token that is none': {
    body: () => ({ query: '{ me { id username } }' }),
    by: () => ({ session: { accessToken: 'nonsense' } }),
  },
  'variables that do not coerce': { body: () => ({ query: list, variables: { first: 'many' } }), by: () => ada },
  'an argument that cannot be': { body: () => ({ query: list, variables: { first: -1 } }), by: () => ada },
  'a mutation that is refused': {
    body: () => ({ query: 'mutation { createTask(input: { title: "" }) { task { id } errors { path code } } }' }),
    by: () => ada,
  },
  'a mutation that nobody may ask for': {
    body: () => ({ query: 'mutation { createTask(input: { title: "A title" }) { task { id } } }' }),
  },
};

/** Always left to Apollo Server. */
const left: Record<string, Case> = {
  'what is no GraphQL': { body: () => ({ query: '{ me ' }) },
  'what is not valid': { body: () => ({ query: '{ you }' }) },
  'no query': { body: () => ({ variables: {} }) },
  'a query that is no text': { body: () => ({ query: 7 }) },
  'a list of queries': { body: () => [{ query: '{ __typename }' }] },
  'variables as text': { body: () => ({ query: list, variables: '{}' }), by: () => ada },
  'variables as a list': { body: () => ({ query: list, variables: [1] }), by: () => ada },
  'extensions as text': { body: () => ({ query: list, extensions: 'none' }), by: () => ada },
  'a name that is no text': { body: () => ({ query: two, operationName: 7 }), by: () => ada },
  'two operations and no name': { body: () => ({ query: two }), by: () => ada },
  'an operation that is not there': { body: () => ({ query: two, operationName: 'C' }), by: () => ada },
  'no operation': { body: () => ({ query: 'fragment F on User { id }' }), by: () => ada },
  'what costs too much': {
    body: () => ({ query: '{ users(first: 100) { nodes { tasks(first: 100) { nodes { id title } } } } }' }),
    by: () => admin,
  },
  'a persisted query': {
    body: () => ({ query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'nonsense' } } }),
  },
};

describe.each(Object.entries(accepts))('where the client accepts %s', (_, accept) => {
  const headersOf = ({ by }: Case): Record<string, string> => {
    return { ...accept, ...(by && { authorization: `Bearer ${by().session.accessToken}` }) };
  };
  // The server learns the media type from an answer.
  beforeAll(() => send('apollo', { query: '{ __typename }' }, accept));

  it.each(Object.entries(answered))('%s is answered without Apollo Server, and as by it', async (_, each) => {
    const headers = headersOf(each);
    const byApollo = await send('apollo', each.body(), headers);
    expect(byApollo.isKnown).toBe(false);
    // The first time, the document is not kept.
    expect((await send('known', each.body(), headers)).answer).toEqual(byApollo.answer);
    // Enough to make an operation hot.
    for (let time = 0; time < 5; time++) {
      const known = await send('known', each.body(), headers);
      expect(known.isKnown).toBe(true);
      expect(known.answer).toEqual(byApollo.answer);
    }
  });

  it.each(Object.entries(left))('%s is left to Apollo Server', async (_, each) => {
    const headers = headersOf(each);
    const byApollo = await send('apollo', each.body(), headers);
    for (let time = 0; time < 2; time++) {
      const again = await send('known', each.body(), headers);
      expect(again.isKnown).toBe(false);
      expect(again.answer).toEqual(byApollo.answer);
    }
  });
});

describe('an answer that is too long', () => {
  beforeAll(async () => {
    for (let time = 0; time < 2; time++) await makeLongTasks(bob);
  });
  const texts = Array.from({ length: 49 }, (_, i) => `d${i}: description`).join(' ');

  it.each([
    ['a query', tooLongQuery],
    ['a query for one text many times', `{ tasks(first: 100) { nodes { ${texts} } } }`],
    ['a mutation', `mutation { createTask(input: { title: "T" }) { task { owner { ${longLists(13)} } } } }`],
  ])('is refused likewise: %s', async (_, query) => {
    // The first time, the document is not kept.
    await send('apollo', { query }, { authorization: `Bearer ${bob.session.accessToken}` });
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const headers = { accept, authorization: `Bearer ${bob.session.accessToken}` };
      const byApollo = await send('apollo', { query }, headers);
      expect(byApollo.isKnown).toBe(false);
      expect(byApollo.answer.text).toContain('OPERATION_TOO_COMPLEX');
      const known = await send('known', { query }, headers);
      expect(known.isKnown).toBe(true);
      expect(known.answer).toEqual(byApollo.answer);
    }
  });
});

describe('what the client accepts', () => {
  const query = '{ me { username } }';

  it.each(['text/html', 'image/png, text/*'])('is refused as %s, however often', async (accept) => {
    const headers = { accept, authorization: `Bearer ${ada.session.accessToken}` };
    for (let time = 0; time < 3; time++) {
      const { isKnown, answer } = await send('known', { query }, headers);
      expect([isKnown, answer.status]).toEqual([false, 406]);
    }
    const good = await send('known', { query }, { ...headers, accept: `${accept}, */*` });
    expect(good.answer.status).toBe(200);
  });

  it('is not remembered for a long header, nor after a refusal', async () => {
    const authorization = `Bearer ${ada.session.accessToken}`;
    const long = { authorization, accept: `application/json, x/${'x'.repeat(300)}` };
    const unknown = { accept: 'application/json, x/refused' };
    for (let time = 0; time < 3; time++) {
      expect(await send('known', { query }, long)).toMatchObject({ isKnown: false, answer: { status: 200 } });
      expect(await send('known', { query: '{ you }' }, unknown)).toMatchObject({ isKnown: false });
    }
    const taken = { ...unknown, authorization };
    expect((await send('known', { query }, taken)).isKnown).toBe(false);
    expect((await send('known', { query }, taken)).isKnown).toBe(true);
  });
});

it('a request that a form could have sent is refused, whatever was answered before', async () => {
  const body = JSON.stringify({ query: '{ __typename }' });
  const ask = (type: string) =>
    fetch(`${server.url}/graphql`, { method: 'POST', headers: { 'content-type': type }, body: new Blob([body]) });
  for (let time = 0; time < 3; time++) {
    expect((await ask('application/json')).status).toBe(200);
    expect((await ask('text/plain')).status).toBe(415);
  }
});

it('a revoked token is refused, though it was accepted a moment ago', async () => {
  const eve = await asOwner(server);
  const headers = { authorization: `Bearer ${eve.session.accessToken}` };
  const ask = () => send('known', { query: '{ me { username } }' }, headers);
  for (let time = 0; time < 3; time++) expect((await ask()).answer.status).toBe(200);
  await eve.ask('mutation { logout { endedSessionId } }');
  const { isKnown, answer } = await ask();
  expect([isKnown, answer.status]).toEqual([true, 401]);
});

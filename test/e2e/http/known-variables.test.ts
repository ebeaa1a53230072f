/**
 * Hot operations with all kinds of variables. Known, compiled operations get the same status, headers and body as a new
 * document, which Apollo Server and graphql-js answer.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, asOwner, asUser, type Owner, type SignedIn, signIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { CreateTaskDocument, SetUserRoleDocument } from '../documents/graphql.ts';

let server: TestServer;
let ada: Owner;
let bob: Owner;
let admin: SignedIn;
let narrowed: SignedIn;
beforeAll(async () => {
  server = await startTestServer({ env: { NODE_ENV: 'production' } });
  [ada, bob, admin] = [await asOwner(server), await asOwner(server), await asAdmin(server)];
  for (const asker of [ada, admin]) {
    for (let i = 0; i < 5; i++) {
      const input = { title: `Task ${i}`, status: i % 2 ? 'DONE' : 'TODO', dueAt: '2030-01-02T03:04:05.600Z' } as const;
      await asker.ask(CreateTaskDocument, { input });
    }
  }
  narrowed = await signIn(server, { ...ada, scopes: ['user:read'] });
  // The server learns the media type from an answer.
  await ask({ query: '{ __typename }', by: () => null }, 'slow');
});
afterAll(() => server.close());

interface Case {
  query: string;
  /** Text is sent as JSON as it is. Undefined: the request has no variables. */
  variables?: unknown;
  by: () => SignedIn | null;
  /** The codes of all errors; none if everything is answered. */
  codes?: readonly string[];
  /** Always left to Apollo Server, because its cost is unknown. */
  isLeft?: boolean;
}

let neverSent = 0;

/** `slow`: a new document, in a request whose spelling goes to Apollo Server. */
async function ask({ query, variables, by }: Case, way: 'hot' | 'slow') {
  const [known, compiled] = [server.server.answeredAsKnown(), server.server.compiled()?.answers ?? 0];
  const token = by()?.session.accessToken;
  const text = JSON.stringify(way === 'hot' ? query : `${query} # ${neverSent++}`);
  const json = typeof variables === 'string' ? variables : JSON.stringify(variables);
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': way === 'hot' ? 'application/json' : 'application/json;charset=UTF-8',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: json === undefined ? `{"query":${text}}` : `{"query":${text},"variables":${json}}`,
  });
  const id = response.headers.get('x-request-id') ?? '';
  const body = await response.text();
  const told = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return {
    isKnown: server.server.answeredAsKnown() > known,
    isCompiled: (server.server.compiled()?.answers ?? 0) > compiled,
    answer: { status: response.status, headers: told, body: body.replaceAll(id, 'ID') },
  };
}

/** Enough to make an operation hot. */
const times = 6;
const timesAtMost = 100;

async function expectAlike(each: Case): Promise<void> {
  const slow = await ask(each, 'slow');
  expect(slow).toMatchObject({ isKnown: false, isCompiled: false });
  const { data, errors = [] } = JSON.parse(slow.answer.body) as {
    data?: unknown;
    errors?: { extensions: { code: string } }[];
  };
  expect([...new Set(errors.map(({ extensions }) => extensions.code))]).toEqual(each.codes ?? []);
  let isCompiled = false;
  for (let time = 1; time <= times || (data && !isCompiled && time <= timesAtMost); time++) {
    // On a slow machine, compilation may have to wait.
    if (time > times) await new Promise((resolve) => setTimeout(resolve, 20));
    const hot = await ask(each, 'hot');
    expect(hot.answer, `for the time ${time}`).toEqual(slow.answer);
    // A document is known when it has come twice.
    if (time > 2) expect(hot.isKnown).toBe(!each.isLeft);
    isCompiled = hot.isCompiled;
  }
  if (data) expect(isCompiled).toBe(true);
}

const user = () => ada;
const administrator = () => admin;
const withoutTheScope = () => narrowed;
const nobody = () => null;

const bad = ['BAD_USER_INPUT'];
const forbidden = ['FORBIDDEN'];

type Named = readonly [name: string, each: Case];

function nameOf(query: string, variables: unknown): string {
  const given = variables === undefined ? 'no variables' : JSON.stringify(variables).slice(0, 80);
  return `${/query (\w+)/.exec(query)?.[1]}, ${given}`;
}

/** The same query, by a viewer who may ask it, and by others who are refused. */
function twins(query: string, variables: unknown): Named[] {
  const name = nameOf(query, variables);
  return [
    [`${name}, by a user`, { query, variables, by: user }],
    [`${name}, by a token without the scope`, { query, variables, by: withoutTheScope, codes: forbidden }],
    [`${name}, by nobody`, { query, variables, by: nobody, codes: ['UNAUTHENTICATED'] }],
  ];
}

/** `isActive` is for administrators. Others are denied it in each row, and get the rest. */
function withDenials(query: string, variables: unknown, codes = forbidden): Named[] {
  const name = nameOf(query, variables);
  return [
    [`${name}, by an administrator`, { query, variables, by: administrator }],
    [`${name}, by a user`, { query, variables, by: user, codes }],
  ];
}

function refused(query: string, variables: unknown): Named[] {
  const name = nameOf(query, variables);
  return [
    [`${name}, by a user`, { query, variables, by: user, codes: bad }],
    [`${name}, by an administrator`, { query, variables, by: administrator, codes: bad }],
  ];
}

const rows = `query Rows($first: Int, $owners: Boolean = true, $hide: Boolean! = false) {
  tasks(first: $first) { nodes { id title notes owner @include(if: $owners) { id username } status @skip(if: $hide) } }
}`;
const filtered = `query Filtered($filter: TaskFilter, $order: TaskOrder, $status: [TaskStatus!], $which: OrderDirection! = ASC) {
  tasks(first: 4, filter: $filter, orderBy: $order) { nodes { id title dueAt owner { id isActive } } }
  more: tasks(filter: { status: $status }, orderBy: { field: TITLE, direction: $which }) { nodes { title status } }
}`;
const one = 'query One($id: ID!) { task(id: $id) { id title notes owner { username email } } }';
const accounts = 'query Accounts($filter: UserFilter) { users(filter: $filter) { nodes { id username role } } }';

const deep = (levels: number): unknown => (levels === 0 ? 'the end' : { next: [deep(levels - 1)] });

const answered: Named[] = [
  ...[undefined, {}, null, { first: 1 }, { first: 3 }, { first: 100 }, { first: null }].flatMap((given) =>
    twins(rows, given),
  ),
  ...['{"first":2.0}', '{"first":1e1}', '{"first":1,"first":2}'].flatMap((json) => twins(rows, json)),
  ...[true, false].flatMap((owners) => [
    ...twins(rows, { first: 2, owners }),
    ...[true, false].flatMap((hide) => twins(rows, { first: 2, owners, hide })),
  ]),
  // Variables that the operation does not declare.
  ...[
    ...[
      { first: 2, last: 1 },
      { first: 2, extra: null, FIRST: 'many' },
      { first: 2, '': 0, 'no name': [] },
    ],
    ...[
      { first: 2, toString: 1, hasOwnProperty: null, constructor: {}, valueOf: [] },
      { first: 2, more: deep(50) },
    ],
  ].flatMap((given) => twins(rows, given)),

  ...[
    ...[undefined, { filter: null }, { filter: {} }, { filter: { status: null } }, { filter: { text: 'Task' } }],
    ...[{ filter: { status: 'TODO' } }, { filter: { status: ['TODO', 'DONE'] } }, { order: { field: 'TITLE' } }],
    ...[{ filter: { dueAfter: '2029-01-01T00:00:00Z' } }, { status: null }, { status: ['DONE'] }, { status: 'TODO' }],
    { status: [], which: 'DESC' },
  ].flatMap((given) => withDenials(filtered, given)),
  // No rows, so no denials.
  ...withDenials(filtered, { filter: { status: [] } }, []),

  ...['task_nonsense', '', 7].flatMap((id) => twins(one, { id })),
  ...[undefined, { filter: { role: ['ADMIN'] } }, { filter: { isActive: true, role: [] } }].flatMap((given) =>
    withDenials(accounts, given),
  ),
];

/** Compiled code gives up after many of these, so they come after the answered ones. */
const notAnswered: Named[] = [
  ...[true, false, null].flatMap((everyone) => withDenials(filtered, { filter: { everyone } })),

  ...[0, -1, 101, 2.5, 2 ** 31, '2', true, [1], {}].flatMap((first) => refused(rows, { first })),
  ...[0, 'true', [true], {}].flatMap((owners) => refused(rows, { owners })),
  ...[null, 1, 'false'].flatMap((hide) => refused(rows, { hide })),
  ...[
    ...[
      { filter: 'TODO' },
      { filter: { status: ['todo'] } },
      { filter: { status: 7 } },
      { filter: { status: [null] } },
    ],
    ...[{ filter: { statuses: [] } }, { filter: { dueAfter: 'never' } }, { filter: { text: '' } }, { filter: [] }],
    ...[{ order: { direction: 'ASC' } }, { order: { field: null } }, { order: { field: 'NOTES' } }, { order: 'TITLE' }],
    ...[{ which: null }, { which: 'UP' }, { which: ['ASC'] }, { status: [['DONE']] }, { status: {} }],
    ...[{ filter: deep(50) }, { filter: { text: deep(50) } }],
  ].flatMap((given) => refused(filtered, given)),
  ...[undefined, {}, { id: null }, { id: {} }, { id: ['x'] }, { id: true }, { id: 2.5 }, { id: deep(50) }].flatMap(
    (given) => refused(one, given),
  ),
  ...refused(rows, { owners: null }).map(([name, each]): Named => [name, { ...each, isLeft: true }]),
];

describe('a hot operation with variables', () => {
  it.each([...answered, ...notAnswered])('%s', (_, each) => expectAlike(each));

  it("one's own task, and somebody else's", async () => {
    const variables = { id: ada.taskId };
    await expectAlike({ query: one, variables, by: () => ada });
    await expectAlike({ query: one, variables, by: () => bob });
    await expectAlike({ query: one, variables, by: () => narrowed, codes: forbidden });
    await expectAlike({ query: one, variables, by: () => admin, codes: forbidden });
  });

  it('is answered rightly when each request has other variables than the one before', async () => {
    // New documents, of which nothing is known.
    const again = ([name, each]: Named) => [name, { ...each, query: `${each.query}\n` }] as const;
    const [all, some] = [[...answered, ...notAnswered].map(again), answered.map(again)];
    const slow = new Map<string, unknown>();
    for (const [name, each] of all) slow.set(name, (await ask(each, 'slow')).answer);
    let compiled = 0;
    for (const round of [some, some.toReversed(), some, all.toReversed(), all]) {
      for (const [name, each] of round) {
        const { answer, isCompiled } = await ask(each, 'hot');
        expect(answer, name).toEqual(slow.get(name));
        if (isCompiled) compiled++;
      }
    }
    expect(compiled).toBeGreaterThan(answered.length);
  });

  it('is refused from a demotion on, and answered from the first token after a promotion', async () => {
    const variables = { filter: { role: ['ADMIN'] } };
    const eve = await asUser(server);
    const asked = (by: SignedIn, codes: readonly string[] = []): Case => ({
      query: accounts,
      variables,
      by: () => by,
      codes,
    });
    const setRole = async (role: 'ADMIN' | 'USER') => {
      const { errors } = await admin.ask(SetUserRoleDocument, { input: { userId: eve.userId, role } });
      expect(errors).toEqual([]);
    };
    await expectAlike(asked(eve, forbidden));
    await setRole('ADMIN');
    await expectAlike(asked(eve, forbidden));
    const promoted = await signIn(server, eve);
    await expectAlike(asked(promoted));
    await setRole('USER');
    await expectAlike(asked(promoted, forbidden));
  });
});

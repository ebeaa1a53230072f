/** How many statements an operation sends through the real server. A longer list never needs more. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTask, addUser, statementsOf, watchStatements } from '../integration/tasks/fixtures.ts';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asUser, type SignedIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const task = 'id title status priority dueAt createdAt owner { id username }';

describe.each(testDatabases())('statements on $name:', (database) => {
  let server: TestServer;
  let user: SignedIn;
  let admin: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    user = await asUser(server);
    admin = await asAdmin(server);
    for (const owner of [user, admin]) await makeTask(owner);
  });
  afterAll(() => server.close());

  async function makeTask({ ask }: SignedIn): Promise<void> {
    const { data } = await ask('mutation { createTask(input: { title: "A title" }) { errors { code } } }');
    expect(data.createTask.errors).toEqual([]);
  }

  async function count({ ask }: SignedIn, query: string, variables: Record<string, unknown> = {}): Promise<number> {
    const statements = await statementsOf(server.database, async () => {
      const { data, errors } = await ask(query, variables);
      expect(errors).toEqual([]);
      expect(Object.values(data)).not.toContain(null);
    });
    return statements.length;
  }

  const lists = {
    mine: `{ tasks(first: 50) { nodes { ${task} } ${page} } }`,
    everyones: `{ tasks(first: 50, filter: { everyone: true }) { edges { cursor node { ${task} } } ${page} } }`,
    accounts: `{ users(first: 50) { nodes { id username email role createdAt } ${page} } }`,
    events: `{ auditEvents(first: 50) { nodes { id type createdAt } ${page} } }`,
    sessions: `{ sessions(first: 50) { nodes { id device createdAt } ${page} } }`,
    ownEvents: `{ me { id securityEvents(first: 50) { nodes { id type } ${page} } } }`,
    ownTasks: `{ me { username tasks(first: 50) { nodes { ${task} } ${page} } } }`,
  };
  const counts = async (): Promise<Record<string, number>> => ({
    mine: await count(user, lists.mine),
    everyones: await count(admin, lists.everyones),
    accounts: await count(admin, lists.accounts),
    events: await count(admin, lists.events),
    sessions: await count(admin, lists.sessions),
    ownEvents: await count(user, lists.ownEvents),
    ownTasks: await count(user, lists.ownTasks),
  });

  it('a list of many rows takes as many as a list of few', async () => {
    const few = await counts();
    const em = server.database.fork();
    for (let more = 0; more < 60; more++) {
      await addTask(em, await addUser(em));
      if (more < 25) await makeTask(user);
    }
    expect(await counts()).toEqual(few);
  });

  it('a list with its owners takes two at most, and one without them', async () => {
    expect(await count(user, lists.mine)).toBeLessThanOrEqual(2);
    expect(await count(admin, lists.everyones)).toBeLessThanOrEqual(2);
    expect(await count(admin, '{ tasks(filter: { everyone: true }) { nodes { id title } } }')).toBe(1);
    for (const list of [lists.accounts, lists.events, lists.sessions]) expect(await count(admin, list)).toBe(1);
  });

  it('a page by a cursor takes as many as the first, whichever way', async () => {
    const read = `query ($first: Int, $after: String, $last: Int, $before: String) {
      tasks(first: $first, after: $after, last: $last, before: $before, filter: { everyone: true }) {
        nodes { ${task} } ${page}
      }
    }`;
    const first = await count(admin, read, { first: 10 });
    const { data } = await admin.ask(read, { first: 10 });
    const { endCursor } = data.tasks.pageInfo;
    expect(await count(admin, read, { first: 10, after: endCursor })).toBe(first);
    expect(await count(admin, read, { last: 5, before: endCursor })).toBe(first);
    expect(await count(admin, read, { last: 5 })).toBe(first);
  });

  it('a total is counted when it is asked for, by one statement more, and never otherwise', async () => {
    const isCount = ({ sql }: { sql: string }) => /count\s*\(/i.test(sql);
    for (const list of ['tasks', 'users', 'auditEvents', 'sessions']) {
      const without = await statementsOf(server.database, () => admin.ask(`{ ${list} { nodes { id } ${page} } }`));
      const counted = await statementsOf(server.database, () => admin.ask(`{ ${list} { totalCount nodes { id } } }`));
      expect(without.filter(isCount)).toHaveLength(0);
      expect(counted.filter(isCount)).toHaveLength(1);
      expect(counted).toHaveLength(without.length + 1);
    }
  });

  it('the tasks of several accounts take one for each account, and not more for more tasks', async () => {
    const read = (accounts: number, tasks: number) =>
      count(
        admin,
        `{ users(first: ${accounts}) { nodes { username tasks(first: ${tasks}) { nodes { id title } } } } }`,
      );
    expect(await read(1, 5)).toBeLessThanOrEqual(2);
    expect(await read(4, 5)).toBeLessThanOrEqual(5);
    expect(await read(4, 20)).toBe(await read(4, 5));
  });

  it('of one request run one after the other, and those of several at once', async () => {
    const lists = Array.from({ length: 20 }, (_, i) => `l${i}: tasks(first: ${i + 1}) { totalCount nodes { title } }`);
    const ask = async () => expect((await user.ask(`{ ${lists.join('\n')} }`)).errors).toEqual([]);
    for (let time = 0; time < 4; time++) {
      const { statements, atOnce } = await watchStatements(server.database, ask);
      expect(statements.length).toBeGreaterThanOrEqual(lists.length);
      expect(atOnce).toBe(1);
    }
    // The embedded database has one session, and keeps the process busy while it answers.
    const least = database.name === 'embedded' ? 1 : 2;
    const { atOnce } = await watchStatements(server.database, () => Promise.all([ask(), ask(), ask()]));
    expect(atOnce).toBeGreaterThanOrEqual(least);
  });

  it('creating a task takes one, with its owner or without', async () => {
    const make = (selected: string) =>
      `mutation { createTask(input: { title: "A title" }) { errors { code } ${selected} } }`;
    for (const selected of ['', 'task { title }', `task { ${task} }`]) {
      const statements = await statementsOf(server.database, async () => {
        expect((await user.ask(make(selected))).errors).toEqual([]);
      });
      expect(statements).toHaveLength(1);
    }
  });

  it('one task takes two at most, and `me` one', async () => {
    const { data } = await user.ask('{ tasks(first: 1) { nodes { id } } }');
    const [{ id }] = data.tasks.nodes;
    expect(await count(user, `query ($id: ID!) { task(id: $id) { ${task} } }`, { id })).toBeLessThanOrEqual(2);
    expect(await count(user, '{ me { id username email } }')).toBe(1);
  });
});

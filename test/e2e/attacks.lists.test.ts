/** Asking lists what their rows would not tell, each with the twin that is allowed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asOwner, asUser, type Owner, type SignedIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { CreateTaskDocument } from './documents/graphql.ts';

const page = '{ totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
const list = `query (
  $filter: TaskFilter, $orderBy: TaskOrder, $first: Int, $after: String, $last: Int, $before: String
) { tasks(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) ${page} }`;

describe.each(testDatabases())('asking lists about another’s rows, on $name', (database) => {
  let server: TestServer;
  let owner: Owner;
  /** Made before and after the owner's, so that the owner's lie in between. */
  let stranger: SignedIn;
  let admin: SignedIn;
  beforeAll(async () => {
    server = await startTestServer({ database });
    stranger = await asUser(server);
    const make = (viewer: SignedIn, title: string, priority: 'LOW' | 'URGENT' = 'URGENT') =>
      viewer.ask(CreateTaskDocument, { input: { title, priority, notes: 'a xylophone is buried here' } });
    await make(stranger, 'first of the stranger');
    owner = await asOwner(server, { title: 'middle 1 of the owner', priority: 'LOW' });
    for (const title of ['middle 2 of the owner', 'middle 3 of the owner']) await make(owner, title, 'LOW');
    await make(stranger, 'last of the stranger');
    admin = await asAdmin(server);
  });
  afterAll(() => server?.close());

  const titles = (data: { tasks: { nodes: { title: string }[] } }) => data.tasks.nodes.map(({ title }) => title);

  it('counts nobody’s rows but the viewer’s, whatever the filter', async () => {
    for (const filter of [{}, { text: 'owner' }, { priority: ['LOW'] }, { status: ['TODO'] }, { text: 'middle' }]) {
      const { data } = await stranger.ask(list, { filter });
      expect(titles(data).filter((title) => title.includes('owner'))).toEqual([]);
      expect(data.tasks.totalCount).toBe(data.tasks.nodes.length);
    }
    const { data } = await owner.ask(list, { filter: { text: 'owner' } });
    expect(data.tasks.totalCount).toBe(3);
  });

  it('says of pages what is true of the viewer’s rows alone, though others lie between and around', async () => {
    const first = await stranger.ask(list, { first: 1 });
    expect(titles(first.data)).toEqual(['last of the stranger']);
    expect(first.data.tasks.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const { endCursor: after } = first.data.tasks.pageInfo;
    const second = await stranger.ask(list, { first: 1, after });
    expect(titles(second.data)).toEqual(['first of the stranger']);
    expect(second.data.tasks.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });

    const middle = await owner.ask(list, {});
    expect(middle.data.tasks.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  });

  it('takes another’s cursor for a place in the viewer’s own list', async () => {
    const { data } = await owner.ask(list, { first: 1 });
    const { endCursor: cursor } = data.tasks.pageInfo;
    const after = await stranger.ask(list, { after: cursor });
    expect([titles(after.data), after.data.tasks.totalCount]).toEqual([['first of the stranger'], 2]);
    const before = await stranger.ask(list, { last: 5, before: cursor });
    expect([titles(before.data), before.data.tasks.totalCount]).toEqual([['last of the stranger'], 2]);
  });

  it('takes no cursor that it did not make, and tells nothing of how they are made', async () => {
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { data } = await stranger.ask(list, { first: 1 });
    const cursor: string = data.tasks.pageInfo.endCursor;
    const [name, direction, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const forged = [
      ...['', 'nonsense', '💥', `${cursor}=`, `${cursor}A`, 'x'.repeat(50_000)],
      encode([name, direction, "'; drop table tasks; --", id]),
      encode([name, direction, value, "' or true --"]),
      encode([name, 'ASC', value, id]),
      encode(['TITLE', direction, value, id]),
      encode([name, direction, { $gt: 0 }, id]),
      encode([name, direction, 1e300, id]),
      encode({ name, direction, value, id }),
      encode(null),
    ];
    for (const after of forged) {
      const { data, codes, errors } = await stranger.ask(list, { after });
      expect({ after, data, codes }).toEqual({ after, data: null, codes: ['BAD_USER_INPUT'] });
      expect(errors[0]?.message).toContain('The cursor in `after`');
    }
    expect((await stranger.ask(list, { after: cursor })).errors).toEqual([]);
  });

  it('finds nothing by the notes, not even by one’s own, and finds by title and description', async () => {
    for (const viewer of [stranger, owner, admin]) {
      expect((await viewer.ask(list, { filter: { text: 'xylophone' } })).data.tasks.totalCount).toBe(0);
    }
    const everyone = await admin.ask(list, { filter: { text: 'xylophone', everyone: true } });
    expect(everyone.data.tasks.totalCount).toBe(0);
    expect((await owner.ask(list, { filter: { text: 'MIDDLE' } })).data.tasks.totalCount).toBe(3);
  });

  it('has no wildcards and no syntax in the text it searches for', async () => {
    for (const text of ['%', '_', '\\', '.*', "' or '1'='1", 'middle%owner']) {
      expect((await owner.ask(list, { filter: { text } })).data.tasks.totalCount).toBe(0);
    }
  });

  it.each(['NOTES', 'OWNER', 'notes'])('does not sort by %s', async (field) => {
    const { codes } = await owner.ask(list, { orderBy: { field } });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  it.each([{ notes: 'xylophone' }, { ownerId_not: 'x' }, { OR: [{}] }, { owner: { email: 'x' } }])(
    'has no filter such as %o',
    async (filter) => {
      expect((await owner.ask(list, { filter })).codes).toEqual(['BAD_USER_INPUT']);
    },
  );

  it.each([
    { first: 101 },
    { first: 2_147_483_647 },
    { first: 0 },
    { first: -1 },
    { last: 101 },
    { last: -100 },
    { first: 1, last: 1 },
  ])('serves no page of %o, and one of a hundred', async (size) => {
    const refused = await owner.ask(list, size);
    expect([refused.data, refused.codes]).toEqual([null, ['BAD_USER_INPUT']]);
    expect((await owner.ask(list, { first: 100 })).data.tasks.totalCount).toBe(3);
  });

  it('looks up a hundred ids at once, and not one more', async () => {
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const ids = Array.from({ length: 101 }, () => owner.taskId);
    expect((await owner.ask(query, { ids })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await owner.ask(query, { ids: ids.slice(1) })).data.nodes).toHaveLength(100);
  });
});

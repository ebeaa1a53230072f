/** The server as Apollo Client sees it: typed documents, a normalised cache, tokens that renew themselves. */

import { randomBytes } from 'node:crypto';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { filter, firstValueFrom, from, map, shareReplay } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabases } from '../support/database.ts';
import { administrator, startTestServer, type TestServer } from '../support/server.ts';
import { createClient, InputFaults } from './client.ts';
import {
  CreateTaskDocument,
  MeDocument,
  NodeDocument,
  SetUserActiveDocument,
  TaskDocument,
  type TaskFieldsFragment,
  TaskFieldsFragmentDoc,
  TasksDocument,
  UpdateTaskDocument,
  UserDocument,
  UsersDocument,
} from './documents/graphql.ts';

describe.each(testDatabases())('Apollo Client, on $name', (database) => {
  let clock = new Date('2026-03-01T09:30:00Z');
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ database, now: () => clock });
  });
  afterAll(() => server?.close());

  const expireAccessTokens = () => {
    clock = new Date(clock.getTime() + 16 * 60_000);
  };

  /** A client of a new account, and its requests. */
  async function someone() {
    const requests: { operation: string; authorization: string | null }[] = [];
    const connection = createClient(server.url, (input, init) => {
      const { operationName } = JSON.parse(String(init?.body));
      requests.push({ operation: operationName, authorization: new Headers(init?.headers).get('authorization') });
      return fetch(input, init);
    });
    const username = `u${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('base64url');
    await connection.register({ username, email: `${username}@example.com`, password });
    const create = async (title: string): Promise<TaskFieldsFragment> => {
      const { data } = await connection.client.mutate({
        mutation: CreateTaskDocument,
        variables: { input: { title } },
      });
      return data!.createTask.task!;
    };
    return { ...connection, username, password, create, requests, sent: () => requests.map((one) => one.operation) };
  }

  async function administration() {
    const connection = createClient(server.url);
    await connection.signIn(administrator.username, administrator.password);
    return connection;
  }

  describe('signing in', () => {
    it('registers, and knows the viewer from then on', async () => {
      const { client, username } = await someone();
      const { data } = await client.query({ query: MeDocument });
      expect(data?.me).toMatchObject({ username, email: `${username}@example.com`, role: 'USER' });
    });

    it('signs in to an existing account, and out again', async () => {
      const { username, password } = await someone();
      const { client, signIn, signOut } = createClient(server.url);
      await signIn(username, password);
      expect((await client.query({ query: MeDocument })).data?.me.username).toBe(username);
      await signOut();
      await expect(client.query({ query: MeDocument })).rejects.toSatisfy(isDenied('UNAUTHENTICATED'));
    });

    it('as another user shows nothing that the first has read', async () => {
      const [first, second] = [await someone(), await someone()];
      expect((await first.client.query({ query: MeDocument })).data?.me.username).toBe(first.username);
      // From the cache, until another user signs in.
      await first.client.query({ query: MeDocument });
      expect(first.sent().filter((name) => name === 'Me')).toHaveLength(1);
      await first.signIn(second.username, second.password);
      expect((await first.client.query({ query: MeDocument })).data?.me.username).toBe(second.username);
    });

    it('out forgets the tokens and the cache, even if the server cannot be told', async () => {
      const { username, password } = await someone();
      let isOffline = false;
      const connection = createClient(server.url, (input, init) =>
        isOffline ? Promise.reject(new TypeError('offline')) : fetch(input, init),
      );
      await connection.signIn(username, password);
      await connection.client.query({ query: MeDocument });
      isOffline = true;
      await expect(connection.signOut()).rejects.toThrow('offline');
      isOffline = false;
      expect(connection.session()).toBeNull();
      await expect(connection.client.query({ query: MeDocument })).rejects.toSatisfy(isDenied('UNAUTHENTICATED'));
    });

    it('fails with a wrong password, which comes back as data', async () => {
      const { username } = await someone();
      const { session, signIn } = createClient(server.url);
      const refusal = await signIn(username, 'not the password').catch((error) => error);
      expect(refusal).toBeInstanceOf(InputFaults);
      expect(refusal.faults).toMatchObject([{ path: ['input'], code: 'INVALID_CREDENTIALS' }]);
      expect(session()).toBeNull();
    });
  });

  describe('one’s own tasks', () => {
    it('are listed page by page, and joined in the cache', async () => {
      const { client, create } = await someone();
      for (const title of ['one', 'two', 'three', 'four', 'five']) await create(title);
      const variables = { first: 2, orderBy: { field: 'TITLE', direction: 'ASC' } } as const;
      const list = client.watchQuery({ query: TasksDocument, variables });
      const pages = from(list).pipe(
        map(({ data }) => data?.tasks?.edges?.map((edge) => edge?.node?.title) ?? []),
        shareReplay({ bufferSize: 1, refCount: false }),
      );
      const listing = (count: number) => firstValueFrom(pages.pipe(filter((titles) => titles.length === count)));

      expect(await listing(2)).toEqual(['five', 'four']);
      let info = list.getCurrentResult().data?.tasks?.pageInfo;
      for (let read = 2; info?.hasNextPage; read += 2) {
        const { data } = await list.fetchMore({ variables: { after: info.endCursor ?? null } });
        expect(data?.tasks.totalCount).toBe(5);
        expect(await listing(Math.min(read + 2, 5))).toEqual(
          ['five', 'four', 'one', 'three', 'two'].slice(0, read + 2),
        );
        info = data?.tasks.pageInfo;
      }
      expect(await listing(5)).toHaveLength(5);
      client.stop();
    });

    it('change everywhere at once: a task has one place in the cache, by its global id', async () => {
      const { client, create, sent } = await someone();
      const { id } = await create('Before');
      await client.query({ query: TasksDocument });
      await client.query({ query: TaskDocument, variables: { id } });
      const input = { id, title: 'After', status: 'DONE' } as const;
      await client.mutate({ mutation: UpdateTaskDocument, variables: { input } });

      const asked = sent().length;
      const list = await client.query({ query: TasksDocument });
      const one = await client.query({ query: TaskDocument, variables: { id } });
      expect(sent()).toHaveLength(asked);
      expect(list.data?.tasks.edges.map(({ node }) => node.title)).toEqual(['After']);
      expect(one.data?.task).toMatchObject({ title: 'After', status: 'DONE', version: 2 });
      expect(
        client.readFragment({
          from: { __typename: 'Task', id },
          fragment: TaskFieldsFragmentDoc,
          fragmentName: 'TaskFields',
        }),
      ).toMatchObject({ title: 'After' });
    });

    it('come back as data, with every fault at once, when an input is wrong', async () => {
      const { client } = await someone();
      const input = { title: ' ', description: 'x'.repeat(10_001) };
      const { data } = await client.mutate({ mutation: CreateTaskDocument, variables: { input } });
      expect(data?.createTask).toMatchObject({
        task: null,
        errors: [
          { path: ['input', 'title'], code: 'TOO_SHORT' },
          { path: ['input', 'description'], code: 'TOO_LONG' },
        ],
      });
    });
  });

  describe('another user’s data', () => {
    it('is refused with what would have been enough, beside one’s own data', async () => {
      const { client, session, username } = await someone();
      const { data, error } = await client.query({
        query: UserDocument,
        variables: { id: session()!.userId },
        errorPolicy: 'all',
      });
      expect(data).toEqual({ user: null });
      expect(CombinedGraphQLErrors.is(error) && error.errors).toMatchObject([
        {
          path: ['user'],
          extensions: { code: 'FORBIDDEN', requires: { scopes: [['user:read:any']], roles: ['ADMIN'], policies: [] } },
        },
      ]);
      expect((await client.query({ query: MeDocument })).data?.me.username).toBe(username);
    });

    it('comes as an exception with the partial data, unless the client asks otherwise', async () => {
      const { client, session } = await someone();
      const refusal = await client
        .query({ query: UserDocument, variables: { id: session()!.userId } })
        .catch((error) => error);
      expect(refusal).toSatisfy(isDenied('FORBIDDEN'));
      expect(refusal.data).toEqual({ user: null });
    });

    it('is served to a viewer with the rights', async () => {
      const { username } = await someone();
      const { client } = await administration();
      const { data } = await client.query({ query: UsersDocument, variables: { filter: { text: username } } });
      expect(data?.users.nodes).toMatchObject([{ username, isActive: true }]);
    });

    it('looks missing when it is another’s task, by every way', async () => {
      const owner = await someone();
      const { id } = await owner.create('Mine');
      const { client } = await someone();
      expect((await client.query({ query: TaskDocument, variables: { id } })).data).toEqual({ task: null });
      expect((await client.query({ query: NodeDocument, variables: { id } })).data).toEqual({ node: null });
      expect((await client.query({ query: TasksDocument })).data?.tasks).toMatchObject({ edges: [], totalCount: 0 });
      const input = { id, title: 'Yours' };
      await expect(client.mutate({ mutation: UpdateTaskDocument, variables: { input } })).rejects.toSatisfy(
        isDenied('FORBIDDEN'),
      );
      const { data } = await owner.client.query({ query: TaskDocument, variables: { id } });
      expect(data?.task).toMatchObject({ title: 'Mine', version: 1 });
    });
  });

  describe('an access token that has expired', () => {
    it('is renewed once, without an Authorization header, and the operation is sent again', async () => {
      const { client, username, requests, session } = await someone();
      const old = session()!;
      expireAccessTokens();
      requests.length = 0;
      expect((await client.query({ query: MeDocument })).data?.me.username).toBe(username);
      expect(requests).toEqual([
        { operation: 'Me', authorization: `Bearer ${old.accessToken}` },
        { operation: 'Refresh', authorization: null },
        { operation: 'Me', authorization: `Bearer ${session()!.accessToken}` },
      ]);
      expect(session()!.refreshToken).not.toBe(old.refreshToken);
    });

    it('is renewed once for all the operations that are under way', async () => {
      const { client, create, requests, sent } = await someone();
      const tasks = await Promise.all(['one', 'two', 'three'].map(create));
      expireAccessTokens();
      requests.length = 0;
      const [me, list, ...each] = await Promise.all([
        client.query({ query: MeDocument }),
        client.query({ query: TasksDocument }),
        ...tasks.map(({ id }) => client.query({ query: TaskDocument, variables: { id } })),
      ]);
      expect(sent().filter((operation) => operation === 'Refresh')).toHaveLength(1);
      expect(me.data?.me.role).toBe('USER');
      expect(list.data?.tasks.totalCount).toBe(3);
      expect(each.map(({ data }) => data?.task?.title)).toEqual(['one', 'two', 'three']);
    });

    it('is renewed each time that it expires', async () => {
      const { client, sent } = await someone();
      for (const round of [1, 2, 3]) {
        expireAccessTokens();
        await client.query({ query: MeDocument, fetchPolicy: 'network-only' });
        expect(sent().filter((operation) => operation === 'Refresh')).toHaveLength(round);
      }
    });

    it('leaves its holder signed out, after one attempt, when the refresh token is dead as well', async () => {
      const { client, session, sent, requests } = await someone();
      const { client: admin } = await administration();
      await admin.mutate({
        mutation: SetUserActiveDocument,
        variables: { input: { userId: session()!.userId, isActive: false } },
      });
      requests.length = 0;
      await expect(client.query({ query: MeDocument })).rejects.toSatisfy(isDenied('UNAUTHENTICATED'));
      expect(sent()).toEqual(['Me', 'Refresh']);
      expect(session()).toBeNull();

      // From then on nobody is signed in, so there is nothing to renew.
      await expect(client.query({ query: MeDocument })).rejects.toSatisfy(isDenied('UNAUTHENTICATED'));
      expect(sent()).toEqual(['Me', 'Refresh', 'Me']);
    });
  });
});

function isDenied(code: string) {
  return (error: unknown): boolean =>
    CombinedGraphQLErrors.is(error) && error.errors.length === 1 && error.errors[0]?.extensions?.code === code;
}

/**
 * Compares the real server over HTTP, with all its fast paths, to graphql-js on the same data. No fast path may answer
 * what the guard would deny. test/unit/authorization/differential.test.ts tests the guard under graphql-js itself.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { type GraphQLFormattedError, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardSchema } from '../../src/api/schema.ts';
import { fromGlobalId } from '../../src/database/ids.ts';
import type { Viewer } from '../../src/users/viewer.ts';
import { testDatabases } from '../support/database.ts';
import { asAdmin, asAnonymous, asOwner, type Owner, type Persona, type SignedIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { randomOf } from '../unit/authorization/differential.world.ts';
import { type Arguments, queryOf } from './differential.queries.ts';
import { CreateTaskDocument } from './documents/graphql.ts';

/** The least number of queries; more if chance has shown too few of either outcome. */
const queries = 40;
const queriesAtMost = 10 * queries;
/** Enough to make an operation hot. */
const times = 7;

describe.each(testDatabases())('on the $name database, over HTTP', (database) => {
  let server: TestServer;
  let ada: Owner;
  let admin: SignedIn;
  let given: Arguments;

  beforeAll(async () => {
    const env = { NODE_ENV: 'production', JWT_SECRET: randomBytes(48).toString('base64') };
    server = await startTestServer({ database, env });
    ada = await asOwner(server);
    const bob = await asOwner(server);
    admin = await asAdmin(server);
    for (let i = 0; i < 5; i++) {
      const input = {
        title: `Task ${i} “ÄÖ” \u{1f600}`,
        description: i % 2 ? 'Plain' : null,
        dueAt: '2030-01-02T03:04:05.600Z',
      };
      await [ada, bob, admin][i % 3]?.ask(CreateTaskDocument, { input });
    }
    const lists = ['first: 3', 'first: 2, orderBy: { field: TITLE, direction: ASC }', 'last: 2'];
    const everyones = ['first: 3, filter: { everyone: true }', 'filter: { everyone: true, text: "task" }, first: 4'];
    const tasks = [ada.taskId, bob.taskId, 'task_nonsense'].map((id) => `id: "${id}"`);
    const users = [ada.userId, bob.userId, admin.userId].map((id) => `id: "${id}"`);
    given = {
      'Query.tasks': [...lists, ...everyones, 'first: 2, filter: { status: [TODO] }'],
      'Query.task': tasks,
      'Query.user': users,
      'Query.users': ['first: 2', 'first: 3, filter: { text: "a" }'],
      'Query.node': [...tasks, ...users],
      'Query.nodes': [`ids: ["${ada.taskId}", "${bob.taskId}", "${ada.userId}"]`],
      'Query.auditEvents': ['first: 3, filter: { type: [REGISTERED] }'],
      'Query.sessions': ['first: 2'],
      'User.tasks': lists,
      // This test's own denials appear there a moment later.
      'User.securityEvents': [],
    };
  });
  afterAll(() => server?.close());

  /** Executes with graphql-js, without compiled code. */
  const slow = guardSchema({ compile: false });

  async function reference(query: string, viewer: Viewer | null) {
    const contextValue = {
      viewer,
      em: server.database.fork(),
      rows: (type: string) => slow.rows(type, contextValue),
      now: () => new Date(),
      request: () => ({ now: new Date() }),
      authentication: { refreshTokenTtl: 30 * 86_400 },
    };
    return await slow.execute({ document: parse(query), contextValue });
  }

  function answerOf(data: unknown, errors: readonly GraphQLFormattedError[] = []) {
    const told = errors.map(({ message, path, extensions }) => `${extensions?.code} ${path?.join('.')} ${message}`);
    return { data: JSON.parse(JSON.stringify(data ?? null)), errors: told.sort() };
  }

  function viewerOf({ session }: SignedIn): Viewer {
    const payload = session.accessToken.split('.')[1] as string;
    const { sub, sid, role, scope } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const ids = { id: fromGlobalId('user', sub), sessionId: fromGlobalId('session', sid) };
    return { ...ids, roles: [role], scopes: scope.split(' ') } as Viewer;
  }

  const seed = randomInt(2 ** 31);

  it.each(['a user', 'an administrator', 'nobody'] as const)(
    `answers %s as graphql-js does (seed ${seed})`,
    async (who) => {
      const asker: SignedIn | null = who === 'nobody' ? null : who === 'a user' ? ada : admin;
      const persona: Persona = asker ?? asAnonymous(server);
      const before = server.server.compiled()?.answers ?? 0;
      let [withData, denied] = [0, 0];
      const hasSeenBoth = () => denied > queries / 20 && (!asker || withData > queries / 4);
      for (let i = 0; i < queries || (i < queriesAtMost && !hasSeenBoth()); i++) {
        const query = queryOf(slow.schema, given, randomOf(seed + i));
        expect(validate(slow.schema, parse(query)), query).toEqual([]);
        const { data, errors } = await reference(query, asker && viewerOf(asker));
        const told = errors?.map((error) => error.toJSON());
        const expected = answerOf(data, told);
        for (let time = 0; time < times; time++) {
          const answer = await persona.ask(query);
          expect(answerOf(answer.data, answer.errors), `${query}\nfor the time ${time + 1}`).toEqual(expected);
        }
        if (data && Object.values(data).some((value) => typeof value === 'object' && value !== null)) withData++;
        if (errors?.length) denied++;
      }
      // Both outcomes of the guard occurred, and compiled code answered.
      expect(denied).toBeGreaterThan(queries / 20);
      if (!asker) return;
      expect(withData).toBeGreaterThan(queries / 4);
      // The share of compiled answers depends on the time that compiling takes, and so on the machine.
      expect((server.server.compiled()?.answers ?? 0) - before).toBeGreaterThan(queries / 4);
    },
  );
});

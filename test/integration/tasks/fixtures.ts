/** Accounts and tasks for tests, and the statements that the database received. */
import { readdirSync, readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { type ExecutionResult, graphql } from 'graphql';
import type { CompiledQuery, Kysely } from 'kysely';
import { dateTime } from '../../../src/api/date-time.ts';
import { nodeResolvers } from '../../../src/api/node.resolvers.ts';
import { guardSchema } from '../../../src/api/schema.ts';
import type { RequestInfo } from '../../../src/audit/request-info.ts';
import { createSessionView } from '../../../src/authentication/sessions/session-view.ts';
import type { ViewerRows } from '../../../src/authorization/guard.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { newId, toGlobalId } from '../../../src/database/ids.ts';
import type { Connection } from '../../../src/lists/connection.ts';
import { Task, type TaskRow } from '../../../src/tasks/task.entity.ts';
import { taskResolvers } from '../../../src/tasks/task.resolvers.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import { User } from '../../../src/users/user.entity.ts';
import { userResolvers } from '../../../src/users/user.resolvers.ts';
import type { Viewer } from '../../../src/users/viewer.ts';

export const start = new Date('2026-03-01T09:30:00.000Z');

/** This many milliseconds after the start. */
export function later(milliseconds: number): Date {
  return new Date(start.getTime() + milliseconds);
}

/** A row in the form of an answer: its moments are text. */
export function written<Row extends object>(row: Row): object {
  const isDate = (value: unknown): value is Date => value instanceof Date;
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, isDate(value) ? value.toISOString() : value]),
  );
}

export interface Account {
  id: string;
  globalId: string;
  viewer: Viewer;
}

export async function addUser(
  em: EntityManager,
  changes: Partial<Pick<User, 'username' | 'displayName' | 'role' | 'isActive' | 'createdAt'>> = {},
): Promise<Account> {
  const id = newId();
  const { username = `name${id}`, displayName = 'A name', role = 'USER', isActive = true, createdAt = start } = changes;
  await em.insert(User, {
    id,
    username,
    usernameKey: username.toLowerCase(),
    email: `${id}@example.com`,
    emailKey: `${id}@example.com`,
    displayName,
    passwordHash: 'none',
    role,
    isActive,
    sessionsValidFrom: start,
    createdAt,
    updatedAt: createdAt,
  });
  return { id, globalId: toGlobalId('user', id), viewer: viewerOf(id, role) };
}

/** A viewer with all scopes of the role. */
export function viewerOf(id: string, role: User['role'] = 'USER'): Viewer {
  return { id, roles: [role], scopes: scopesOfRole[role], sessionId: newId() };
}

export async function addTask(
  em: EntityManager,
  owner: Account,
  changes: Partial<Omit<TaskRow, 'ownerId'>> = {},
): Promise<TaskRow & { globalId: string }> {
  const task: TaskRow = {
    id: newId(),
    ownerId: owner.id,
    title: 'A title',
    description: null,
    notes: null,
    status: 'TODO',
    priority: 'NORMAL',
    dueAt: null,
    completedAt: null,
    version: 1,
    createdAt: start,
    updatedAt: start,
    ...changes,
  };
  await em.insert(Task, task);
  return { ...task, globalId: toGlobalId('task', task.id) };
}

/** The task as it is stored; null if there is none. */
export async function storedTask(database: Database, id: string): Promise<TaskRow | null> {
  return (await database.fork().findOne(Task, { id })) as TaskRow | null;
}

/** The statements that `work` sends outside transactions. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<CompiledQuery[]> {
  return (await watchStatements(database, work)).statements;
}

/** The same statements, and the most that ran at once. */
export async function watchStatements(
  database: Database,
  work: () => Promise<unknown>,
): Promise<{ statements: CompiledQuery[]; atOnce: number }> {
  const executor = (database.fork().getKysely() as unknown as Kysely<unknown>).getExecutor();
  const statements: CompiledQuery[] = [];
  let [underWay, atOnce] = [0, 0];
  const original = executor.executeQuery;
  executor.executeQuery = (async (query: CompiledQuery, ...rest: []) => {
    statements.push(query);
    atOnce = Math.max(atOnce, ++underWay);
    try {
      return await original.call(executor, query, ...rest);
    } finally {
      underWay--;
    }
  }) as typeof original;
  try {
    await work();
  } finally {
    executor.executeQuery = original;
  }
  return { statements, atOnce };
}

/** All rows, by walking through pages of this size to the end. */
export async function walk<Row>(
  direction: 'forward' | 'backward',
  size: number,
  read: (page: { first?: number; after?: string; last?: number; before?: string }) => Promise<Connection<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await read(direction === 'forward' ? { first: size, after: cursor } : { last: size, before: cursor });
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    if (direction === 'forward') rows.push(...page.nodes);
    else rows.unshift(...page.nodes);
    const isMore = direction === 'forward' ? hasNextPage : hasPreviousPage;
    const isBehind = direction === 'forward' ? hasPreviousPage : hasNextPage;
    if (isBehind !== (cursor !== undefined)) throw new Error('the page does not know what lies behind it');
    if (!isMore) return rows;
    cursor = (direction === 'forward' ? endCursor : startCursor) ?? undefined;
  }
}

/** The nouns' schema without its guards, to show what services refuse by themselves. */
const schema = makeExecutableSchema({
  typeDefs: readdirSync('schema').map((file) => readFileSync(`schema/${file}`, 'utf8')),
  resolvers: [{ DateTime: dateTime }, taskResolvers, userResolvers, nodeResolvers],
});

/** Marks what was read; it is not asked otherwise. */
const guard = guardSchema({});

/** Runs an operation, with no guard before it. */
export async function ask(
  database: Database,
  viewer: Viewer | null,
  source: string,
  variableValues: Record<string, unknown> = {},
): Promise<ExecutionResult> {
  const request = (): RequestInfo => ({ now: start, address: null, userAgent: null, requestId: null });
  const sessions = await createSessionView(database);
  try {
    const authentication = { sessions, refreshTokenTtl: 30 * 86_400 };
    const rows = (type: string): ViewerRows => guard.rows(type, contextValue);
    const contextValue = { viewer, em: database.fork(), rows, now: () => start, request, authentication };
    return await graphql({ schema, source, variableValues, contextValue });
  } finally {
    await sessions.close();
  }
}

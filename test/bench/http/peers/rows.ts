/** The statements of the peers: plain SQL through `pg`, each prepared. */
import DataLoader from 'dataloader';
import { Pool } from 'pg';
import { typeid } from 'typeid-js';
import { databaseUrl, poolSize } from './environment.ts';

export interface TaskRow {
  readonly id: string;
  readonly ownerId: string;
  readonly title: string;
  readonly description: string | null;
  readonly notes: string | null;
  readonly status: string;
  readonly priority: string;
  readonly version: number;
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: string;
  readonly isActive: boolean;
}

export interface TaskInput {
  readonly title: string;
  readonly description?: string | null;
}

const pool = new Pool({ connectionString: databaseUrl, max: poolSize });

const taskColumns = `id, owner_id as "ownerId", title, description, notes, status, priority, version,
  due_at as "dueAt", created_at as "createdAt", updated_at as "updatedAt"`;
const userColumns = `id, username, display_name as "displayName", role, is_active as "isActive"`;

async function read<Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> {
  return (await pool.query<Row>({ name, text, values })).rows;
}

/** Newest first; of all owners if `ownerId` is null. */
export function listTasks(ownerId: string | null, first: number): Promise<TaskRow[]> {
  const order = 'order by created_at desc, id desc limit';
  return ownerId === null
    ? read('everyones', `select ${taskColumns} from tasks ${order} $1`, [first])
    : read('own', `select ${taskColumns} from tasks where owner_id = $1 ${order} $2`, [ownerId, first]);
}

export async function findTask(ownerId: string, id: string): Promise<TaskRow | null> {
  const [task] = await read<TaskRow>('task', `select ${taskColumns} from tasks where id = $1 and owner_id = $2`, [
    id,
    ownerId,
  ]);
  return task ?? null;
}

export async function createTask(ownerId: string, { title, description = null }: TaskInput): Promise<TaskRow> {
  const [task] = await read<TaskRow>(
    'create',
    `insert into tasks (id, owner_id, title, description, status, priority, version, created_at, updated_at)
     values ($1, $2, $3, $4, 'TODO', 'NORMAL', 1, now(), now()) returning ${taskColumns}`,
    [typeid().toUUID(), ownerId, title, description],
  );
  return task as TaskRow;
}

export function findUsers(ids: readonly string[]): Promise<UserRow[]> {
  return read('users', `select ${userColumns} from users where id = any($1)`, [ids]);
}

/** In the order of the ids, as DataLoader and the loaders of Mercurius require. */
export async function usersOf(ids: readonly string[]): Promise<UserRow[]> {
  const users = new Map((await findUsers([...new Set(ids)])).map((user) => [user.id, user]));
  return ids.map((id) => users.get(id) as UserRow);
}

/** One for each request. */
export function userLoader(): DataLoader<string, UserRow> {
  return new DataLoader(usersOf);
}

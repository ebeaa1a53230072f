/**
 * A handler without GraphQL: node:http, the same check of the token, the same question in a prepared statement,
 * JSON.stringify. It does only what every server must do.
 */
import { createHash, createSecretKey } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { Pool } from 'pg';
import { TypeID, typeid } from 'typeid-js';

const { DATABASE_URL, POOL_SIZE, JWT_SECRET = '', JWT_ISSUER, JWT_AUDIENCE, PORT } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: Number(POOL_SIZE) });
const key = createSecretKey(Buffer.from(JWT_SECRET));

interface Viewer {
  readonly id: string;
  readonly role: string;
}

/** Verified tokens by their hash, as in Gatewright. */
const verified = new LRUCache<string, Viewer & { exp: number }>({ max: 10_000 });

function viewerOf(authorization: string | undefined): Viewer | null {
  if (!authorization?.startsWith('Bearer ')) return null;
  const token = authorization.slice(7);
  const digest = createHash('sha256').update(token).digest('base64');
  const known = verified.get(digest);
  if (known) return known.exp > Date.now() / 1000 ? known : null;
  try {
    const options = { algorithms: ['HS256' as const], issuer: JWT_ISSUER, audience: JWT_AUDIENCE };
    const { sub, role, exp } = jwt.verify(token, key, options as jwt.VerifyOptions) as jwt.JwtPayload;
    const viewer = { id: TypeID.fromString(String(sub), 'user').toUUID(), role: String(role), exp: Number(exp) };
    verified.set(digest, viewer);
    return viewer;
  } catch {
    return null;
  }
}

const task = `t.id, t.title, t.description, t.notes, t.status, t.priority, t.version, t.due_at as "dueAt",
  t.created_at as "createdAt", t.updated_at as "updatedAt",
  u.id as "ownerId", u.username, u.display_name as "displayName"`;
const from = 'from tasks t join users u on u.id = t.owner_id';
const newest = 'order by t.created_at desc, t.id desc';

type Row = Record<string, unknown>;

async function read(name: string, text: string, values: unknown[]): Promise<Row[]> {
  return (await pool.query<Row>({ name, text, values })).rows;
}

function withOwner({ ownerId, username, displayName, ...rest }: Row): Row {
  return { ...rest, owner: { id: ownerId, username, displayName } };
}

type Handler = (viewer: Viewer, body: Record<string, string>) => Promise<unknown>;

const handlers: Record<string, Handler> = {
  '/my-tasks': async ({ id }) => ({
    tasks: (await read('tasks', `select ${task} ${from} where t.owner_id = $1 ${newest} limit 50`, [id])).map(
      withOwner,
    ),
  }),
  '/one-task': async (viewer, { id }) => {
    const rows = await read('task', `select ${task} ${from} where t.id = $1 and t.owner_id = $2`, [id, viewer.id]);
    return { task: rows[0] ? withOwner(rows[0]) : null };
  },
  '/me': async ({ id }) => {
    const text = 'select id, username, display_name as "displayName", role from users where id = $1';
    return { me: (await read('me', text, [id]))[0] };
  },
  '/create-a-task': async ({ id }, { title, description }) => {
    const rows = await read(
      'create',
      `with t as (insert into tasks (id, owner_id, title, description, status, priority, version, created_at, updated_at)
         values ($1, $2, $3, $4, 'TODO', 'NORMAL', 1, now(), now()) returning *) select ${task} from t
         join users u on u.id = t.owner_id`,
      [typeid().toUUID(), id, title, description],
    );
    return { createTask: withOwner(rows[0] as Row) };
  },
  '/everyone-s-tasks': async ({ role }) => {
    if (role !== 'ADMIN') return { tasks: null };
    const columns = task.replace('t.notes, ', '');
    return { tasks: (await read('everyone', `select ${columns} ${from} ${newest} limit 50`, [])).map(withOwner) };
  },
  '/a-denied-field': async ({ id, role }) => {
    const text = `select t.id, t.title, u.id as "ownerId", u.is_active as "isActive" ${from}
      where t.owner_id = $1 ${newest} limit 20`;
    return {
      tasks: (await read('denied', text, [id])).map(({ ownerId, isActive, ...rest }) => ({
        ...rest,
        owner: { id: ownerId, isActive: role === 'ADMIN' ? isActive : null },
      })),
    };
  },
};

const server = createServer((request, response) => {
  const viewer = viewerOf(request.headers.authorization);
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => {
    body += chunk;
  });
  request.on('end', () => {
    if (!viewer) return send(response, 401, { data: null, errors: [{ message: 'Sign in.' }] });
    handle(request, viewer, body).then(
      (data) => send(response, 200, { data, ...(request.url === '/a-denied-field' && { errors: ['isActive'] }) }),
      () => send(response, 500, { data: null }),
    );
  });
});
server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`ready on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function handle({ url = '' }: IncomingMessage, viewer: Viewer, body: string): Promise<unknown> {
  return await handlers[url]?.(viewer, JSON.parse(body));
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  const text = JSON.stringify(answer);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

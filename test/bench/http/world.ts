/** The database for all servers, and the users who ask. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { sharedOptions } from '../../../mikro-orm.config.ts';
import { loadSigningKeys } from '../../../src/authentication/keys/signing-keys.ts';
import { createAccessTokens } from '../../../src/authentication/tokens/access-token.ts';
import { openDatabase } from '../../../src/database/connection.ts';
import { newId } from '../../../src/database/ids.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import type { Subject } from './contestant.ts';

export interface World {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly users: readonly Subject[];
  readonly administrator: Subject;
}

export interface Size {
  readonly users: number;
  /** Tasks of each user. */
  readonly tasks: number;
}

export const issuer = 'http://localhost:4000';
export const audience = 'http://localhost:4000/graphql';

/** How many different users ask. */
const askers = 32;

/** Fills an empty database. */
export async function makeWorld(databaseUrl: string, size: Size): Promise<World> {
  const options = { ...sharedOptions, logger: () => {} };
  const database = await openDatabase({ kind: 'postgresql', url: databaseUrl }, options);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await database.migrate();
    await fill(client, size);
    const secret = randomBytes(48).toString('base64');
    const settings = { secret, algorithm: 'HS256', accessTokenTtl: 86_400, now: new Date() } as const;
    const keys = await loadSigningKeys(database.fork(), settings);
    const tokens = createAccessTokens({ keys, issuer, audience, ttl: 86_400 });
    const { rows } = await client.query<{ id: string; role: 'USER' | 'ADMIN'; task: string }>(
      `select u.id, u.role, min(t.id::text) as task from users u join tasks t on t.owner_id = u.id
       where u.username = any($1) group by u.id, u.role, u.username order by u.username`,
      [['admin', ...Array.from({ length: Math.min(askers, size.users) }, (_, i) => `user${i + 1}`)]],
    );
    const subjects: { role: 'USER' | 'ADMIN'; subject: Subject }[] = [];
    for (const { id: userId, role, task: taskId } of rows) {
      const sessionId = newId();
      await client.query(
        `insert into sessions (id, user_id, created_at, last_used_at, expires_at)
         values ($1, $2, now(), now(), now() + interval '1 day')`,
        [sessionId, userId],
      );
      const { token } = await tokens.issue({ userId, sessionId, role, scopes: scopesOfRole[role] }, new Date());
      subjects.push({ role, subject: { userId, taskId, token } });
    }
    const [administrator] = subjects.filter(({ role }) => role === 'ADMIN');
    if (!administrator) throw new Error('There is no administrator.');
    const users = subjects.filter(({ role }) => role === 'USER').map(({ subject }) => subject);
    return { databaseUrl, secret, users, administrator: administrator.subject };
  } finally {
    await client.end();
    await database.close();
  }
}

async function fill(client: Client, { users, tasks }: Size): Promise<void> {
  await client.query(
    `insert into users (id, username, username_key, email, email_key, display_name, password_hash, role, is_active,
       sessions_valid_from, created_at, updated_at)
     select gen_random_uuid(), name, name, name || '@example.com', name || '@example.com', 'The user ' || name, 'none',
       case when name = 'admin' then 'ADMIN' else 'USER' end::user_role, true,
       now() - interval '1 day', now() - interval '1 day', now() - interval '1 day'
     from (select 'user' || g as name from generate_series(1, $1::int) g union all select 'admin') names`,
    [users],
  );
  await client.query(
    `insert into tasks (id, owner_id, title, description, notes, status, priority, due_at, version, created_at, updated_at)
     select gen_random_uuid(), u.id, 'Task ' || g || ' of ' || u.username || ', a line of text',
       'What is to be done, told in about a hundred and twenty characters, as people do it: ' || md5(u.id::text || g),
       case when g % 2 = 0 then 'Notes that nobody else reads ' || g end,
       (array['TODO', 'IN_PROGRESS', 'DONE'])[1 + g % 3]::task_status,
       (array['LOW', 'NORMAL', 'HIGH', 'URGENT'])[1 + g % 4]::task_priority,
       case when g % 2 = 0 then date_trunc('hour', now()) + g * interval '1 hour' end, 1,
       now() - interval '2 days' - g * interval '1 minute' - random() * interval '1 minute',
       now() - interval '2 days'
     from users u, generate_series(1, $1::int) g`,
    [tasks],
  );
  // Gatewright's own index of everyone's tasks serves only statements that name its condition. The other servers get
  // one as well.
  await client.query('create index on tasks (created_at, id)');
  await client.query('vacuum analyze');
}

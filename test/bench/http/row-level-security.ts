/**
 * The SQL that PostGraphile's documentation asks for: roles, their privileges, and policies for rows. It does not
 * concern the other servers, because they sign in as the owner of the tables, and policies do not bind the owner.
 * https://postgraphile.org/postgraphile/5/security and https://postgraphile.org/postgraphile/5/postgresql-schema-design
 */
import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import type { Cleanup } from '../login/cleanup.ts';

/**
 * @returns the address of the database for its own account, which may take the roles.
 * @throws Error if the account of DATABASE_URL may not make roles.
 */
export async function secureRows(client: Client, databaseUrl: string, cleanup: Cleanup): Promise<string> {
  const url = new URL(databaseUrl);
  const database = url.pathname.slice(1);
  const password = randomBytes(24).toString('hex');
  const [login, anonymous, user, admin] = ['login', 'anonymous', 'user', 'admin'].map((role) => `${database}_${role}`);
  cleanup.add('roles are left over', async () => {
    for (const role of [login, anonymous, user, admin]) await client.query(`drop owned by ${role}; drop role ${role}`);
  });
  await client.query(`
    create role ${anonymous};
    create role ${user};
    create role ${admin};
    create role ${login} login noinherit password '${password}';
    grant ${anonymous}, ${user}, ${admin} to ${login};

    create function viewer_id() returns uuid language sql stable
      as $$ select nullif(current_setting('jwt.claims.user_id', true), '')::uuid $$;
    create function me() returns users language sql stable security definer set search_path to public
      as $$ select * from users where id = viewer_id() $$;
    revoke execute on function me() from public;
    comment on function viewer_id() is '@behavior -*';
    comment on constraint tasks_owner_id_foreign on tasks is '@fieldName owner';

    grant select (id, username, display_name, role) on users to ${user}, ${admin};
    grant select (is_active) on users to ${admin};
    grant execute on function me() to ${user}, ${admin};

    alter table tasks alter id set default gen_random_uuid(), alter owner_id set default viewer_id(),
      alter status set default 'TODO', alter priority set default 'NORMAL',
      alter created_at set default now(), alter updated_at set default now();
    alter table tasks enable row level security;
    create policy own on tasks to ${user} using (owner_id = (select viewer_id()));
    create policy everyones on tasks for select to ${admin} using (true);
    grant select, insert (title, description) on tasks to ${user};
    grant select (id, owner_id, title, description, status, priority, version, due_at, created_at, updated_at)
      on tasks to ${admin};
  `);
  Object.assign(url, { username: login, password });
  return url.href;
}

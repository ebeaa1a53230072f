import { Migration } from '@mikro-orm/migrations';

export class Migration20261126000000_list_indexes extends Migration {
  override name = 'Migration20261126000000_list_indexes';

  override up(): void | Promise<void> {
    // An index of a large table may take longer than DATABASE_TIMEOUT, which is for requests.
    this.addSql('set local statement_timeout = 0;');
    this.addSql('set local lock_timeout = 0;');
    // Trusted since PostgreSQL 13: the owner of the database may create it, if its files are installed.
    this.addSql(
      `do $$ begin
        create extension if not exists pg_trgm;
      exception when others then
        raise exception 'Finding text needs the extension pg_trgm (%): install the contrib package of PostgreSQL on the server, such as postgresql-contrib, or let an administrator of this database run: create extension pg_trgm', sqlerrm
        using errcode = sqlstate;
      end $$;`,
    );
    this.addSql(`create index "users_role_created_at_id_index" on "users" ("role", "created_at", "id");`);
    this.addSql(`create index "users_is_active_created_at_id_index" on "users" ("is_active", "created_at", "id");`);
    this.addSql(`create index users_text_index on users using gin (username gin_trgm_ops, display_name gin_trgm_ops);`);

    this.addSql(`alter table "tasks" add constraint "tasks_version_check" check (version > 0);`);
    for (const [name, columns] of everyones) {
      this.addSql(`drop index "${name}";`);
      this.addSql(`create index "${name}" on "tasks" (${columns}) where version > 0;`);
    }
    this.addSql(
      `create index "tasks_owner_id_status_created_at_id_index" on "tasks" ("owner_id", "status", "created_at", "id");`,
    );
    this.addSql(
      `create index "tasks_owner_id_priority_created_at_id_index" on "tasks" ("owner_id", "priority", "created_at", "id");`,
    );
    this.addSql(
      `create index "tasks_status_created_at_id_index" on "tasks" ("status", "created_at", "id") where version > 0;`,
    );
    this.addSql(
      `create index "tasks_priority_created_at_id_index" on "tasks" ("priority", "created_at", "id") where version > 0;`,
    );
    for (const [name, columns, condition] of ofOpen) {
      this.addSql(`create index ${name} on tasks (${columns}) where ${condition};`);
    }
    this.addSql(`create index tasks_text_index on tasks using gin (title gin_trgm_ops, description gin_trgm_ops);`);

    this.addSql(`drop index "sessions_user_id_created_at_id_index";`);
    this.addSql(
      `create index "sessions_user_id_created_at_id_index" on "sessions" ("user_id", "created_at", "id") where ended_at is null;`,
    );
    this.addSql(`drop index "sessions_expires_at_index";`);
    this.addSql(`create index "sessions_user_id_expires_at_index" on "sessions" ("user_id", "expires_at");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "sessions_user_id_expires_at_index";`);
    this.addSql(`create index "sessions_expires_at_index" on "sessions" ("expires_at");`);
    this.addSql(`drop index "sessions_user_id_created_at_id_index";`);
    this.addSql(`create index "sessions_user_id_created_at_id_index" on "sessions" ("user_id", "created_at", "id");`);

    this.addSql(`drop index tasks_text_index;`);
    for (const [name] of ofOpen) this.addSql(`drop index ${name};`);
    for (const name of added) this.addSql(`drop index "${name}";`);
    for (const [name, columns] of everyones) {
      this.addSql(`drop index "${name}";`);
      this.addSql(`create index "${name}" on "tasks" (${columns});`);
    }
    this.addSql(`alter table "tasks" drop constraint "tasks_version_check";`);
    this.addSql(`drop index users_text_index;`);
    // The extension stays, because others may use it by now.
  }
}

const due = "coalesce(due_at, 'infinity')";
const open = "status <> 'DONE'";

const everyones = [
  ['tasks_created_at_id_index', '"created_at", "id"'],
  ['tasks_updated_at_id_index', '"updated_at", "id"'],
  ['tasks_priority_id_index', '"priority", "id"'],
  ['tasks_due_index', `${due}, id`],
  ['tasks_title_index', 'lower(title), id'],
] as const;

const ofOpen = [
  ['tasks_owner_id_open_created_at_index', 'owner_id, created_at, id', open],
  ['tasks_owner_id_open_due_index', `owner_id, ${due}, id`, open],
  ['tasks_open_created_at_index', 'created_at, id', `version > 0 and ${open}`],
  ['tasks_open_due_index', `${due}, id`, `version > 0 and ${open}`],
] as const;

const added = [
  'tasks_priority_created_at_id_index',
  'tasks_status_created_at_id_index',
  'tasks_owner_id_priority_created_at_id_index',
  'tasks_owner_id_status_created_at_id_index',
  'users_is_active_created_at_id_index',
  'users_role_created_at_id_index',
];

import { Migration } from '@mikro-orm/migrations';

export class Migration20261122001644_initial extends Migration {
  override name = 'Migration20261122001644_initial';

  override up(): void | Promise<void> {
    this.addSql(`create type "signing_algorithm" as enum ('ES256', 'RS256');`);
    this.addSql(`create type "user_role" as enum ('USER', 'ADMIN');`);
    this.addSql(`create type "task_status" as enum ('TODO', 'IN_PROGRESS', 'DONE');`);
    this.addSql(`create type "task_priority" as enum ('LOW', 'NORMAL', 'HIGH', 'URGENT');`);
    this.addSql(`create type "session_end_reason" as enum ('LOGOUT', 'REFRESH_TOKEN_REUSED');`);
    this.addSql(
      `create table "signing_keys" ("kid" text not null, "algorithm" "signing_algorithm" not null, "encrypted_private_key" text not null, "created_at" timestamptz(3) not null, primary key ("kid"));`,
    );

    this.addSql(
      `create table "users" ("id" uuid not null, "username" text not null, "username_key" text not null, "email" text not null, "email_key" text not null, "display_name" text not null, "password_hash" text not null, "role" "user_role" not null, "is_active" boolean not null, "sessions_valid_from" timestamptz(3) not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`alter table "users" add constraint "users_username_key_unique" unique ("username_key");`);
    this.addSql(`alter table "users" add constraint "users_email_key_unique" unique ("email_key");`);
    this.addSql(`create index "users_created_at_id_index" on "users" ("created_at", "id");`);

    this.addSql(
      `create table "tasks" ("id" uuid not null, "owner_id" uuid not null, "title" text not null, "description" text null, "notes" text null, "status" "task_status" not null, "priority" "task_priority" not null, "due_at" timestamptz(3) null, "completed_at" timestamptz(3) null, "version" int not null default 1, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`create index "tasks_owner_id_created_at_id_index" on "tasks" ("owner_id", "created_at", "id");`);
    this.addSql(`create index "tasks_owner_id_updated_at_id_index" on "tasks" ("owner_id", "updated_at", "id");`);
    this.addSql(`create index "tasks_owner_id_priority_id_index" on "tasks" ("owner_id", "priority", "id");`);
    this.addSql(`create index tasks_owner_id_due_index on tasks (owner_id, coalesce(due_at, 'infinity'), id);`);
    this.addSql(`create index tasks_owner_id_title_index on tasks (owner_id, lower(title), id);`);
    this.addSql(`create index "tasks_created_at_id_index" on "tasks" ("created_at", "id");`);
    this.addSql(`create index "tasks_updated_at_id_index" on "tasks" ("updated_at", "id");`);
    this.addSql(`create index "tasks_priority_id_index" on "tasks" ("priority", "id");`);
    this.addSql(`create index tasks_due_index on tasks (coalesce(due_at, 'infinity'), id);`);
    this.addSql(`create index tasks_title_index on tasks (lower(title), id);`);

    this.addSql(
      `create table "sessions" ("id" uuid not null, "user_id" uuid not null, "scopes" text[] null, "created_at" timestamptz(3) not null, "last_used_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, "end_reason" "session_end_reason" null, primary key ("id"));`,
    );
    this.addSql(`create index "sessions_user_id_created_at_id_index" on "sessions" ("user_id", "created_at", "id");`);
    this.addSql(`create index "sessions_expires_at_index" on "sessions" ("expires_at");`);

    this.addSql(
      `create table "refresh_tokens" ("token_hash" text not null, "session_id" uuid not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "spent_at" timestamptz(3) null, primary key ("token_hash"));`,
    );
    this.addSql(`create index "refresh_tokens_session_id_index" on "refresh_tokens" ("session_id");`);

    this.addSql(
      `alter table "tasks" add constraint "tasks_owner_id_foreign" foreign key ("owner_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(
      `alter table "refresh_tokens" add constraint "refresh_tokens_session_id_foreign" foreign key ("session_id") references "sessions" ("id") on delete cascade;`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`alter table "tasks" drop constraint "tasks_owner_id_foreign";`);
    this.addSql(`alter table "sessions" drop constraint "sessions_user_id_foreign";`);
    this.addSql(`alter table "refresh_tokens" drop constraint "refresh_tokens_session_id_foreign";`);

    this.addSql(`drop table if exists "signing_keys" cascade;`);
    this.addSql(`drop table if exists "users" cascade;`);
    this.addSql(`drop table if exists "tasks" cascade;`);
    this.addSql(`drop table if exists "sessions" cascade;`);
    this.addSql(`drop table if exists "refresh_tokens" cascade;`);

    this.addSql(`drop type "signing_algorithm";`);
    this.addSql(`drop type "user_role";`);
    this.addSql(`drop type "task_status";`);
    this.addSql(`drop type "task_priority";`);
    this.addSql(`drop type "session_end_reason";`);
  }
}

import { Migration } from '@mikro-orm/migrations';

export class Migration20261125000000_sessions_and_audit extends Migration {
  override name = 'Migration20261125000000_sessions_and_audit';

  override up(): void | Promise<void> {
    this.addSql(
      `create type "audit_event_type" as enum ('REGISTERED', 'SIGNED_IN', 'SIGN_IN_FAILED', 'SIGNED_OUT', 'SESSIONS_REVOKED', 'REFRESH_TOKEN_REUSED', 'PASSWORD_CHANGED', 'PASSWORD_REJECTED', 'PROFILE_CHANGED', 'ACCOUNT_DELETED', 'ROLE_CHANGED', 'ACCOUNT_CLOSED', 'ACCOUNT_OPENED', 'ADMINISTRATION_DENIED', 'THROTTLED', 'SIGNING_KEY_ROTATED', 'SIGNING_KEY_RETIRED');`,
    );
    this.addSql(
      `create type "refresh_reuse_cause" as enum ('LATE_RETRY', 'OLDER_TOKEN', 'AFTER_LOGOUT', 'AFTER_REUSE', 'AFTER_REVOCATION', 'AFTER_PASSWORD_CHANGE', 'AFTER_CLOSING');`,
    );
    this.addSql(
      `create table "audit_events" ("id" uuid not null, "type" "audit_event_type" not null, "created_at" timestamptz(3) not null, "actor_id" uuid null, "subject_id" uuid null, "session_id" uuid null, "address" text null, "user_agent" text null, "request_id" text null, "cause" "refresh_reuse_cause" null, "detail" text null, primary key ("id"));`,
    );
    this.addSql(`create index "audit_events_created_at_id_index" on "audit_events" ("created_at", "id");`);
    this.addSql(
      `create index "audit_events_subject_id_created_at_id_index" on "audit_events" ("subject_id", "created_at", "id");`,
    );
    this.addSql(
      `create index "audit_events_actor_id_created_at_id_index" on "audit_events" ("actor_id", "created_at", "id");`,
    );
    this.addSql(`create index "audit_events_type_created_at_id_index" on "audit_events" ("type", "created_at", "id");`);

    this.addSql(`alter table "users" add "password_version" int not null default 1;`);
    this.addSql(
      `create or replace function "users_worth_changed_fn"() returns trigger as $$ begin if old.role <> new.role or old.is_active <> new.is_active or old.sessions_valid_from <> new.sessions_valid_from then perform pg_notify('gatewright', 'user ' || old.id); end if; return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "worth_changed" AFTER UPDATE on "users" for each ROW execute function "users_worth_changed_fn"();`,
    );
    this.addSql(
      `create or replace function "users_deleted_fn"() returns trigger as $$ begin perform pg_notify('gatewright', 'user ' || old.id); return null; end; $$ language plpgsql;`,
    );
    this.addSql(`create trigger "deleted" AFTER DELETE on "users" for each ROW execute function "users_deleted_fn"();`);

    this.addSql(`alter type "session_end_reason" add value if not exists 'REVOKED' after 'REFRESH_TOKEN_REUSED';`);
    this.addSql(`alter type "session_end_reason" add value if not exists 'PASSWORD_CHANGED' after 'REVOKED';`);
    this.addSql(`alter table "sessions" add "address" text null, add "network" text null, add "user_agent" text null;`);
    this.addSql(`create index "sessions_user_id_network_index" on "sessions" ("user_id", "network");`);
    this.addSql(
      `create or replace function "sessions_ended_fn"() returns trigger as $$ begin if old.ended_at is distinct from new.ended_at or old.expires_at <> new.expires_at or old.user_id <> new.user_id then perform pg_notify('gatewright', 'session ' || old.id); end if; return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "ended" AFTER UPDATE on "sessions" for each ROW execute function "sessions_ended_fn"();`,
    );
    this.addSql(
      `create or replace function "sessions_deleted_fn"() returns trigger as $$ begin perform pg_notify('gatewright', 'session ' || old.id); return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "deleted" AFTER DELETE on "sessions" for each ROW execute function "sessions_deleted_fn"();`,
    );

    this.addSql(`drop index "refresh_tokens_session_id_index";`);
    this.addSql(
      `alter table "refresh_tokens" add "parent_hash" text null, add "salt" text null, add "replayed_at" timestamptz(3) null;`,
    );
    this.addSql(
      `alter table "refresh_tokens" add constraint "refresh_tokens_parent_hash_unique" unique ("parent_hash");`,
    );
    this.addSql(
      `create index "refresh_tokens_session_id_expires_at_index" on "refresh_tokens" ("session_id", "expires_at");`,
    );

    this.addSql(
      `create or replace function "audit_events_no_update_fn"() returns trigger as $$ begin raise exception 'The security log is append-only.' using errcode = 'insufficient_privilege'; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "no_update" BEFORE UPDATE on "audit_events" for each ROW execute function "audit_events_no_update_fn"();`,
    );
    this.addSql(
      `create or replace function "audit_events_no_delete_fn"() returns trigger as $$ begin if current_setting('gatewright.audit_retention', true) is distinct from 'on' then raise exception 'The security log is append-only.' using errcode = 'insufficient_privilege'; end if; return old; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "no_delete" BEFORE DELETE on "audit_events" for each ROW execute function "audit_events_no_delete_fn"();`,
    );
    this.addSql(
      `create trigger "no_truncate" before truncate on "audit_events" for each statement execute function "audit_events_no_update_fn"();`,
    );
    for (const [table, topic] of [
      ['users', 'user'],
      ['sessions', 'session'],
    ]) {
      this.addSql(
        `create or replace function "${table}_truncated_fn"() returns trigger as $$ begin perform pg_notify('gatewright', '${topic} *'); return null; end; $$ language plpgsql;`,
      );
      this.addSql(
        `create trigger "truncated" after truncate on "${table}" for each statement execute function "${table}_truncated_fn"();`,
      );
    }
  }

  override down(): void | Promise<void> {
    for (const table of ['users', 'sessions']) {
      this.addSql(`drop trigger if exists "truncated" on "${table}";`);
      this.addSql(`drop function if exists "${table}_truncated_fn"();`);
    }
    this.addSql(`drop trigger if exists "no_truncate" on "audit_events";`);
    this.addSql(`drop trigger if exists "no_update" on "audit_events";`);
    this.addSql(`drop function if exists "audit_events_no_update_fn"();`);
    this.addSql(`drop trigger if exists "no_delete" on "audit_events";`);
    this.addSql(`drop function if exists "audit_events_no_delete_fn"();`);
    this.addSql(`drop table if exists "audit_events" cascade;`);

    this.addSql(`alter table "refresh_tokens" drop constraint "refresh_tokens_parent_hash_unique";`);
    this.addSql(`drop index "refresh_tokens_session_id_expires_at_index";`);
    this.addSql(
      `alter table "refresh_tokens" drop column "parent_hash", drop column "salt", drop column "replayed_at";`,
    );
    this.addSql(`create index "refresh_tokens_session_id_index" on "refresh_tokens" ("session_id");`);

    this.addSql(`drop index "sessions_user_id_network_index";`);
    this.addSql(`drop trigger if exists "ended" on "sessions";`);
    this.addSql(`drop function if exists "sessions_ended_fn"();`);
    this.addSql(`drop trigger if exists "deleted" on "sessions";`);
    this.addSql(`drop function if exists "sessions_deleted_fn"();`);
    this.addSql(`alter table "sessions" drop column "address", drop column "network", drop column "user_agent";`);

    this.addSql(`drop trigger if exists "worth_changed" on "users";`);
    this.addSql(`drop function if exists "users_worth_changed_fn"();`);
    this.addSql(`drop trigger if exists "deleted" on "users";`);
    this.addSql(`drop function if exists "users_deleted_fn"();`);
    this.addSql(`alter table "users" drop column "password_version";`);

    this.addSql(`drop type "audit_event_type";`);
    this.addSql(`drop type "refresh_reuse_cause";`);
  }
}

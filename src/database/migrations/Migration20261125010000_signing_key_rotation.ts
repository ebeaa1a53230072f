import { Migration } from '@mikro-orm/migrations';

export class Migration20261125010000_signing_key_rotation extends Migration {
  override name = 'Migration20261125010000_signing_key_rotation';

  override up(): void | Promise<void> {
    this.addSql(
      `alter table "signing_keys" add column "signs_from" timestamptz(3) null, add column "retired_at" timestamptz(3) null;`,
    );
    this.addSql(`update "signing_keys" set "signs_from" = "created_at";`);
    this.addSql(`alter table "signing_keys" alter column "signs_from" set not null;`);
    this.addSql(`alter table "signing_keys" alter column "encrypted_private_key" drop not null;`);
    this.addSql(
      `create or replace function "signing_keys_inserted_fn"() returns trigger as $$ begin perform pg_notify('gatewright', 'signing-key ' || new.kid); return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "inserted" AFTER INSERT on "signing_keys" for each ROW execute function "signing_keys_inserted_fn"();`,
    );
    this.addSql(
      `create or replace function "signing_keys_changed_fn"() returns trigger as $$ begin perform pg_notify('gatewright', 'signing-key ' || old.kid); return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "changed" AFTER UPDATE on "signing_keys" for each ROW execute function "signing_keys_changed_fn"();`,
    );
    this.addSql(
      `create or replace function "signing_keys_deleted_fn"() returns trigger as $$ begin perform pg_notify('gatewright', 'signing-key ' || old.kid); return null; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "deleted" AFTER DELETE on "signing_keys" for each ROW execute function "signing_keys_deleted_fn"();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop trigger if exists "inserted" on "signing_keys";`);
    this.addSql(`drop function if exists "signing_keys_inserted_fn"();`);
    this.addSql(`drop trigger if exists "changed" on "signing_keys";`);
    this.addSql(`drop function if exists "signing_keys_changed_fn"();`);
    this.addSql(`drop trigger if exists "deleted" on "signing_keys";`);
    this.addSql(`drop function if exists "signing_keys_deleted_fn"();`);
    // Without its private part a retired key would not load.
    this.addSql(`delete from "signing_keys" where "encrypted_private_key" is null;`);
    this.addSql(`alter table "signing_keys" alter column "encrypted_private_key" set not null;`);
    this.addSql(`alter table "signing_keys" drop column "signs_from", drop column "retired_at";`);
  }
}

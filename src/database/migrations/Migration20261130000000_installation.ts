import { Migration } from '@mikro-orm/migrations';

export class Migration20261130000000_installation extends Migration {
  override name = 'Migration20261130000000_installation';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "installation" ("only" boolean not null default true, "id" uuid not null, "administrator_since" timestamptz(3) null, "secret_fingerprint" text null, "secret_seen_at" timestamptz(3) null, "restored_to" timestamptz(3) null, primary key ("only"));`,
    );
    // A database that has an administrator is past its first start.
    this.addSql(
      `insert into "installation" ("id", "administrator_since") select gen_random_uuid(), min("created_at") from "users" where "role" = 'ADMIN';`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "installation";`);
  }
}

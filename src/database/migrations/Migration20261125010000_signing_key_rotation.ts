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
  }

  override down(): void | Promise<void> {
    // Without its private part a retired key would not load.
    this.addSql(`delete from "signing_keys" where "encrypted_private_key" is null;`);
    this.addSql(`alter table "signing_keys" alter column "encrypted_private_key" set not null;`);
    this.addSql(`alter table "signing_keys" drop column "signs_from", drop column "retired_at";`);
  }
}

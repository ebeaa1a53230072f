import { Migration } from '@mikro-orm/migrations';

export class Migration20261125020000_rate_limits extends Migration {
  override name = 'Migration20261125020000_rate_limits';

  override up(): void | Promise<void> {
    // The table is unlogged, because the counts need not outlive the server.
    this.addSql(
      `create unlogged table "rate_limits" ("key" text not null, "points" int not null, "expire" bigint not null, primary key ("key"));`,
    );
    this.addSql(`create index "rate_limits_expire_index" on "rate_limits" ("expire");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "rate_limits" cascade;`);
  }
}

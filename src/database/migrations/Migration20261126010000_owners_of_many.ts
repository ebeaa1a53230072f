import { Migration } from '@mikro-orm/migrations';

/**
 * One plan serves the lists of all owners: it is to be made for those who have many rows. By the average, of a page or less,
 * it would gather and sort all that somebody has (decision 10). Source: PostgreSQL, ALTER TABLE, `n_distinct`.
 */
export class Migration20261126010000_owners_of_many extends Migration {
  override name = 'Migration20261126010000_owners_of_many';

  override up(): void | Promise<void> {
    this.addSql('set local statement_timeout = 0;');
    // Autovacuum may hold the lock.
    this.addSql('set local lock_timeout = 0;');
    for (const [table, column] of owned) {
      // Two thousand rows each, or all where there are fewer.
      this.addSql(`alter table "${table}" alter column "${column}" set (n_distinct = -0.0005);`);
      this.addSql(`analyze "${table}" ("${column}");`);
    }
  }

  override down(): void | Promise<void> {
    for (const [table, column] of owned) {
      this.addSql(`alter table "${table}" alter column "${column}" reset (n_distinct);`);
      this.addSql(`analyze "${table}" ("${column}");`);
    }
  }
}

const owned = [
  ['tasks', 'owner_id'],
  ['audit_events', 'subject_id'],
] as const;

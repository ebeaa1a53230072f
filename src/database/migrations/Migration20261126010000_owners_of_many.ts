import { Migration } from '@mikro-orm/migrations';

/**
 * One plan serves the lists of all owners, and it must suit owners with many rows. The average owner has a page of
 * rows or less. A plan for the average would gather and sort every row of an owner (decision 10). Source: PostgreSQL,
 * ALTER TABLE, `n_distinct`.
 */
export class Migration20261126010000_owners_of_many extends Migration {
  override name = 'Migration20261126010000_owners_of_many';

  override up(): void | Promise<void> {
    this.addSql('set local statement_timeout = 0;');
    // Autovacuum may hold the lock.
    this.addSql('set local lock_timeout = 0;');
    for (const [table, column] of owned) {
      // PostgreSQL assumes two thousand rows for each owner, or all rows if there are fewer.
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

/**
 * Which rows a viewer sees, read five ways from one description: a list by condition, pages walked both ways, a count,
 * a check of given ids, and the proof from a row's own properties. Each must agree with a naive reading.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RowFormulas } from '../../../src/authorization/rows/row-policy.ts';
import { proves } from '../../../src/authorization/rows/row-proof.ts';
import { RowSql } from '../../../src/authorization/rows/sql.ts';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { testDatabases } from '../../support/database.ts';
import { compare, makeTables, settings } from './rows.readings.ts';

describe.each(testDatabases())('rows that a viewer sees, on $name', (target) => {
  let database: Database;
  let em: EntityManager;
  beforeAll(async () => {
    database = await target.open();
    em = database.fork();
    await makeTables(em);
  });
  afterAll(() => database?.close());

  it('are the same in lists, pages, counts, checks and proofs', async () => {
    let [judged, seen] = [0, 0];
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const compared = await compare(em, { RowFormulas, RowSql, proves }, setting);
        expect(compared.difference).toBeNull();
        judged += compared.judged;
        seen += compared.seen;
      }),
      { numRuns: 120 },
    );
    // Were all or none visible, agreement would say little.
    expect(seen).toBeGreaterThan(judged / 20);
    expect(seen).toBeLessThan((judged * 9) / 10);
  });
});

/** Statements that stand by themselves, whatever transaction their caller is in. */
import { PostgreSqlConnection } from '@mikro-orm/postgresql';
import type { EntityManager } from './database.ts';

export interface Pool {
  /**
   * Runs one statement on a connection of its own, committed at once. Whoever holds a connection already, as in a
   * transaction, must not wait for it: when all connections are held by such, nobody gets one.
   * @throws the driver's own error.
   */
  query(statement: Statement): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** The connections of a PostgreSQL server; null for the embedded database, which has one session. */
export async function poolOf(em: EntityManager): Promise<Pool | null> {
  const connection = em.getConnection();
  if (!(connection instanceof PostgreSqlConnection)) return null;
  const pool = await connection.getNativeClient();
  // Without the name of a prepared statement: poolers between here and the server may not keep those.
  return { query: ({ text, values }) => pool.query({ text, values }) };
}

/** Statements that run outside the transaction of their caller. */
import { PostgreSqlConnection } from '@mikro-orm/postgresql';
import type { EntityManager } from './database.ts';

export interface Pool {
  /**
   * Runs one statement on a connection of its own, and commits it at once. A caller that holds a connection, as in a
   * transaction, must not wait for this. If such callers held all connections, none could go on.
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
  // The name of a prepared statement is dropped, because poolers may not keep such statements.
  return { query: ({ text, values }) => pool.query({ text, values }) };
}

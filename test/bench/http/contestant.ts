/** One server of the comparison: how to start it, ask it, and read its answers. */
import type { Client } from 'pg';
import type { Cleanup } from '../login/cleanup.ts';

export type WorkloadName =
  /** The viewer's newest 50 tasks: ten fields of each, and its owner. */
  | 'my tasks'
  /** One task of the viewer's, by its id: the same fields. */
  | 'one task'
  /** The viewer's own account. */
  | 'me'
  /** A new task of the viewer's, which the answer shows. */
  | 'create a task'
  /** The newest 50 tasks of all accounts, asked for by an administrator. */
  | "everyone's tasks"
  /** The viewer's newest 20 tasks with a field that the viewer is denied on each. */
  | 'a denied field'
  /** "my tasks" without a token: refused. */
  | 'anonymous';

/** Rows of the database that the requests name; UUIDs. */
export interface Subject {
  readonly userId: string;
  /** A task of that user's. */
  readonly taskId: string;
  /**
   * An access token of that user, as Gatewright issues it; for "everyone's tasks", an administrator's. Null: none is
   * sent.
   */
  readonly token: string | null;
}

export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A task in the form that every contestant can give: ids are UUIDs, moments ISO 8601 in UTC with milliseconds, enums as
 * in the SDL.
 */
export interface AnsweredTask {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  readonly notes: string | null;
  readonly status: string;
  readonly priority: string;
  readonly version: number;
  readonly dueAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly owner: { readonly id: string; readonly username: string; readonly displayName: string };
}

/** The meaning of an answer, for all servers. */
export type Answer =
  | { readonly kind: 'tasks'; readonly tasks: readonly AnsweredTask[] }
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly username: string;
      readonly displayName: string;
      readonly role: string;
    }
  /** Ids and titles of the served rows, and how many of them lack the denied field. */
  | {
      readonly kind: 'denied field';
      readonly tasks: readonly { readonly id: string; readonly title: string }[];
      readonly withheld: number;
    }
  | { readonly kind: 'refused' };

export interface Contestant {
  /** The name in tables. */
  readonly name: string;
  /** The page that teaches this use. */
  readonly documentation: string;
  /** The module of its process. It reads `ServerEnvironment`, and prints `ready on http://127.0.0.1:PORT`. */
  readonly module: URL;
  /** Node's flags and environment, as in its own start script. */
  readonly flags?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Its packages, whose versions the conditions name. */
  readonly packages: readonly string[];
  /**
   * Prepares the database.
   * @returns the address of the database for this server.
   */
  prepare?(client: Client, databaseUrl: string, cleanup: Cleanup): Promise<string>;
  request(workload: WorkloadName, subject: Subject): BenchRequest;
  /** @throws Error for an answer that does not belong to this workload. */
  read(workload: WorkloadName, answer: { readonly status: number; readonly body: string }): Answer;
}

/** The environment of each server's process. The database is Gatewright's own, migrated and filled. */
export interface ServerEnvironment {
  readonly NODE_ENV: 'production';
  /** 0: any free port. */
  readonly PORT: string;
  readonly DATABASE_URL: string;
  /** Connections to the database. */
  readonly POOL_SIZE: string;
  /** The HS256 secret of the tokens, and their `iss` and `aud`. */
  readonly JWT_ALGORITHM: 'HS256';
  readonly JWT_SECRET: string;
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
}

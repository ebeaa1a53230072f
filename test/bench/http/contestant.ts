/** One server of the comparison: how it is started, asked, and understood. */
import type { Client } from 'pg';
import type { Cleanup } from '../login/cleanup.ts';

export type WorkloadName =
  /** The viewer's newest 50 tasks: ten fields of each, and its owner. */
  | 'my tasks'
  /** One task of the viewer's, by its id: the same fields. */
  | 'one task'
  /** The viewer's own account. */
  | 'me'
  /** A new task of the viewer's; the answer shows it. */
  | 'create a task'
  /** The newest 50 tasks of all, asked for by an administrator. */
  | "everyone's tasks"
  /** The viewer's newest 20 tasks with a field that the viewer is denied, on each of them. */
  | 'a denied field'
  /** My tasks, by nobody: refused. */
  | 'anonymous';

/** Rows of the database that the requests name; UUIDs. */
export interface Subject {
  readonly userId: string;
  /** A task of that user's. */
  readonly taskId: string;
  /** An access token as Gatewright issues it, of that user; of an administrator for "everyone's tasks"; null: none is sent. */
  readonly token: string | null;
}

export interface BenchRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A task as every contestant can tell it: ids are UUIDs, moments ISO 8601 in UTC with milliseconds, enums as in the SDL. */
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

/** What an answer says, whoever gave it. */
export type Answer =
  | { readonly kind: 'tasks'; readonly tasks: readonly AnsweredTask[] }
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly username: string;
      readonly displayName: string;
      readonly role: string;
    }
  /** Ids and titles of the rows that were served, and of how many of them the denied field was withheld. */
  | {
      readonly kind: 'denied field';
      readonly tasks: readonly { readonly id: string; readonly title: string }[];
      readonly withheld: number;
    }
  | { readonly kind: 'refused' };

export interface Contestant {
  /** As tables show it. */
  readonly name: string;
  /** Where the way that it is used here is taught. */
  readonly documentation: string;
  /** The module that is its process. It reads `ServerEnvironment`, and prints `ready on http://127.0.0.1:PORT`. */
  readonly module: URL;
  /** What Node is given on the command line, and in the environment, as its own way to start does. */
  readonly flags?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Its packages, of which the conditions state the versions. */
  readonly packages: readonly string[];
  /** What it needs in the database. @returns the address of the database that it is given. */
  prepare?(client: Client, databaseUrl: string, cleanup: Cleanup): Promise<string>;
  request(workload: WorkloadName, subject: Subject): BenchRequest;
  /** @throws Error for an answer that says something else than this workload's. */
  read(workload: WorkloadName, answer: { readonly status: number; readonly body: string }): Answer;
}

/** What each server's process is told by its environment. The database is Gatewright's own, migrated and filled. */
export interface ServerEnvironment {
  readonly NODE_ENV: 'production';
  /** 0: any free port. */
  readonly PORT: string;
  readonly DATABASE_URL: string;
  /** Connections to the database. */
  readonly POOL_SIZE: string;
  /** The secret of HS256, with which the tokens are signed; `iss` and `aud` that they carry. */
  readonly JWT_ALGORITHM: 'HS256';
  readonly JWT_SECRET: string;
  readonly JWT_ISSUER: string;
  readonly JWT_AUDIENCE: string;
}

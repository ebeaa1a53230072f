/** A contestant of the benchmark: a way to guard one schema and to answer one query. */
import type { Viewer } from './rows.ts';
import type { Workload } from './workloads.ts';

/** The context of one request. Each request has its own, as in servers. */
export interface Context {
  viewer: Viewer;
}

export interface Answer {
  data?: unknown;
  errors?: readonly unknown[] | undefined;
}

/** Answers the query of question.ts for one request. */
export type Execute = (viewer: Viewer, rows: number) => Answer | Promise<Answer>;

/** Builds the schema with the guards of a workload, once. */
export type Contestant = (workload: Workload) => Execute | Promise<Execute>;

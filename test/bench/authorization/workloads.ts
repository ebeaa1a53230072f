/** The workloads of every contestant, and their only right answers. */
import { isDeepStrictEqual } from 'node:util';
import type { Answer, Execute } from './contestant.ts';
import { owner, stranger, type Task, tasks, type Viewer, withoutScope } from './rows.ts';

/**
 * `unguarded`: no guard. `viewer`: each field asks for a scope or a role, which the viewer has. `row`: also,
 * `Task.notes` asks for an own row, and all rows are. `denied`: as `viewer`, by a viewer who lacks the scope of all
 * fields of `Task` except the id.
 */
export type Workload = 'unguarded' | 'viewer' | 'row' | 'denied';

export const workloads: Record<Workload, { title: string; viewer: () => Viewer }> = {
  unguarded: { title: 'unguarded', viewer: owner },
  viewer: { title: 'viewer rules', viewer: owner },
  row: { title: 'one row rule', viewer: owner },
  denied: { title: 'all denied', viewer: withoutScope },
};

/** How often one denial is reported: for each selected field, or for each field of each row. */
export type Told = 'once a field' | 'once a row';

/** @throws Error if the answer is wrong. If the row decides, it also asks as a stranger. */
export async function verify(execute: Execute, workload: Workload, rows: number, told: Told): Promise<void> {
  const times = told === 'once a field' ? 1 : rows;
  const { viewer } = workloads[workload];
  if (workload === 'denied') {
    check(await execute(viewer(), rows), tasks(rows).map(withIdAlone), deniedFields * times);
    return;
  }
  check(await execute(viewer(), rows), tasks(rows).map(inFull), 0);
  if (workload === 'row') {
    const withoutNotes = tasks(rows).map((task) => ({ ...inFull(task), notes: null }));
    check(await execute(stranger(), rows), withoutNotes, rows);
  }
}

/** All selected fields of a task except the id. */
const deniedFields = 10;

function inFull({ ownerId: _, ...selected }: Task) {
  return selected;
}

function withIdAlone(task: Task) {
  return { ...Object.fromEntries(Object.keys(inFull(task)).map((field) => [field, null])), id: task.id };
}

function check(answer: Answer, expected: readonly unknown[], errors: number): void {
  const { data, errors: told = [] } = JSON.parse(JSON.stringify(answer)) as { data?: unknown; errors?: unknown[] };
  if (told.length !== errors) {
    throw new Error(`${told.length} errors instead of ${errors}; the first: ${JSON.stringify(told[0])}`);
  }
  if (isDeepStrictEqual(data, { tasks: expected })) return;
  throw new Error(`a wrong answer: ${JSON.stringify(data).slice(0, 500)}`);
}

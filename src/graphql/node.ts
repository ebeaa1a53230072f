/** A row that `node` can return: which type it is, beside its columns. */
import type { TaskRow } from '../tasks/task.entity.ts';
import type { UserRow } from '../users/user.entity.ts';

export type NodeRow = TaskRow | UserRow;

/** A row that `node` can return: which type it is, beside its columns. */
import type { SessionRow } from '../authentication/sessions/session.list.ts';
import type { TaskRow } from '../tasks/task.entity.ts';
import type { UserRow } from '../users/user.entity.ts';

export type NodeRow = SessionRow | TaskRow | UserRow;

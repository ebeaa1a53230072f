/** The data that every contestant serves, and the viewers. */

export interface Task {
  id: string;
  ownerId: string;
  title: string;
  description: string | null;
  notes: string;
  status: string;
  version: number;
  priority: string;
  dueAt: string | null;
  createdAt: string;
  updatedAt: string;
  owner: { id: string; username: string };
}

export interface Viewer {
  id: string;
  roles: string[];
  scopes: string[];
}

/** The size of the targets. Processes warm up with the same size. */
export const targetRows = 1000;

export const ownerId = 'user-1';

/** Made for each request, so that caches by identity do not help. */
export const owner = (): Viewer => ({ id: ownerId, roles: ['USER'], scopes: ['task:read'] });
/** May read tasks, but owns none. */
export const stranger = (): Viewer => ({ ...owner(), id: 'user-2' });
/** Signed in, without the scope of all fields except the id. */
export const withoutScope = (): Viewer => ({ ...owner(), scopes: [] });

const made = new Map<number, Task[]>();

/** The same rows for the same count, all of one owner. */
export function tasks(count: number): Task[] {
  let rows = made.get(count);
  if (!rows) {
    rows = Array.from({ length: count }, (_, index) => taskOf(index));
    made.set(count, rows);
  }
  return rows;
}

const statuses = ['TODO', 'IN_PROGRESS', 'DONE'];
const priorities = ['LOW', 'NORMAL', 'HIGH', 'URGENT'];
const minute = 60_000;

function taskOf(index: number): Task {
  const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1) + minutes * minute).toISOString();
  return {
    id: `task-${index}`,
    ownerId,
    title: `Water plant number ${index}`,
    description: index % 3 === 0 ? null : `It stands in room ${index % 17} and wants ${index % 5} cups.`,
    notes: `Only its owner knows that it is plastic (${index}).`,
    status: statuses[index % statuses.length] as string,
    version: 1 + (index % 9),
    priority: priorities[index % priorities.length] as string,
    dueAt: index % 2 === 0 ? null : at(index + 10_080),
    createdAt: at(index),
    updatedAt: at(index + 90),
    owner: { id: ownerId, username: 'ada' },
  };
}

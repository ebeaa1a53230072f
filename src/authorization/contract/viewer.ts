/** Reads who is asking from `options.viewer`, and checks it, so that a slip of its author opens nothing. */
import type { GuardOptions, GuardViewer } from './options.ts';

/**
 * The viewer; null when nobody is signed in.
 *
 * @throws TypeError for an answer that is neither null nor a viewer: a promise, say, or a string of scopes.
 */
export function readViewer(options: GuardOptions<unknown>, context: unknown): GuardViewer | null {
  const viewer: unknown = options.viewer(context);
  if (viewer === null || viewer === undefined) return null;
  const { id: told, roles, scopes, tenant, expiresAt, ended } = viewer as Partial<GuardViewer>;
  const id = viewerId(told);
  if (id === null || !areNames(roles) || !areNames(scopes)) {
    throw new TypeError(
      '`viewer(context)` must answer null, or { id, roles, scopes }: a text that is not empty or a whole number, and two lists of strings, and not a promise of it.',
    );
  }
  if (tenant !== undefined && tenant !== null && (typeof tenant !== 'string' || tenant === '')) {
    throw new TypeError('`tenant` of what `viewer(context)` answers must be a text that is not empty, or null.');
  }
  if (expiresAt !== undefined && !(expiresAt instanceof Date && !Number.isNaN(expiresAt.getTime()))) {
    throw new TypeError('`expiresAt` of what `viewer(context)` answers must be a valid Date, or be left out.');
  }
  if (ended !== undefined && !(ended instanceof AbortSignal)) {
    throw new TypeError('`ended` of what `viewer(context)` answers must be an AbortSignal, or be left out.');
  }
  return id === told
    ? (viewer as GuardViewer)
    : { id, roles, scopes, ...(tenant && { tenant }), ...(expiresAt && { expiresAt }), ...(ended && { ended }) };
}

/** Null for a value that is no id. */
function viewerId(id: unknown): string | null {
  if (typeof id === 'string') return id === '' ? null : id;
  return typeof id === 'bigint' || Number.isSafeInteger(id) ? String(id) : null;
}

/**
 * The id of the viewer alone. It is compared with every row, so it is read without the rest.
 *
 * @throws TypeError for an answer that is neither null nor has an id.
 */
export function readViewerId(options: GuardOptions<unknown>, context: unknown): string | null {
  const viewer: unknown = options.viewer(context);
  if (viewer === null || viewer === undefined) return null;
  return viewerId((viewer as Partial<GuardViewer>).id) ?? readViewer(options, context)?.id ?? null;
}

/** A viewer as it was at one moment, used as a context. It answers for rights and for nothing else. */
export class Snapshot {
  readonly viewer: GuardViewer | null;

  constructor(viewer: GuardViewer | null) {
    this.viewer = viewer && { id: viewer.id, roles: [...viewer.roles], scopes: [...viewer.scopes] };
  }
}

/** Whether it is a list of strings. */
export function areNames(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((name) => typeof name === 'string');
}

/** What administrators do with accounts. At least one open account of role ADMIN always remains. */
import { LockMode } from '@mikro-orm/core';
import type { Viewer } from '../authentication/viewer.ts';
import type { EntityManager } from '../database/connection.ts';
import { fromGlobalId } from '../database/ids.ts';
import { fromTimestamp } from '../database/timestamps.ts';
import { CodedError } from '../errors.ts';
import type { InputError, SetUserActiveInput, SetUserRoleInput } from '../graphql/generated.ts';
import { User, type UserRow } from './user.entity.ts';

/** `user` is null exactly when there are errors. */
export interface UserChange {
  user: UserRow | null;
  errors: InputError[];
}

/** @throws CodedError FORBIDDEN if the viewer is no administrator any more. */
export async function setUserRole(
  em: EntityManager,
  viewer: Viewer | null,
  input: SetUserRoleInput,
  now: Date,
): Promise<UserChange> {
  return await changeAccount(em, viewer, input.userId, async (user, isLastAdministrator) => {
    if (user.role === input.role) return null;
    if (isLastAdministrator) return lastAdministrator('role');
    user.role = input.role;
    user.updatedAt = now;
    return null;
  });
}

/**
 * Closing an account ends its sessions for good: opening it again does not bring them back.
 *
 * @throws CodedError FORBIDDEN if the viewer is no administrator any more.
 */
export async function setUserActive(
  em: EntityManager,
  viewer: Viewer | null,
  input: SetUserActiveInput,
  now: Date,
): Promise<UserChange> {
  return await changeAccount(em, viewer, input.userId, async (user, isLastAdministrator, tx) => {
    if (user.isActive === input.isActive) return null;
    if (isLastAdministrator) return lastAdministrator('isActive');
    user.isActive = input.isActive;
    user.updatedAt = now;
    if (!input.isActive) user.sessionsValidFrom = await endOfSessions(tx, user.id, now);
    return null;
  });
}

/**
 * Decides and changes on locked rows: the account's, and those of all open administrators, in the order of
 * their ids. So of two administrators who close each other's account at once, one comes too late.
 */
async function changeAccount(
  em: EntityManager,
  viewer: Viewer | null,
  userId: string,
  change: (user: User, isLastAdministrator: boolean, tx: EntityManager) => Promise<InputError | null>,
): Promise<UserChange> {
  const uuid = fromGlobalId('user', userId);
  return await em.transactional(
    async (tx) => {
      const locked = await tx.find(
        User,
        { $or: [{ role: 'ADMIN', isActive: true }, ...(uuid === null ? [] : [{ id: uuid }])] },
        { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
      );
      const administrators = locked.filter(({ role, isActive }) => role === 'ADMIN' && isActive);
      if (!administrators.some(({ id }) => id === viewer?.id)) {
        throw new CodedError('FORBIDDEN', 'Only an open account of role ADMIN can administer accounts.', { requires });
      }
      const user = locked.find(({ id }) => id === uuid);
      if (!user) return refused({ path: ['input', 'userId'], code: 'NOT_FOUND', message: 'There is no such account.' });
      const error = await change(user, administrators.length === 1 && administrators[0] === user, tx);
      return error ? refused(error) : { user, errors: [] };
    },
    { clear: true },
  );
}

/** As the guard tells it. */
const requires = { scopes: [['user:write:any']], roles: ['ADMIN'], policies: [] };

/**
 * A moment that lies after the beginning of every session of the account, whose row is locked: sessions begin under
 * a lock on it, but some by another clock, and some after `now`, while this transaction waited. By the table's name,
 * since accounts know nothing of signing in.
 */
async function endOfSessions(tx: EntityManager, userId: string, now: Date): Promise<Date> {
  const { newest } = await tx
    .getKysely<{ sessions: { user_id: string; created_at: string } }>()
    .selectFrom('sessions')
    .select(({ fn }) => fn.max('created_at').as('newest'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return newest === null ? now : new Date(Math.max(now.getTime(), fromTimestamp(newest).getTime() + 1));
}

function refused(error: InputError): UserChange {
  return { user: null, errors: [error] };
}

function lastAdministrator(field: string): InputError {
  return {
    path: ['input', field],
    code: 'INVALID',
    message: 'This is the last open account of role ADMIN. Give another account that role first.',
  };
}

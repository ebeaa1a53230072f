/** What administrators do with accounts. At least one open account of role ADMIN always remains. */
import { LockMode } from '@mikro-orm/core';
import type { Viewer } from '../authentication/viewer.ts';
import type { EntityManager } from '../database/connection.ts';
import { fromGlobalId } from '../database/ids.ts';
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
  return await changeAccount(em, viewer, input.userId, (user, isLastAdministrator) => {
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
  return await changeAccount(em, viewer, input.userId, (user, isLastAdministrator) => {
    if (user.isActive === input.isActive) return null;
    if (isLastAdministrator) return lastAdministrator('isActive');
    user.isActive = input.isActive;
    user.updatedAt = now;
    if (!input.isActive) user.sessionsValidFrom = now;
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
  change: (user: User, isLastAdministrator: boolean) => InputError | null,
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
        throw new CodedError('FORBIDDEN', 'Only an open account of role ADMIN can administer accounts.');
      }
      const user = locked.find(({ id }) => id === uuid);
      if (!user) return refused({ path: ['input', 'userId'], code: 'NOT_FOUND', message: 'There is no such account.' });
      const error = change(user, administrators.length === 1 && administrators[0] === user);
      return error ? refused(error) : { user, errors: [] };
    },
    { clear: true },
  );
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

/** What administrators do with accounts. At least one open account of role ADMIN always remains. */
import { LockMode } from '@mikro-orm/core';
import { type NewEvent, recordEvent } from '../audit/audit.service.ts';
import { byOperator, type RequestInfo } from '../audit/request-info.ts';
import type { EntityManager } from '../database/database.ts';
import { fromGlobalId } from '../database/ids.ts';
import { fromTimestamp } from '../database/timestamps.ts';
import { inTransaction } from '../database/transaction.ts';
import { CodedError } from '../errors.ts';
import type { InputError, SetUserActiveInput, SetUserRoleInput } from '../graphql/schema-types.ts';
import { findAccountByIdentifier } from './user.accounts.ts';
import { User, type UserRow } from './user.entity.ts';
import type { Viewer } from './viewer.ts';

/** `user` is null exactly when there are errors. */
export interface UserChange {
  user: UserRow | null;
  errors: InputError[];
}

/** @throws CodedError FORBIDDEN if the viewer is no longer an administrator. */
export async function setUserRole(
  em: EntityManager,
  viewer: Viewer | null,
  input: SetUserRoleInput,
  request: RequestInfo,
): Promise<UserChange> {
  return await changeAccount(em, { viewer, userId: input.userId }, request, async (user, isLastAdministrator) => {
    if (user.role === input.role) return unchanged;
    if (isLastAdministrator) return { error: lastAdministrator('role') };
    const detail = `${user.role} to ${input.role}`;
    user.role = input.role;
    user.updatedAt = request.now;
    return { event: { type: 'ROLE_CHANGED', detail } };
  });
}

/**
 * Closing an account ends its sessions for good. Opening it again does not bring them back.
 *
 * @throws CodedError FORBIDDEN if the viewer is no longer an administrator.
 */
export async function setUserActive(
  em: EntityManager,
  viewer: Viewer | null,
  input: SetUserActiveInput,
  request: RequestInfo,
): Promise<UserChange> {
  const { now } = request;
  return await changeAccount(em, { viewer, userId: input.userId }, request, async (user, isLastAdministrator, tx) => {
    if (user.isActive === input.isActive) return unchanged;
    if (isLastAdministrator) return { error: lastAdministrator('isActive') };
    user.isActive = input.isActive;
    user.updatedAt = now;
    if (!input.isActive) user.sessionsValidFrom = await endOfSessions(tx, user.id, now);
    return { event: { type: input.isActive ? 'ACCOUNT_OPENED' : 'ACCOUNT_CLOSED' } };
  });
}

/**
 * Gives an account the role ADMIN, and opens it. For operators.
 * @returns the types of the events, such as `ROLE_CHANGED`; null if no account has that username.
 */
export async function promote(em: EntityManager, username: string, now: Date): Promise<NewEvent['type'][] | null> {
  return await inTransaction(
    em,
    async (tx) => {
      const found = await findAccountByIdentifier(tx, username);
      const { user } = await lockAccount(tx, found?.id ?? null);
      if (!user) return null;
      const events: Pick<NewEvent, 'type' | 'detail'>[] = [];
      if (user.role !== 'ADMIN') events.push({ type: 'ROLE_CHANGED', detail: `${user.role} to ADMIN` });
      if (!user.isActive) events.push({ type: 'ACCOUNT_OPENED' });
      if (events.length > 0) Object.assign(user, { role: 'ADMIN', isActive: true, updatedAt: now });
      for (const event of events) await recordEvent(tx, byOperator(now), { ...event, subjectId: user.id });
      return events.map(({ type }) => type);
    },
    { clear: true },
  );
}

/** The result of a change: an error, an event for the security log, or nothing. */
type Outcome = { error: InputError; event?: never } | { error?: never; event?: Pick<NewEvent, 'type' | 'detail'> };

const unchanged: Outcome = {};

async function changeAccount(
  em: EntityManager,
  { viewer, userId }: { viewer: Viewer | null; userId: string },
  request: RequestInfo,
  change: (user: User, isLastAdministrator: boolean, tx: EntityManager) => Promise<Outcome>,
): Promise<UserChange> {
  const uuid = fromGlobalId('user', userId);
  return await inTransaction(
    em,
    async (tx) => {
      const { user, administrators, isLastAdministrator } = await lockAccount(tx, uuid);
      if (!viewer || !administrators.some(({ id }) => id === viewer.id)) {
        throw new CodedError('FORBIDDEN', 'Only an open account of role ADMIN can administer accounts.', { requires });
      }
      if (!user) return refused({ path: ['input', 'userId'], code: 'NOT_FOUND', message: 'There is no such account.' });
      const { error, event } = await change(user, isLastAdministrator, tx);
      if (event) {
        await recordEvent(tx, request, {
          ...{ ...event, actorId: viewer.id, subjectId: user.id, sessionId: viewer.sessionId },
        });
      }
      return error ? refused(error) : { user, errors: [] };
    },
    { clear: true },
  );
}

export interface LockedAccount {
  /** Null if there is none. */
  user: User | null;
  /** The open accounts of role ADMIN. */
  administrators: User[];
  isLastAdministrator: boolean;
}

/**
 * Locks an account, and all open administrators, in the order of their ids. If two administrators close each other's
 * account at once, the second one is refused. `uuid`: null finds no account.
 */
export async function lockAccount(tx: EntityManager, uuid: string | null): Promise<LockedAccount> {
  const locked = await tx.find(
    User,
    { $or: [{ role: 'ADMIN', isActive: true }, ...(uuid === null ? [] : [{ id: uuid }])] },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const administrators = locked.filter(({ role, isActive }) => role === 'ADMIN' && isActive);
  const user = locked.find(({ id }) => id === uuid) ?? null;
  return { user, administrators, isLastAdministrator: administrators.length === 1 && administrators[0] === user };
}

/** The same requirement as the guard's. */
const requires = { scopes: [['user:write:any']], roles: ['ADMIN'], policies: [] };

/**
 * A moment after the beginning of every session of the account. Its row must be locked, because sessions begin under a
 * lock on it. Some began by another clock, and some after `now`, while this transaction waited. The query names the
 * table, because accounts import nothing of signing in.
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

/** `field`: the field of the input. */
export function lastAdministrator(field: string): InputError {
  return {
    path: ['input', field],
    code: 'INVALID',
    message: 'This is the last open account of role ADMIN. Give another account that role first.',
  };
}

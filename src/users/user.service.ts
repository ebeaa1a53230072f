/** Accounts, looked up. What administrators do with them is in user.administration.ts. */
import DataLoader from 'dataloader';
import sql, { type Sql } from 'sql-template-tag';
import type { EntityManager } from '../database/database.ts';
import { fromGlobalId } from '../database/ids.ts';
import { CodedError } from '../errors.ts';
import type { QueryUsersArgs, UserFilter, UserOrderField } from '../graphql/schema-types.ts';
import { containsText, isOneOf } from '../lists/conditions.ts';
import { type Order, readPage } from '../lists/page.ts';
import { type Selected, selectedOfNodes } from '../lists/selected.ts';
import type { UserRow } from './user.entity.ts';
import { selectUsers, type UserPage, userRows, visibleTo } from './user.rows.ts';
import { notSignedIn, type Viewer } from './viewer.ts';

/** @throws CodedError UNAUTHENTICATED if the viewer's account is gone. */
export async function findViewer(em: EntityManager, viewer: Viewer | null, selected?: Selected): Promise<UserRow> {
  const user = viewer ? await findVisible(em, viewer, viewer.id, selected) : null;
  return user ?? notSignedIn();
}

/** The account with this global id; null if there is none or the viewer may not look it up, alike. */
export async function findUser(
  em: EntityManager,
  viewer: Viewer | null,
  id: string,
  selected?: Selected,
): Promise<UserRow | null> {
  const uuid = fromGlobalId('user', id);
  return uuid === null ? null : await findVisible(em, viewer, uuid, selected);
}

async function findVisible(
  em: EntityManager,
  viewer: Viewer | null,
  uuid: string,
  selected: Selected | undefined,
): Promise<UserRow | null> {
  const [user] = await selectUsers(em, selected).where(sql`id = ${uuid}`, visibleTo(viewer)).read();
  return user ? userRows(selected)(user) : null;
}

/** Those of the accounts with these UUIDs that the viewer may look up, in any order. */
export async function findUsers(
  em: EntityManager,
  viewer: Viewer | null,
  uuids: readonly string[],
): Promise<UserRow[]> {
  return (await selectUsers(em).where(isOneOf('id', uuids), visibleTo(viewer)).read()).map(userRows());
}

interface OwnerLoader {
  loader: DataLoader<string, UserRow>;
  /** Asked for and not yet on their way: many rows of one owner share one promise. */
  pending: Map<string, Promise<UserRow>>;
}

const ownerLoaders = new WeakMap<EntityManager, OwnerLoader>();

/**
 * The account that holds a row which the viewer sees. Whoever may see the row may see whose it is. Asked for
 * many rows at once, it is one statement. Nothing is kept: a later change is seen.
 *
 * @throws CodedError CONFLICT if the account was deleted since the row was read.
 */
export function loadOwner(em: EntityManager, uuid: string): Promise<UserRow> {
  let owners = ownerLoaders.get(em);
  if (!owners) {
    owners = createOwnerLoader(em);
    ownerLoaders.set(em, owners);
  }
  let owner = owners.pending.get(uuid);
  if (!owner) {
    owner = owners.loader.load(uuid);
    owners.pending.set(uuid, owner);
  }
  return owner;
}

function createOwnerLoader(em: EntityManager): OwnerLoader {
  const pending: OwnerLoader['pending'] = new Map();
  const loader = new DataLoader<string, UserRow>(
    async (uuids) => {
      pending.clear();
      const read = (await selectUsers(em).where(isOneOf('id', uuids)).read()).map(userRows());
      const owners = new Map(read.map((row) => [row.id, row]));
      return uuids.map((uuid) => owners.get(uuid) ?? goneMeanwhile());
    },
    { cache: false },
  );
  return { loader, pending };
}

/** The row was read before the account was deleted, and its owner after. */
function goneMeanwhile(): CodedError {
  return new CodedError('CONFLICT', 'The account that holds this was deleted at the same moment. Ask once more.');
}

const orders: Record<UserOrderField, Omit<Order, 'direction'>> = {
  CREATED_AT: { name: 'CREATED_AT', type: 'timestamptz', expression: 'created_at' },
  USERNAME: { name: 'USERNAME', type: 'text', expression: 'username_key' },
};

/** @throws BadUserInputError for a text, a page size or a cursor that cannot be served. */
export async function listUsers(
  em: EntityManager,
  viewer: Viewer | null,
  args: QueryUsersArgs,
  selected?: Selected,
): Promise<UserPage> {
  const { field, direction = 'DESC' } = args.orderBy ?? { field: 'CREATED_AT' };
  const ofUser = selected && selectedOfNodes(selected);
  const rows = selectUsers(em, ofUser)
    .where(visibleTo(viewer))
    .filter(...conditionsOf(args.filter ?? {}));
  const order = { ...orders[field], direction };
  return await readPage(rows, { order, page: args, selected, toRow: userRows(ofUser) });
}

function conditionsOf({ text, role, isActive }: UserFilter): Sql[] {
  const conditions: Sql[] = [];
  if (text != null) conditions.push(containsText(['username', 'display_name'], text));
  if (role) conditions.push(isOneOf('role', role));
  if (isActive != null) conditions.push(sql`is_active = ${isActive}`);
  return conditions;
}

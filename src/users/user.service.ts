/** Looks up accounts. user.administration.ts changes them for administrators. */
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

/** The account with this global id. Null if there is none, and also if the viewer may not look it up. */
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

/** The accounts among these UUIDs that the viewer may look up, in any order. */
export async function findUsers(
  em: EntityManager,
  viewer: Viewer | null,
  uuids: readonly string[],
): Promise<UserRow[]> {
  return (await selectUsers(em).where(isOneOf('id', uuids), visibleTo(viewer)).read()).map(userRows());
}

interface OwnerLoader {
  loader: DataLoader<string, UserRow>;
  /** Accounts that were asked for, before the query is sent. Rows of one owner share one promise. */
  pending: Map<string, Promise<UserRow>>;
}

const ownerLoaders = new WeakMap<EntityManager, OwnerLoader>();

/**
 * The account that owns a row which the viewer sees. A viewer of the row may see its owner. Many calls at once become
 * one statement. Nothing is cached, so a later call sees later changes.
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

/** The account was deleted after the row was read, and before its owner was. */
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

/** What the table of a noun says: who may do what with it, and how a test asks. */
import { sql } from 'kysely';
import { fromGlobalId } from '../../src/database/ids.ts';
import type { Role } from '../../src/graphql/schema-types.ts';
import { asUser, type SignedIn, signIn } from '../support/personas.ts';
import type { TestServer } from '../support/server.ts';

/** Written by hand from the contract, and not from the schema's directives, whose effect it is here to prove. */
export interface NounTable {
  /** The noun's `name` in src/api/nouns.ts. */
  readonly noun: string;
  /** Its own scopes, and the roles that are worth each. */
  readonly scopes?: Readonly<Record<string, readonly Role[]>>;
  /** The rows of the permission matrix: test/e2e/permission-matrix.table.ts says how to read them. */
  readonly matrix: string;
  /** Makes a row of the noun for an account. Returns its global id. */
  readonly make?: (owner: Account, server: TestServer) => Promise<string>;
  /** By coordinate: fields of an object that `node` finds. */
  readonly fields?: Readonly<Record<string, Field>>;
  /** By coordinate: operations, and fields that are asked for elsewhere. */
  readonly operations?: Readonly<Record<string, Ask>>;
  /**
   * What each of its types asks of whoever is given one, by whatever field: by type, for all of its fields; and by
   * coordinate, where a field asks for more.
   */
  readonly reached: Readonly<Record<string, Allows>>;
  /** Each input that only some may supply, in an operation that is otherwise open to whoever `allows` says. */
  readonly supplied?: Readonly<Record<string, { query: string; allows: Allows }>>;
  /** Its policies, where `owns` tells whether the row with an id is the viewer's own. */
  readonly policies?: Readonly<
    // biome-ignore lint/suspicious/noExplicitAny: the arguments of whichever field has the policy
    Record<string, (parent: any, args: any, owns: (id: string) => boolean) => boolean>
  >;
  /** Where a field of its type is asked for, if `node` does not find it; `$id` is an account. */
  readonly question?: (selection: string, target: Target) => { query: string; path: string[] };
}

export type Target = 'own' | 'other';

export interface Asker {
  /** Null: nobody is signed in. */
  readonly role: Role | null;
  readonly scopes: readonly string[];
  /** Whether the row in question is theirs. */
  readonly owns: boolean;
}

export type Allows = (asker: Asker) => boolean;

export const anyone: Allows = () => true;
export const signedIn: Allows = ({ role }) => role !== null;
export const admin: Allows = ({ role }) => role === 'ADMIN';
export const owns: Allows = (asker) => signedIn(asker) && asker.owns;
export const scope =
  (name: string): Allows =>
  ({ scopes }) =>
    scopes.includes(name);
export const all =
  (...parts: readonly Allows[]): Allows =>
  (asker) =>
    parts.every((allows) => allows(asker));
export const either =
  (...parts: readonly Allows[]): Allows =>
  (asker) =>
    parts.some((allows) => allows(asker));

/** A column: an account (null: nobody) and its token's scopes (null: all that the role has). */
export interface Column {
  readonly name: string;
  readonly account: 'ada' | 'admin' | null;
  readonly scopes: readonly string[] | null;
}

export interface Account extends SignedIn {
  readonly email: string;
  readonly role: Role;
  /** By noun: the global id of the row that `make` made. */
  readonly ids: Readonly<Record<string, string>>;
}

export interface World {
  readonly server: TestServer;
  readonly ada: Account;
  readonly bob: Account;
  readonly admin: Account;
  /** An account that administrators change. */
  readonly eve: SignedIn;
  /** The access token of a column, null for nobody. */
  tokenOf(column: Column): string | null;
  /** All that there is but denials, as text: equal when nothing has changed. */
  contents(): Promise<string>;
}

/** What a coordinate of the permission matrix is asked with. */
export interface Probe {
  query: string;
  variables: Record<string, unknown>;
  /** Where a denial of the coordinate is reported. */
  path: string[];
  /** What `+` serves. */
  data?: unknown;
  /** What `E` serves. */
  empty?: unknown;
  /** What `0` serves. */
  invisible?: unknown;
  /** In place of the column's token. */
  token?: string;
  /** After `+`: what must have happened. Puts back what others rely on. */
  verify?: () => Promise<unknown>;
  /** What `verify` resolves to. */
  done?: unknown;
}

/** What a probe is made of. */
export interface Asked {
  /** Whose row is asked for. */
  readonly holder: Account;
  readonly target: Target;
  readonly column: Column;
  readonly world: World;
}

export type Ask = (asked: Asked) => Probe | Promise<Probe>;

/** A field's selection, its value, and what it shows if none of its rows are visible. */
export type Field = (holder: Account) => [selection: string, value: unknown, empty?: unknown];

/** The time of everything, by the server's clock. */
export const moment = '2026-03-01T09:30:00.000Z';

/** A new session for a column's account. */
export function signInto(server: TestServer, { username, password }: SignedIn, column: Column): Promise<SignedIn> {
  return signIn(server, { username, password, ...(column.scopes && { scopes: [...column.scopes] }) });
}

/** A new account in the place of a column's, for what would take from the others who ask as it. */
export async function standIn({ server }: Pick<World, 'server'>, column: Column): Promise<SignedIn> {
  const user = await asUser(server);
  if (column.account === 'admin')
    await execute(server, sql`update users set role = 'ADMIN' where username = ${user.username}`);
  return signInto(server, user, column);
}

/** A stored row, by its global id. */
export async function storedRow(
  { server }: Pick<World, 'server'>,
  type: string,
  id: string,
): Promise<Record<string, unknown> | undefined> {
  const rows = await execute(server, sql`select * from ${sql.table(`${type}s`)} where id = ${fromGlobalId(type, id)}`);
  return rows[0] as Record<string, unknown> | undefined;
}

export async function execute({ database }: TestServer, statement: ReturnType<typeof sql>): Promise<unknown[]> {
  return (await statement.execute(database.fork().getKysely())).rows;
}

/** Asked by a new account, where a column has one: for ada's and the administrator's, others ask as well. */
export function ofStandIn(
  selection: string,
  probe: (viewer: SignedIn, world: World) => Promise<Omit<Probe, 'query' | 'path' | 'variables'> & Partial<Probe>>,
): Ask {
  return async ({ column, world }) => {
    const viewer = column.account ? await standIn(world, column) : world.ada;
    const [field = ''] = selection.split(' ');
    const { variables = {}, ...rest } = await probe(viewer, world);
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query =
      'input' in variables
        ? `mutation ($input: ${type}!) { ${selection.replace(field, `${field}(input: $input)`)} }`
        : `mutation { ${selection} }`;
    return { query, variables, path: [field], ...rest, ...(column.account && { token: viewer.session.accessToken }) };
  };
}

/**
 * Rows of another GraphQL service, fetched with the client's selection. The client's aliases are the keys of such a
 * row, and it holds what the client selected. So no rule may decide by it.
 */
import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { isPromise } from './evaluate.ts';

/** graphql-tools marks such rows with this symbol, in each of its copies alike (graphql-tools 5131). */
const mark = Symbol.for('subschemaErrors');

/** Foreign rows without the mark: those of `foreignRows`, and rows that were read from foreign rows. */
const unmarked = new WeakSet<object>();

export function isForeign(row: unknown): boolean {
  if (typeof row !== 'object' || row === null) return false;
  return (row as Record<symbol, unknown>)[mark] !== undefined || unmarked.has(row);
}

export function markForeign(row: unknown): void {
  if (typeof row === 'object' && row !== null) unmarked.add(row);
}

/**
 * The property of a row that has the field's name.
 *
 * @throws GraphQLError for an alias on a foreign row. The client may have fetched another field under the field's
 * name. The resolver may have fetched another field under the alias.
 */
export function readProperty(row: unknown, name: string, info: GraphQLResolveInfo): unknown {
  if ((typeof row !== 'object' || row === null) && typeof row !== 'function') return undefined;
  const value = (row as Record<string, unknown>)[name];
  if (!isForeign(row)) return value;
  if (info.path.key === name) return withForeignRows(value);
  throw new GraphQLError(
    `\`${info.parentType}.${name}\` cannot be read under the alias \`${info.path.key}\` from a row of another service. ` +
      'Select the field without an alias.',
    { nodes: info.fieldNodes, extensions: { code: 'BAD_USER_INPUT' } },
  );
}

/** Marks the rows in a value that was read from a foreign row. They are foreign too. */
function withForeignRows(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isPromise(value)) return Promise.resolve(value).then(withForeignRows);
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, withForeignRows);
  markForeign(value);
  return value;
}

/** Stands for such a row where a rule is asked. A rule that does not read the row decides as usual. */
export function unreadableRow(coordinate: string): object {
  return unreadable(
    `\`${coordinate}\` cannot be decided by its row: another service keyed it by the client's aliases. ` +
      'Decide by rights, arguments or @ownerOf, or resolve to a row of your own.',
  );
}

/** @returns an object that throws for every access. */
function unreadable(message: string): object {
  const refuse = () => {
    throw new TypeError(message);
  };
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse });
}

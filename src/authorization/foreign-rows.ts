/**
 * Rows of another GraphQL service, fetched with the selection of the client. Such a row is keyed by the client's
 * aliases and holds what the client selected, so no rule may decide by it.
 */
import type { SiteOf } from './site.ts';
import { requirementOf, type Source } from './sources.ts';

/** graphql-tools marks such rows with it, in each of its copies alike (graphql-tools 5131). */
const mark = Symbol.for('subschemaErrors');

export function isForeign(row: unknown): boolean {
  return typeof row === 'object' && row !== null && (row as Record<symbol, unknown>)[mark] !== undefined;
}

/** Stands for such a row where a rule is asked: a rule that does not look at the row decides as ever. */
export function unreadableRow(coordinate: string): object {
  return unreadable(
    `\`${coordinate}\` cannot be decided by its row: another service keyed it by the client's aliases. ` +
      'Decide by rights, arguments or @ownerOf, or resolve to a row of your own.',
  );
}

/** @returns an object that throws, whatever is asked of it. */
function unreadable(message: string): object {
  const refuse = () => {
    throw new TypeError(message);
  };
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse });
}

/** `@owner` could never be decided on the types that `foreignRows` names. */
export function refuseForeignOwners(
  foreignRows: readonly string[],
  sources: ReadonlyMap<string, readonly Source[]>,
  siteOf: SiteOf,
): void {
  const reason =
    '@owner cannot take effect: `foreignRows` names the type, and clients name the keys of its rows; ' +
    'require rights, or use @ownerOf where an argument names the row';
  for (const [coordinate, its] of sources) {
    const [typeName = ''] = coordinate.split('.');
    const isDecided = requirementOf(its).some((alternative) => alternative.some(({ kind }) => kind === 'owner'));
    if (foreignRows.includes(typeName) && isDecided) siteOf(coordinate, []).problem(reason);
  }
}

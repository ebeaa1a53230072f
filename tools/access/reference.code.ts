/** What the code of another commit says beside its schema. Runs that commit's code with the present packages. */
import { existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GraphQLSchema, resolveSchemaCoordinate } from 'graphql';
import { reads as readsOfToday, rowsOf as rowsOfToday } from '../../src/api/schema.ts';
import type { RowsOf } from '../../src/authorization/guard.ts';

export type Reads = Readonly<Record<string, readonly string[]>>;

export interface Code {
  /** By input: the fields that it reads. None where the commit says none. */
  readonly reads: Reads;
  /** By type: how its rows stand to viewers. */
  readonly rowsOf: Readonly<Record<string, RowsOf>>;
  /** Why `reads` is today's, if it cannot be read: of what changed in it nothing is known then. */
  readonly reason: string | null;
}

const file = 'src/api/schema.ts';

/**
 * @param directory the commit's tree.
 * @param root the folder whose packages it runs with.
 */
export async function codeIn(directory: string, root: string): Promise<Code> {
  if (!existsSync(join(directory, file))) return { reads: {}, rowsOf: rowsOfToday, reason: null };
  try {
    linkPackages(directory, root);
    const { reads = {}, rowsOf = rowsOfToday } = await import(pathToFileURL(join(directory, file)).href);
    if (isReads(reads)) return { reads, rowsOf, reason: null };
    return { reads: readsOfToday, rowsOf, reason: 'it is not lists of coordinates by coordinate' };
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error);
    return { reads: readsOfToday, rowsOf: rowsOfToday, reason };
  }
}

/** Without coordinates that the schema does not have. */
export function knownTo(schema: GraphQLSchema, reads: Reads): Reads {
  const isThere = (coordinate: string) => {
    try {
      return resolveSchemaCoordinate(schema, coordinate) !== undefined;
    } catch {
      return false;
    }
  };
  const known = Object.entries(reads).map(([input, fields]) => [input, fields.filter(isThere)] as const);
  return Object.fromEntries(known.filter(([input, fields]) => isThere(input) && fields.length > 0));
}

function linkPackages(directory: string, root: string): void {
  const link = join(directory, 'node_modules');
  const packages = createRequire(join(root, 'package.json')).resolve.paths('graphql')?.find(existsSync);
  if (packages && !existsSync(link)) symlinkSync(packages, link, 'junction');
}

function isReads(reads: unknown): reads is Reads {
  if (typeof reads !== 'object' || reads === null) return false;
  return Object.values(reads).every(
    (fields) => Array.isArray(fields) && fields.every((field) => typeof field === 'string'),
  );
}

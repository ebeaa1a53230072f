/** What filters and orders read at another commit. Runs that commit's code with the present packages. */
import { existsSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type GraphQLSchema, resolveSchemaCoordinate } from 'graphql';
import { reads as readsOfToday } from '../../src/api/schema.ts';

export type Reads = Readonly<Record<string, readonly string[]>>;

const file = 'src/api/schema.ts';

/**
 * @param directory the commit's tree.
 * @param root the folder whose packages it runs with.
 * @returns no `reads` if the commit has none. If they cannot be loaded, the present ones with the reason: nothing is
 * then known of their changes.
 */
export async function readsIn(directory: string, root: string): Promise<{ reads: Reads; reason: string | null }> {
  if (!existsSync(join(directory, file))) return { reads: {}, reason: null };
  try {
    linkPackages(directory, root);
    const { reads = {} } = await import(pathToFileURL(join(directory, file)).href);
    if (isReads(reads)) return { reads, reason: null };
    return { reads: readsOfToday, reason: 'it is not lists of coordinates by coordinate' };
  } catch (error) {
    return { reads: readsOfToday, reason: String(error instanceof Error ? error.message : error) };
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

/** Which parsed and validated documents are kept. */
import type { ApolloServerOptions } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { GraphQLContext } from '../../graphql/context.ts';

/** Documents that were parsed and found valid. */
export interface Documents {
  /** The document with this source. */
  of(source: string): DocumentNode | undefined;
}

/**
 * How many documents are kept; how many characters of source all have together, and one may have. A character takes
 * some 50 bytes.
 */
const keptDocuments = { max: 1000, maxSize: 100_000, maxEntrySize: 20_000 };

/**
 * The last used documents, parsed and validated, by hash or source. Apollo Server's own store allows 30 MiB of JSON.
 * That takes five times as much memory, and queries that never come again would fill it.
 */
export function storeOfDocuments() {
  const isAgain = doorkeeper();
  /** The hash of each kept document, by source. */
  const hashes = new Map<string, string>();
  const kept = new LRUCache<string, DocumentNode>({
    ...keptDocuments,
    sizeCalculation: sizeOf,
    dispose: ({ loc }) => loc && hashes.delete(loc.source.body),
  });
  const documentStore: NonNullable<ApolloServerOptions<GraphQLContext>['documentStore']> = {
    get: async (key) => kept.get(key),
    set: async (key, document) => {
      if (sizeOf(document) > keptDocuments.maxEntrySize || !isAgain(key)) return;
      kept.set(key, document);
      if (document.loc) hashes.set(document.loc.source.body, key);
    },
    delete: async (key) => kept.delete(key),
  };
  const documents: Documents = {
    of: (source) => {
      const hash = hashes.get(source);
      return hash === undefined ? undefined : kept.get(hash);
    },
  };
  return { documentStore, documents };
}

function sizeOf({ loc }: DocumentNode): number {
  return loc ? loc.end - loc.start : keptDocuments.maxSize;
}

/**
 * Keep a document only when it arrives a second time. One-off queries then never leave the young generation. A key has a
 * slot in each of two tables. A slot knows the last key that fell on it, so two keys hardly ever share both. A document
 * whose bits equal another's is kept at once. Source: the doorkeeper of TinyLFU (Einziger et al., 2017).
 */
function doorkeeper(): (hash: string) => boolean {
  const tables = [new Uint32Array(4096), new Uint32Array(4096)];
  return (hash) => {
    const known = tables.map((seen, i) => {
      const bits = Number.parseInt(hash.slice(-8 * (i + 1), hash.length - 8 * i), 16);
      const slot = bits % seen.length;
      const isKnown = seen[slot] === bits;
      seen[slot] = bits;
      return isKnown;
    });
    return known.includes(true);
  };
}

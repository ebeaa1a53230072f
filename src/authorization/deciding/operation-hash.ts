/** Identifies an operation by its text, whatever name its client gives it. */

import { createHash } from 'node:crypto';
import { type OperationDefinitionNode, print } from 'graphql';
import type { OperationInfo } from './verdict.ts';

const hashes = new WeakMap<OperationDefinitionNode, string>();

/**
 * SHA-256, in hexadecimal, of the document as the client sent it: the hash of automatic persisted queries. A document
 * that was not parsed from text is printed first.
 */
export function operationHash({ operation, fragments }: Pick<OperationInfo, 'operation' | 'fragments'>): string {
  let hash = hashes.get(operation);
  if (!hash) {
    const text = operation.loc?.source.body ?? [operation, ...Object.values(fragments)].map(print).join('\n\n');
    hash = createHash('sha256').update(text).digest('hex');
    hashes.set(operation, hash);
  }
  return hash;
}

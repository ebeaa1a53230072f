/** Signing keys as a table, for people. */
import type { SigningAlgorithm } from '../src/authentication/keys/key-material.ts';
import type { ListedKey } from '../src/authentication/keys/signing-keys.rotation.ts';

export interface ShownKey {
  kid: string;
  algorithm: SigningAlgorithm;
  /** `given`: a key of the configuration that only verifies. */
  state: ListedKey['state'] | { is: 'given' };
  createdAt?: Date;
}

export function keysTable(keys: readonly ShownKey[]): string {
  const header = ['KID', 'ALGORITHM', 'STATE', 'CREATED'];
  const rows = keys.map(({ kid, algorithm, state, createdAt }) => [
    kid,
    algorithm,
    describe(state),
    createdAt ? seconds(createdAt) : '-',
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function describe(state: ShownKey['state']): string {
  switch (state.is) {
    case 'signing':
      return 'signs';
    case 'published':
      return `published, signs from ${seconds(state.signsFrom)}`;
    case 'verifying':
      return `verifies until ${seconds(state.until)}`;
    case 'over':
      return 'over';
    case 'retired':
      return `retired ${seconds(state.at)}`;
    case 'unused':
      return 'not of JWT_ALGORITHM';
    case 'given':
      return 'verifies';
  }
}

function seconds(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The keys of the configuration as rows of a document. */
import type { Default, Key } from '../../src/config/key.ts';
import { keysOf } from '../../src/config/key.ts';
import { table } from '../../src/config/table.ts';

export interface Row {
  readonly name: string;
  /** The values that it accepts. */
  readonly takes: string;
  /** In words. */
  readonly default: string;
  /** What .env.example shows. */
  readonly shown: string;
  /** The default in production, if it differs. */
  readonly inProduction: string | null;
  /** The description, in sentences. */
  readonly says: string;
  /** A page of docs/, with an anchor. */
  readonly see: string | null;
}

export function rows(): Row[] {
  return keysOf(table).flatMap((key) => (key.file ? [rowOf(key), fileRowOf(key.file)] : [rowOf(key)]));
}

function rowOf(key: Key): Row {
  const { name, type } = key;
  return { name, takes: type.words, ...defaultOf(key), says: told(key), see: key.see ?? null };
}

function fileRowOf(file: NonNullable<Key['file']>): Row {
  const { name, see = null } = file;
  return { name, takes: 'a path', default: 'none', shown: '', inProduction: null, says: told(file), see };
}

function told({ says, more }: { says: string; more?: string }): string {
  return more ? `${says} ${more}` : says;
}

function defaultOf({ default: given, without, example }: Key): Pick<Row, 'default' | 'shown' | 'inProduction'> {
  if (given === null) return { default: without ?? 'none', shown: example ?? '', inProduction: null };
  const { words, shown, inProduction } = inWords(given);
  return { default: words, shown, inProduction };
}

function inWords(given: Default): { words: string; shown: string; inProduction: string | null } {
  if (typeof given === 'string') return { words: given ? `\`${given}\`` : 'none', shown: given, inProduction: null };
  if ('from' in given) return { words: given.words, shown: given.shown, inProduction: null };
  const { development, production } = given;
  return { words: `\`${development}\`; in production \`${production}\``, shown: development, inProduction: production };
}

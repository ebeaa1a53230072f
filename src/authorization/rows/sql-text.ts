/**
 * SQL in pieces, each with its values apart: what is a value never becomes text. In the manner of sql-template-tag, whose
 * ES modules not every Node can require. A piece stands in one of that library's by `new Sql(strings, values)`.
 */

/** One more string than there are values: they stand between them. */
export interface SqlPiece {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
}

export class Sql implements SqlPiece {
  readonly strings: readonly string[];
  readonly values: unknown[];

  /** A value that is a piece itself is taken apart. */
  constructor(strings: readonly string[], values: readonly unknown[]) {
    const flat: string[] = [];
    const flatValues: unknown[] = [];
    let text = strings[0] ?? '';
    for (const [at, value] of values.entries()) {
      const within: SqlPiece = value instanceof Sql ? value : { strings: ['', ''], values: [value] };
      text += within.strings[0];
      for (const [i, each] of within.values.entries()) {
        flat.push(text);
        flatValues.push(each);
        text = within.strings[i + 1] ?? '';
      }
      text += strings[at + 1];
    }
    flat.push(text);
    this.strings = flat;
    this.values = flatValues;
  }

  /** With `$1`, `$2` and so on for the values, as PostgreSQL has them. */
  get text(): string {
    return this.strings.reduce((text, string, at) => `${text}$${at}${string}`);
  }
}

export function sql(strings: readonly string[], ...values: readonly unknown[]): Sql {
  return new Sql(strings, values);
}

/** Text that is in the code, never input. */
export function raw(text: string): Sql {
  return new Sql([text], []);
}

export const empty = raw('');

/** At least one piece, or value. */
export function join(pieces: readonly unknown[], separator = ', ', prefix = '', suffix = ''): Sql {
  if (pieces.length === 0) throw new TypeError('There is nothing to join.');
  return new Sql([prefix, ...Array<string>(pieces.length - 1).fill(separator), suffix], pieces);
}

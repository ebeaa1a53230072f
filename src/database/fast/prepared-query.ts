/**
 * A statement that is prepared: what it returns is asked for once for each connection, and its rows are made by code
 * that was generated for their columns. Source: PostgreSQL, "Extended Query".
 */
import { LRUCache } from 'lru-cache';
import type { Connection, FieldDef, QueryResult } from 'pg';
import { prepareValue } from 'pg/lib/utils.js';
import type { DataRow } from './row-parser.ts';

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** Of one connection: how the rows of its statements are made, by the statements' names. */
export type KnownRows = Map<string, MakeRow>;
type MakeRow = (values: Pick<DataRow, 'next'>) => Record<string, unknown>;

type ParserOf = (type: number) => (text: string) => unknown;

type Callback = (error: Error | null, result?: QueryResult) => void;

/** What the driver keeps of a connection's statements. */
type Tracking = Connection & {
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
};

/** What the driver's connections understand; its declarations ask for more. */
type Send = Record<'parse' | 'bind' | 'describe' | 'execute', (message: object) => void>;

/** For the driver's `Client.query`, in the place of a query of its own: it calls what is named as its own is. */
export class PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly callback: Callback;
  readonly #values: readonly unknown[];
  readonly #known: KnownRows;
  readonly #makers: RowMakers;
  readonly #rows: Record<string, unknown>[] = [];
  #makeRow: MakeRow | undefined;
  #tag = '';
  #failure: Error | null = null;

  constructor(
    { name, text }: PreparedStatement,
    values: readonly unknown[],
    { known, makers, callback }: { known: KnownRows; makers: RowMakers; callback: Callback },
  ) {
    this.name = name;
    this.text = text;
    this.callback = callback;
    this.#values = values;
    this.#known = known;
    this.#makers = makers;
  }

  /** @returns the error of a value that cannot be sent. Nothing has been sent then. */
  submit(connection: Connection): Error | null {
    const { name, text } = this;
    let values: unknown[];
    try {
      values = this.#values.map(prepareValue);
    } catch (error) {
      return error as Error;
    }
    const { parsedStatements, submittedNamedStatements } = connection as Tracking;
    const isParsed = Boolean(parsedStatements[name] || submittedNamedStatements[name]);
    this.#makeRow = isParsed ? this.#known.get(name) : undefined;
    const send = connection as unknown as Send;
    connection.stream.cork();
    if (!isParsed) {
      send.parse({ name, text });
      submittedNamedStatements[name] = text;
    }
    send.bind({ statement: name, values });
    if (!this.#makeRow) send.describe({ type: 'P', name: '' });
    send.execute({});
    connection.sync();
    connection.stream.uncork();
    return null;
  }

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.#makeRow = this.#makers.of(fields);
  }

  handleDataRow(values: DataRow): void {
    if (this.#failure) return;
    try {
      this.#rows.push((this.#makeRow as MakeRow)(values));
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#tag = text;
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('Nothing is copied.');
  }

  handleCopyData(): void {}

  handleError(error: Error): void {
    this.callback(this.#failure ?? error);
  }

  handleReadyForQuery(): void {
    if (this.#failure) {
      this.callback(this.#failure);
      return;
    }
    this.#known.set(this.name, this.#makeRow ?? noRow);
    const [command = '', ...counts] = this.#tag.split(' ');
    const rowCount = counts.length > 0 ? Number(counts.at(-1)) : null;
    this.callback(null, { command, rowCount, rows: this.#rows, fields: [], oid: 0 });
  }
}

/** Of a statement that returns none. */
const noRow: MakeRow = () => {
  throw new Error('A statement that returns no rows has returned one.');
};

/** No type has this OID: values are read as they are. */
const noType = 0;

/** Makes rows by code that is generated for their columns. All connections share one, so that the engine optimizes each once. */
export class RowMakers {
  readonly #parserOf: ParserOf;
  readonly #made = new LRUCache<string, MakeRow>({ max: 1000 });

  /** @param parserOf tells what reads a type, by its OID. */
  constructor(parserOf: ParserOf) {
    this.#parserOf = parserOf;
  }

  of(columns: readonly FieldDef[]): MakeRow {
    const key = JSON.stringify(columns.map(({ name, dataTypeID }) => [name, dataTypeID]));
    let make = this.#made.get(key);
    if (!make) {
      const parsers = columns.map(({ dataTypeID }) => this.#parserOf(dataTypeID));
      const members = columns.map(({ name }, i) => {
        const isText = parsers[i] === this.#parserOf(noType);
        const value = isText ? 'values.next()' : `(value = values.next()) === null ? null : parsers[${i}](value)`;
        // In brackets it is a property whatever it is called: `__proto__` would be none.
        return `[${JSON.stringify(name)}]: ${value}`;
      });
      const code = `return (values) => { let value; return { ${members.join(', ')} }; };`;
      make = new Function('parsers', code)(parsers) as MakeRow;
      this.#made.set(key, make);
    }
    return make;
  }
}

/**
 * Connections that prepare what comes again: PostgreSQL then neither parses nor, where one plan serves all values,
 * plans it anew. Source: PostgreSQL, PREPARE ("Notes").
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Client, type QueryResult } from 'pg';

/** Texts are counted, and those that have come so often are prepared. */
const preparedFrom = 3;
const countedTexts = 1000;
/** For each connection: a prepared statement takes some 50 KB there. */
const maxPrepared = 100;

interface Text {
  /** Says the whole text: where a pooler mixes connections up, no other statement can answer to it. */
  readonly name: string;
  count: number;
}

const texts = new LRUCache<string, Text>({ max: countedTexts });

/**
 * Poolers that hand out a connection for each transaction may not keep prepared statements: `invalid_sql_statement_name`
 * and `duplicate_prepared_statement` tell of one.
 */
let isPooled = false;
const signsOfPooler: ReadonlySet<unknown> = new Set(['26000', '42P05']);
/** `feature_not_supported`: a column that the statement returns has another type by now. */
const signsOfChange: ReadonlySet<unknown> = new Set(['0A000']);

/** What the driver believes the connection to have prepared. */
type Parsed = { connection: { parsedStatements: Record<string, string> } };

/** For the pool's option `Client`. Statements with a name of their own, and those without values, are sent as they are. */
export class PreparingClient extends Client {
  readonly #prepared = new LRUCache<string, true>({
    max: maxPrepared,
    dispose: (_, name, reason) => reason === 'evict' && this.#stale.push(name),
  });
  readonly #stale: string[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: seven overloads, of which those with promises are of interest
  override query(...given: any[]): any {
    const [text, values] = given;
    // A cursor, or somebody who brings a callback.
    if (typeof text?.submit === 'function' || typeof given.at(-1) === 'function') return this.#send(given);
    const isPlain = typeof text === 'string' && Array.isArray(values) && values.length > 0;
    const name = isPlain && !isPooled ? this.#nameOf(text) : null;
    return name === null ? this.#ask(given) : this.#askPrepared(name, text, values);
  }

  async #askPrepared(name: string, text: string, values: unknown[]): Promise<QueryResult> {
    try {
      for (let stale = this.#stale.pop(); stale !== undefined; stale = this.#stale.pop()) {
        const { parsedStatements } = (this as unknown as Parsed).connection;
        if (!parsedStatements[stale]) continue;
        delete parsedStatements[stale];
        await this.#ask([`deallocate ${stale}`]);
      }
      return await this.#ask([{ name, text, values }]);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (signsOfPooler.has(code)) isPooled = true;
      else if (signsOfChange.has(code)) this.#prepared.delete(name) && this.#stale.push(name);
      else throw error;
      // Nothing was executed; but a transaction, if there is one, is over.
      if (this.getTransactionStatus() !== 'I') throw error;
      return await this.#ask([text, values]);
    }
  }

  /** By a callback: of the promises that the driver makes itself, the rows live until the next full collection. */
  #ask(given: unknown[]): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.#send([...given, (error: Error | null, result: QueryResult) => (error ? reject(error) : resolve(result))]);
    });
  }

  #send(given: unknown[]): unknown {
    return (super.query as (...given: unknown[]) => unknown).apply(this, given);
  }

  #nameOf(text: string): string | null {
    let known = texts.get(text);
    if (!known) {
      known = { name: `gatewright_${createHash('sha256').update(text).digest('hex').slice(0, 48)}`, count: 0 };
      texts.set(text, known);
    }
    if (++known.count < preparedFrom) return null;
    this.#prepared.set(known.name, true);
    return known.name;
  }
}

/**
 * Connections that prepare what comes again: PostgreSQL then neither parses nor, where one plan serves all values,
 * plans it anew. Source: PostgreSQL, PREPARE ("Notes").
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Client, type ClientConfig, type QueryResult, types } from 'pg';
import { mayBeRepeated, signsOfChange, signsOfPooler } from '../faults.ts';
import { type KnownRows, PreparedQuery, type PreparedStatement, RowMakers } from './prepared-query.ts';
import { parseRowsBy } from './row-parser.ts';

/** Texts are counted, and those that have come so often are prepared. */
const preparedFrom = 3;
const countedTexts = 1000;
/** For each connection: a prepared statement takes some 50 KB there. */
const maxPrepared = 100;

interface Text extends PreparedStatement {
  count: number;
}

const texts = new LRUCache<string, Text>({ max: countedTexts });

/**
 * Counts the changes that prepared statements did not survive. Statements are named by it: what a connection prepared
 * before a change is not asked for again, on any connection, and leaves like all that is not used.
 */
let changes = 0;

/** A pooler that hands out a connection for each transaction may not keep prepared statements. */
let isPooled = false;

/** What a statement begins with that is not prepared, since its plan is to be made for its values. */
export const planned = '/* planned for its values */ ';

/**
 * A text without values may hold several statements, so it must surely be one query. What changes from one time to the
 * next must be a function, as `now()`: a literal as `'now'::timestamptz` is read once, when the query is prepared.
 */
function isStatement([text, values]: unknown[]): boolean {
  if (typeof text !== 'string' || !Array.isArray(values)) return false;
  return values.length > 0 || (text.startsWith('select ') && !text.includes(';'));
}

/** What may be repeated where it was undone. A `commit` is not: again, it would succeed, and nothing be done. */
function readsOrWrites([text]: unknown[]): boolean {
  return typeof text === 'string' && /^(select|with|insert|update|delete)\b/i.test(text);
}

function forgetPrepared(): void {
  changes++;
  texts.clear();
}

/** What the driver believes the connection to have prepared. */
type Parsed = { connection: { parsedStatements: Record<string, string> } };

/** By who tells how types are read: the connections of a pool share it. */
const makersOf = new WeakMap<object, RowMakers>();

/** How many do something that may take as long as it takes. */
let patient = 0;

/** While it lasts, no connection is given up for being silent. */
export async function withPatience<Result>(work: () => Promise<Result>): Promise<Result> {
  patient++;
  try {
    return await work();
  } finally {
    patient--;
  }
}

/**
 * For the pool's option `Client`. `answerTimeout`: milliseconds after which a connection is given up that has not answered;
 * up to twice as many. Statements with a name of their own, and those without values that are no queries, are sent as they are.
 */
export class PreparingClient extends Client {
  readonly #prepared = new LRUCache<string, true>({
    max: maxPrepared,
    dispose: (_, name, reason) => reason === 'evict' && this.#stale.push(name),
  });
  readonly #stale: string[] = [];
  readonly #known: KnownRows = new Map();
  readonly #makers: RowMakers;

  constructor(config?: ClientConfig & { answerTimeout?: number }) {
    super(config);
    if (config?.answerTimeout) this.#giveUpAfter(config.answerTimeout);
    parseRowsBy(this.connection);
    const kept = config?.types ?? types;
    let makers = makersOf.get(kept);
    if (!makers) {
      makers = new RowMakers((type) => kept.getTypeParser(type, 'text'));
      makersOf.set(kept, makers);
    }
    this.#makers = makers;
  }

  // biome-ignore lint/suspicious/noExplicitAny: seven overloads, of which those with promises are of interest
  override query(...given: any[]): any {
    const [text, values] = given;
    // A cursor, or somebody who brings a callback.
    if (typeof text?.submit === 'function' || typeof given.at(-1) === 'function') return this.#send(given);
    const isPrepared = !isPooled && isStatement(given) && !text.startsWith(planned);
    const statement = isPrepared ? this.#statementOf(text) : null;
    return statement ? this.#askPrepared(statement, values) : this.#ask(given);
  }

  async #askPrepared(statement: PreparedStatement, values: unknown[]): Promise<QueryResult> {
    const { text } = statement;
    try {
      for (let stale = this.#stale.pop(); stale !== undefined; stale = this.#stale.pop()) {
        const { parsedStatements } = (this as unknown as Parsed).connection;
        if (!parsedStatements[stale]) continue;
        delete parsedStatements[stale];
        this.#known.delete(stale);
        await this.#ask([`deallocate ${stale}`]);
      }
      return await new Promise((resolve, reject) => {
        const callback = (error: Error | null, result?: QueryResult) => (result ? resolve(result) : reject(error));
        this.#send([new PreparedQuery(statement, values, { known: this.#known, makers: this.#makers, callback })]);
      });
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (signsOfPooler.has(code)) isPooled = true;
      else if (signsOfChange.has(code)) forgetPrepared();
      if (!this.#mayRepeat(error)) throw error;
      return await this.#ask([text, values]);
    }
  }

  /** By a callback: of the promises that the driver makes itself, the rows live until the next full collection. */
  #ask(given: unknown[], attempts = 3): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.#send([
        ...given,
        (error: Error | null, result: QueryResult) => {
          if (!error) resolve(result);
          else if (attempts > 1 && readsOrWrites(given) && this.#mayRepeat(error))
            resolve(this.#ask(given, attempts - 1));
          else reject(error);
        },
      ]);
    });
  }

  /** Nothing of the statement is done. In a transaction it cannot be repeated alone: all of that is undone. */
  #mayRepeat(error: unknown): boolean {
    return mayBeRepeated(error) && this.getTransactionStatus() === 'I';
  }

  #send(given: unknown[]): unknown {
    return (super.query as (...given: unknown[]) => unknown).apply(this, given);
  }

  /**
   * A server that lives answers in time, or says that a statement took too long (`statement_timeout`). Of one that is
   * gone without a word, TCP would learn in a quarter of an hour.
   */
  #giveUpAfter(milliseconds: number): void {
    let seen: unknown = null;
    const watch = setInterval(() => {
      const { _activeQuery: asked } = this as unknown as { _activeQuery: unknown };
      if (asked && asked === seen && patient === 0) {
        const error = Object.assign(new Error('The database does not answer.'), { code: 'ETIMEDOUT' });
        this.connection.stream.destroy(error);
      }
      seen = asked;
    }, milliseconds).unref();
    this.once('end', () => clearInterval(watch));
  }

  #statementOf(text: string): PreparedStatement | null {
    let known = texts.get(text);
    if (!known) {
      // Says the whole text: where a pooler mixes connections up, no other statement can answer to it.
      const name = `gatewright_${createHash('sha256').update(`${changes} ${text}`).digest('hex').slice(0, 48)}`;
      known = { name, text, count: 0 };
      texts.set(text, known);
    }
    if (++known.count < preparedFrom) return null;
    this.#prepared.set(known.name, true);
    return known;
  }
}

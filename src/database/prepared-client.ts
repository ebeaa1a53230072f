/**
 * Connections that prepare statements that come again, by the driver's named queries. PostgreSQL then does not parse
 * them anew. Where one plan serves all values, it does not plan them anew either. Source: PostgreSQL, PREPARE
 * ("Notes"); node-postgres, "Prepared statements".
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Client, type ClientConfig, type QueryResult } from 'pg';
import { AnswerTimeout } from './answer-timeout.ts';
import { mayBeRepeated, signsOfChange, signsOfPooler } from './faults.ts';

/** A text is prepared when it has come this often. */
const preparedFrom = 3;
const countedTexts = 1000;
/** For each connection, where a prepared statement takes some 50 KB. One more, and all are deallocated. */
const maxPrepared = 100;
/**
 * For each connection. The driver never forgets a named statement, and clients decide which columns are read. Beyond
 * this number statements get no name.
 */
const maxNames = 1000;
/** Queries of a connection before the pool replaces it. The new one can give all its names again. */
export const maxUses = 20_000;

const texts = new LRUCache<string, { readonly name: string; count: number }>({ max: countedTexts });

/**
 * Counts the changes that invalidated prepared statements. Names contain this number. So no connection is asked again
 * for a statement that it prepared before a change.
 */
let changes = 0;

/** A pooler that assigns a connection to each transaction may not keep prepared statements. */
let isPooled = false;

/** A statement that begins with this is not prepared, because its plan must be made for its values. */
export const planned = '/* planned for its values */ ';

/**
 * A text without values may hold several statements, so it must surely be one query. A value that changes with time
 * must be a function such as `now()`. A literal such as `'now'::timestamptz` is read once, when the query is prepared.
 */
function isStatement(text: string, values: readonly unknown[]): boolean {
  return values.length > 0 || (text.startsWith('select ') && !text.includes(';'));
}

/** Statements that may be repeated after they were undone. A repeated `commit` would succeed, with nothing done. */
function readsOrWrites([text]: unknown[]): boolean {
  return typeof text === 'string' && /^(select|with|insert|update|delete)\b/i.test(text);
}

function forgetPrepared(): void {
  changes++;
  texts.clear();
}

/** The name of a text that has come often enough; null for others. */
function nameOf(text: string): string | null {
  let known = texts.get(text);
  if (!known) {
    // The name stands for the whole text. If a pooler mixes connections up, no other statement can answer to it.
    const name = `gatewright_${createHash('sha256').update(`${changes} ${text}`).digest('hex').slice(0, 40)}`;
    known = { name, count: 0 };
    texts.set(text, known);
  }
  return ++known.count < preparedFrom ? null : known.name;
}

/**
 * For the pool's option `Client`. `answerTimeout` is the number of milliseconds after which a silent connection is
 * closed. Statements with a name of their own are sent as they are. So are texts without values that are no queries.
 */
export class PreparingClient extends Client {
  readonly #prepared = new Set<string>();
  #namesGiven = 0;
  /** How often the connection has deallocated its statements. */
  #generation = 0;
  readonly #timeout: AnswerTimeout | null;

  constructor(config?: ClientConfig & { answerTimeout?: number }) {
    super(config);
    this.#timeout = config?.answerTimeout ? new AnswerTimeout(config.answerTimeout, () => void this.end()) : null;
  }

  // biome-ignore lint/suspicious/noExplicitAny: seven overloads, of which those with promises are of interest
  override query(...given: any[]): any {
    const [text, values] = given;
    // A cursor, or a caller that brings a callback.
    if (typeof text?.submit === 'function' || typeof given.at(-1) === 'function') return this.#send(given);
    const mayBePrepared = typeof text === 'string' && Array.isArray(values) && !isPooled && !text.startsWith(planned);
    const name = mayBePrepared && isStatement(text, values) ? nameOf(text) : null;
    return name !== null && this.#mayName(name) ? this.#askPrepared(name, text, values) : this.#ask(given);
  }

  #mayName(name: string): boolean {
    return this.#prepared.has(name) || this.#namesGiven < maxNames;
  }

  async #askPrepared(name: string, text: string, values: unknown[]): Promise<QueryResult> {
    try {
      if (!this.#prepared.has(name)) {
        if (this.#prepared.size >= maxPrepared) await this.#beginAnew();
        this.#prepared.add(name);
        this.#namesGiven++;
      }
      return await this.#ask([{ name: `${name}_${this.#generation}`, text, values }], 1);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (signsOfPooler.has(code)) isPooled = true;
      else if (signsOfChange.has(code)) forgetPrepared();
      if (!this.#mayRepeat(error)) throw error;
      return await this.#ask([text, values]);
    }
  }

  /** The driver would take an old name for a statement that is still there, so the names change. */
  async #beginAnew(): Promise<void> {
    this.#prepared.clear();
    this.#generation++;
    await this.#ask(['deallocate all']);
  }

  /** This uses a callback. If the driver makes the promise, rows live until the next full collection. */
  #ask(given: unknown[], attempts = 3): Promise<QueryResult> {
    const answered = this.#timeout?.begin();
    return new Promise((resolve, reject) => {
      this.#send([
        ...given,
        (error: Error | null, result: QueryResult) => {
          answered?.();
          if (!error) resolve(result);
          else if (attempts > 1 && readsOrWrites(given) && this.#mayRepeat(error))
            resolve(this.#ask(given, attempts - 1));
          else reject(this.#timeout?.reason ?? error);
        },
      ]);
    });
  }

  /**
   * True if nothing of the statement is done. In a transaction it cannot be repeated alone, because all of that is
   * undone.
   */
  #mayRepeat(error: unknown): boolean {
    return mayBeRepeated(error) && this.getTransactionStatus() === 'I';
  }

  #send(given: unknown[]): unknown {
    return (super.query as (...given: unknown[]) => unknown).apply(this, given);
  }
}

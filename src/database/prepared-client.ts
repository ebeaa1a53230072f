/**
 * Connections that prepare what comes again: PostgreSQL then neither parses nor, where one plan serves all values,
 * plans it anew. By the driver's named queries. Source: PostgreSQL, PREPARE ("Notes"); node-postgres, "Prepared
 * statements".
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Client, type ClientConfig, type QueryResult } from 'pg';
import { AnswerTimeout } from './answer-timeout.ts';
import { mayBeRepeated, signsOfChange, signsOfPooler } from './faults.ts';

/** Texts are counted, and those that have come so often are prepared. */
const preparedFrom = 3;
const countedTexts = 1000;
/** For each connection: a prepared statement takes some 50 KB there. With one more it begins anew. */
const maxPrepared = 100;
/**
 * For each connection. The driver never forgets a statement that has a name, and clients decide which columns are read:
 * beyond, statements go without names.
 */
const maxNames = 1000;
/** Queries of a connection until the pool opens another in its place, which has all its names to give. */
export const maxUses = 20_000;

const texts = new LRUCache<string, { readonly name: string; count: number }>({ max: countedTexts });

/**
 * Counts the changes that prepared statements did not survive. Statements are named by it: what a connection prepared
 * before a change is not asked for again, on any connection.
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
function isStatement(text: string, values: readonly unknown[]): boolean {
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

/** The name of a text that has come often enough; null for others. */
function nameOf(text: string): string | null {
  let known = texts.get(text);
  if (!known) {
    // Says the whole text: where a pooler mixes connections up, no other statement can answer to it.
    const name = `gatewright_${createHash('sha256').update(`${changes} ${text}`).digest('hex').slice(0, 40)}`;
    known = { name, count: 0 };
    texts.set(text, known);
  }
  return ++known.count < preparedFrom ? null : known.name;
}

/**
 * For the pool's option `Client`. `answerTimeout`: milliseconds after which a connection is given up that has not
 * answered. Statements with a name of their own, and those without values that are no queries, are sent as they are.
 */
export class PreparingClient extends Client {
  readonly #prepared = new Set<string>();
  #namesGiven = 0;
  /** How often the connection has begun anew. */
  #generation = 0;
  readonly #timeout: AnswerTimeout | null;

  constructor(config?: ClientConfig & { answerTimeout?: number }) {
    super(config);
    this.#timeout = config?.answerTimeout ? new AnswerTimeout(config.answerTimeout, () => void this.end()) : null;
  }

  // biome-ignore lint/suspicious/noExplicitAny: seven overloads, of which those with promises are of interest
  override query(...given: any[]): any {
    const [text, values] = given;
    // A cursor, or somebody who brings a callback.
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

  /** The driver would ask for a statement of an old name as if it were there, so names change with it. */
  async #beginAnew(): Promise<void> {
    this.#prepared.clear();
    this.#generation++;
    await this.#ask(['deallocate all']);
  }

  /** By a callback: rows live until the next full collection where the driver makes the promise. */
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

  /** Nothing of the statement is done. In a transaction it cannot be repeated alone: all of that is undone. */
  #mayRepeat(error: unknown): boolean {
    return mayBeRepeated(error) && this.getTransactionStatus() === 'I';
  }

  #send(given: unknown[]): unknown {
    return (super.query as (...given: unknown[]) => unknown).apply(this, given);
  }
}

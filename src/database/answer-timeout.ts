/**
 * Closes a connection whose server has fallen silent. A live server answers in time, or reports that a statement took
 * too long (`statement_timeout`). TCP alone would notice a dead server only after a quarter of an hour.
 */

/** How many callers run work without a time limit. */
let patient = 0;

/** While `work` runs, no connection is closed for being silent. */
export async function withPatience<Result>(work: () => Promise<Result>): Promise<Result> {
  patient++;
  try {
    return await work();
  } finally {
    patient--;
  }
}

export class AnswerTimeout {
  /** Why the connection was closed; null while it is open. */
  reason: Error | null = null;
  readonly #milliseconds: number;
  readonly #giveUp: () => void;
  #asked = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(milliseconds: number, giveUp: () => void) {
    this.#milliseconds = milliseconds;
    this.#giveUp = giveUp;
  }

  /** Call this when a query is sent. @returns a function to call when the query is answered, or has failed. */
  begin(): () => void {
    this.#asked++;
    this.#timer ??= setTimeout(this.#look, this.#milliseconds, this.#answers).unref();
    return this.#answered;
  }

  #answers = 0;

  readonly #answered = (): void => {
    this.#asked--;
    this.#answers++;
  };

  /** One timer serves many queries, so an answer stops no timer. */
  readonly #look = (answersBefore: number): void => {
    this.#timer = null;
    if (this.#asked === 0) return;
    if (this.#answers === answersBefore && patient === 0) {
      this.reason = Object.assign(new Error('The database does not answer.'), { code: 'ETIMEDOUT' });
      this.#giveUp();
    } else this.#timer = setTimeout(this.#look, this.#milliseconds, this.#answers).unref();
  };
}

/**
 * Gives up a connection whose server has fallen silent. A server that lives answers in time, or says that a statement
 * took too long (`statement_timeout`). TCP alone would notice in a quarter of an hour that one has gone.
 */

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

export class AnswerTimeout {
  /** Why the connection was given up; null while it is not. */
  reason: Error | null = null;
  readonly #milliseconds: number;
  readonly #giveUp: () => void;
  #asked = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(milliseconds: number, giveUp: () => void) {
    this.#milliseconds = milliseconds;
    this.#giveUp = giveUp;
  }

  /** Something is asked. @returns what is to be called when it is answered, or has failed. */
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

  /** One timer for many queries: a query that is answered stops none. */
  readonly #look = (answersBefore: number): void => {
    this.#timer = null;
    if (this.#asked === 0) return;
    if (this.#answers === answersBefore && patient === 0) {
      this.reason = Object.assign(new Error('The database does not answer.'), { code: 'ETIMEDOUT' });
      this.#giveUp();
    } else this.#timer = setTimeout(this.#look, this.#milliseconds, this.#answers).unref();
  };
}

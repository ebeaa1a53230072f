/** One reason why the guard refuses to start. */
export interface GuardProblem {
  /** A coordinate such as `Task.notes` or `Query.tasks(filter:)`, or the name of a type. */
  readonly coordinate: string;
  readonly reason: string;
  /** File and line, if the schema has them. */
  readonly location: string | null;
}

/** Thrown at start-up; `problems` lists every refusal. */
export class GuardError extends Error {
  readonly problems: readonly GuardProblem[];

  constructor(problems: readonly GuardProblem[]) {
    const lines = problems.map(
      ({ coordinate, reason, location }) => `  ${coordinate}: ${reason}${location ? ` (${location})` : ''}`,
    );
    super(`The schema cannot be guarded:\n${lines.join('\n')}`);
    this.name = 'GuardError';
    this.problems = problems;
  }
}

/** An operation compiled by graphql-jit, for one outcome of what rights decide. */
import { createRequire } from 'node:module';
import type { ExecutionResult, GraphQLError, GraphQLLeafType } from 'graphql';
import type * as Jit from 'graphql-jit';
import type { Denial } from '../contract/denial.ts';
import type { Reporter } from '../deciding/reporter.ts';
import { isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { Doubt, isAbandoned } from './denied-rows.ts';
import type { Lowered, ReadPlace } from './lower.ts';
import { Run, type RunParts } from './run.ts';
import { RowDenial } from './selected-field.ts';

const require = createRequire(import.meta.url);

/** graphql-jit is loaded when the first operation is compiled, so that no start waits for it. */
const jit = (): typeof Jit => require('graphql-jit');

export class Unit {
  /** How many runs graphql-js had to answer after all. Runs that were left to it from the outset count too. */
  doubts = 0;
  runs = 0;
  readonly #query: Jit.CompiledQuery['query'];
  readonly #denied: readonly ReadPlace[];

  /** @throws what graphql-jit throws for the operation. */
  constructor({ schema, document, leaves, denied }: Lowered) {
    this.#denied = denied;
    const customSerializers = Object.create(null) as Record<string, (value: unknown) => unknown>;
    for (const [name, type] of leaves) customSerializers[name] = this.#serializer(type);
    const { compileQuery, isCompiledQuery } = jit();
    const compiled = compileQuery(schema, document, undefined, {
      customSerializers: customSerializers as never,
      disablingCapturingStackErrors: true,
    });
    if (!isCompiledQuery(compiled)) throw new Error('graphql-jit refuses the operation.', { cause: compiled.errors });
    this.#query = compiled.query;
  }

  /**
   * False while nine of ten runs go to graphql-js, because executing twice costs more than compiled code saves. It is
   * tried again after that. So a client whose queries fail does not slow the others down for good.
   */
  get isReliable(): boolean {
    return this.doubts <= 3 || this.doubts * 10 <= this.runs;
  }

  /** @returns null if graphql-js is to be asked. No denial of this run has been reported then. */
  execute(parts: RunParts, reporter: Reporter): MaybePromise<ExecutionResult | null> {
    const run = new Run(parts);
    const doubts = this.doubts;
    const settle = (result: ExecutionResult | null): ExecutionResult | null => {
      run.isOver = true;
      this.runs++;
      const isDoubted = result === null || run.doubted || this.doubts !== doubts;
      const answer = isDoubted ? null : this.#answer(result, run, reporter);
      if (answer === null && this.doubts === doubts) this.doubts++;
      return answer;
    };
    parts.operation.withheld = [];
    try {
      const result = this.#query(parts.operation.info.rootValue, run, {}) as MaybePromise<ExecutionResult>;
      if (!isPromise(result)) return settle(result);
      return result.then(settle, () => settle(null));
    } catch {
      return settle(null);
    }
  }

  /** Null if the answer has an error that graphql-js might report in another way. */
  #answer({ data, errors = [] }: ExecutionResult, run: Run, reporter: Reporter): ExecutionResult | null {
    const { operation } = run.parts;
    const told: GraphQLError[] = [];
    for (const { originalError, path = [] } of errors) {
      if (originalError instanceof RowDenial) {
        const denied = originalError.fields.get(String(path.at(-1)));
        if (!denied) return null;
        const where = { path, nodes: denied.nodes, viewerOnly: false };
        told.push(reporter.deny([{ want: denied.guarded }], where, operation));
      } else if (originalError && run.errors.has(originalError as GraphQLError)) {
        told.push(originalError as GraphQLError);
      } else {
        return null;
      }
    }
    told.push(...this.#deniedWithin(data, run, reporter));
    reporter.release(operation);
    return told.length > 0 ? { errors: told, data: data ?? null } : { data: data ?? null };
  }

  /** What rights alone deny, where a row is there that would have shown it. */
  #deniedWithin(data: unknown, run: Run, reporter: Reporter): Denial[] {
    const { operation } = run.parts;
    return this.#denied.flatMap(({ guarded, path, nodes }) => {
      const positions = positionsOf(data, path);
      const first = positions.next();
      if (!guarded || first.done) return [];
      const place = { wants: [guarded], path: () => path, nodes };
      const denials = reporter.denyViewer([{ want: guarded }], place, operation);
      return reporter.placesEach
        ? [first.value, ...positions].flatMap((position) => reporter.placed(denials, () => position))
        : denials;
    });
  }

  /** graphql-jit words the error of a leaf that cannot be represented in its own way. */
  #serializer(type: GraphQLLeafType): (value: unknown) => unknown {
    return (value) => {
      try {
        if (typeof value === 'function' || (typeof value === 'object' && isAbandoned(value))) throw new Doubt();
        const serialized: unknown = type.serialize(value);
        if (serialized !== undefined && serialized !== null && !Number.isNaN(serialized)) return serialized;
      } catch {
        // graphql-js will meet the same error and report it.
      }
      this.doubts++;
      return undefined;
    };
  }
}

/** The positions where an object would hold the last key of the path, with an index for each "@". */
function* positionsOf(
  value: unknown,
  path: readonly string[],
  at: readonly (string | number)[] = [],
): Generator<readonly (string | number)[], undefined> {
  if (value === null || value === undefined) return;
  const step = path[at.length] as string;
  if (at.length === path.length - 1) {
    yield [...at, step];
  } else if (step === '@') {
    for (const [i, item] of (value as readonly unknown[]).entries()) yield* positionsOf(item, path, [...at, i]);
  } else {
    yield* positionsOf((value as Record<string, unknown>)[step], path, [...at, step]);
  }
}

/** Asks whether a row is among those of a formula: its own properties first, then the database, in one statement a tick. */
import DataLoader from 'dataloader';
import type { MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { isRepresentation } from '../rules/reference-resolvers.ts';
import { type Formula, isEveryRow } from './formula.ts';
import { proves } from './row-proof.ts';
import { stamps } from './stamp.ts';
import type { Proof, ProvedRows } from './viewer-rows.ts';

/** On whose behalf, and in which operation: what is asked in one tick of it is asked together. */
export interface Asker {
  readonly proof: Proof;
  readonly context: unknown;
  readonly operation: object;
}

export class RowQuestions {
  readonly #proved: ProvedRows;
  /** On operations. */
  readonly #loaders = stamps<Map<string, DataLoader<string, boolean>>>();

  constructor(proved: ProvedRows) {
    this.#proved = proved;
  }

  /**
   * What the viewer's rights and the row's own properties say; undefined where they do not decide.
   *
   * @throws a masked fault for a row that a client keyed by its aliases.
   */
  known(type: string, formula: Formula, row: unknown, { proof }: Asker): boolean | undefined {
    if (isEveryRow(formula)) return true;
    if (isForeign(row)) {
      throw maskedFault(
        new TypeError(
          `A row of ${type} was keyed by a client's aliases: nothing in it says how it stands to its viewer.`,
        ),
      );
    }
    // What is in it is what a client wrote.
    if (isRepresentation(row)) return undefined;
    try {
      return proves(formula, row as object, proof.known);
    } catch {
      // A property was not read.
      return undefined;
    }
  }

  /**
   * What the database says. Not kept: a mutation may change it.
   *
   * @param relation null: whether the viewer sees it.
   * @throws a masked fault for a row without an id, and where the question fails: what a database says is for the log.
   */
  ask(type: string, relation: string | null, row: unknown, asker: Asker): Promise<boolean> {
    const id = this.idOf(type, row);
    if (id === null) {
      throw maskedFault(new TypeError(`A row of ${type} has no id: nothing can say how it stands to its viewer.`));
    }
    let loaders = this.#loaders.read(asker.operation);
    if (!loaders) {
      loaders = new Map();
      this.#loaders.write(asker.operation, loaders);
    }
    const key = `${type} ${relation ?? ''}`;
    let loader = loaders.get(key);
    if (!loader) {
      const { proof, context } = asker;
      const formula = relation === null ? proof.visible(type) : proof.related(type, relation);
      const load = async (ids: readonly string[]) => {
        const asked = ids.map((one) => this.#proved.spelled(one));
        const known = asked.filter((one) => one !== null);
        try {
          const among = await this.#proved.among(type, formula, [...new Set(known)], { proof, context });
          return asked.map((one) => one !== null && among.has(one));
        } catch (error) {
          throw maskedFault(error);
        }
      };
      loader = new DataLoader(load, { cache: false });
      loaders.set(key, loader);
    }
    return loader.load(id);
  }

  /** Whether the row stands in the relation to the viewer. */
  stands(type: string, relation: string, row: object, asker: Asker): MaybePromise<boolean> {
    return this.known(type, asker.proof.related(type, relation), row, asker) ?? this.ask(type, relation, row, asker);
  }

  /** Null for a row that has none. */
  idOf(type: string, row: unknown): string | null {
    const { id: property = 'id' } = this.#proved.rowsOf(type);
    const id = (row as Record<string, unknown>)[property];
    return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : null;
  }
}

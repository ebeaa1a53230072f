/** The rows of one viewer in one request: read by conditions and pages, and marked as proved. */
import type { Sql } from 'sql-template-tag';
import type { GuardOptions, GuardViewer } from '../contract/options.ts';
import type { RowsOf } from '../contract/relations.ts';
import { type Formula, isEveryRow } from './formula.ts';
import { RowFormulas, type RowPolicies, type Subject } from './row-policy.ts';
import type { Known } from './row-proof.ts';
import { RowSql, type Wanted } from './sql.ts';

/** What `guard.rows` answers: the rows of one type that exist for one viewer. */
export interface ViewerRows {
  /** `all` and `none` need no condition: the viewer's rights decide. */
  readonly kind: 'all' | 'none' | 'some';
  /** A boolean for `where`, of the row that `alias` names. */
  condition(alias: string): Sql;
  /** A statement that reads `id` and, where it is sorted, `sort`: one branch for each alternative, united. */
  page(wanted: Wanted): Sql;
  /** A statement that reads `count`. */
  count(where?: readonly Sql[]): Sql;
  /** Rows that were read by one of these. Only what was read so may be marked: it is believed. */
  mark<Row extends object>(rows: readonly Row[]): readonly Row[];
  /** A connection whose rows, count and cursors were read by these. */
  markPage<Page extends object>(page: Page): Page;
}

/** What a row that was read for a viewer is marked with: one viewer, with these rights and this tenant, in one context. */
export class Proof {
  readonly known: Known;
  /** Two proofs with one key are of the same viewer, rights and tenant. */
  readonly key: string;
  readonly #formulas: RowFormulas;
  readonly #visible = new Map<string, Formula>();

  constructor(key: string, policies: RowPolicies, subject: Subject) {
    this.key = key;
    this.known = { viewer: subject.id, tenant: subject.tenant };
    this.#formulas = new RowFormulas(policies, subject);
  }

  visible(type: string): Formula {
    let formula = this.#visible.get(type);
    if (!formula) {
      formula = this.#formulas.visible(type);
      this.#visible.set(type, formula);
    }
    return formula;
  }
}

export interface Asking {
  readonly viewer: GuardViewer | null;
  readonly rights: { readonly key: string; holds: Subject['holds'] };
}

export class ProvedRows {
  readonly #policies: RowPolicies;
  readonly #options: GuardOptions<unknown>;
  readonly #proofs = new WeakMap<object, Proof>();
  /** By row, or page: what it was proved by. A copy of a row is not proved. */
  readonly #marks = new WeakMap<object, Proof>();

  constructor(policies: RowPolicies, options: GuardOptions<unknown>) {
    this.#policies = policies;
    this.#options = options;
  }

  /** The proof of the viewer of a context. Another viewer, or other rights, in the same context make another. */
  proofOf(context: unknown, { viewer, rights }: Asking): Proof {
    const tenant = viewer?.tenant ?? null;
    const key = JSON.stringify([viewer?.id ?? null, tenant, rights.key]);
    const holder = typeof context === 'object' && context !== null ? context : null;
    const known = holder && this.#proofs.get(holder);
    if (known?.key === key) return known;
    const proof = new Proof(key, this.#policies, {
      id: viewer?.id ?? null,
      tenant,
      holds: (right) => rights.holds(right),
    });
    if (holder) this.#proofs.set(holder, proof);
    return proof;
  }

  /** What was proved so far in a context is to be proved again: time has passed. */
  renew(context: unknown): void {
    if (typeof context === 'object' && context !== null) this.#proofs.delete(context);
  }

  markOf(row: object): Proof | undefined {
    return this.#marks.get(row);
  }

  /** @throws RangeError for a type without `@visibleTo`. */
  of(type: string, context: unknown, proof: Proof): ViewerRows {
    if (!this.#policies.has(type)) throw new RangeError(`There is no @visibleTo on the type \`${type}\`.`);
    const formula = proof.visible(type);
    const sqlOf = () => this.sql(proof, context);
    const kind = isEveryRow(formula) ? 'all' : formula.length === 0 ? 'none' : 'some';
    return {
      kind,
      condition: (alias) => sqlOf().condition(type, formula, alias),
      page: (wanted) => sqlOf().page(type, formula, wanted),
      count: (where = []) => sqlOf().count(type, formula, where),
      mark: (rows) => {
        for (const row of rows) this.#marks.set(row, proof);
        return rows;
      },
      markPage: (page) => {
        this.#marks.set(page, proof);
        return page;
      },
    };
  }

  sql(proof: Proof, context: unknown): RowSql {
    const { idType = 'uuid', tenantType = 'uuid', now } = this.#options.rows ?? {};
    const given = { ...proof.known, now: now?.(context) ?? new Date() };
    return new RowSql((type) => this.rowsOf(type), { idType, tenantType }, given);
  }

  rowsOf(type: string): RowsOf {
    return (this.#policies.get(type) as { rows: RowsOf }).rows;
  }

  /** Those of the rows with these ids that the viewer sees, by their ids. */
  async seen(type: string, ids: readonly string[], { proof, context }: { proof: Proof; context: unknown }) {
    const { text, values } = this.sql(proof, context).check(type, proof.visible(type), ids);
    const rows = (await this.#options.rows?.ask({ text, values }, context)) ?? [];
    return new Set(rows.map((row) => String((row as { id: unknown }).id)));
  }
}

/** The rows of one viewer in one request: read by conditions and pages, and marked as proved. */
import type { GuardOptions, GuardViewer } from '../contract/options.ts';
import type { RowsOf } from '../contract/relations.ts';
import { type Formula, isEveryRow } from './formula.ts';
import { RowFormulas, type RowPolicies, type Subject } from './row-policy.ts';
import type { Known } from './row-proof.ts';
import { RowSql, type Wanted } from './sql.ts';
import type { Sql, SqlPiece } from './sql-text.ts';
import { stamps } from './stamp.ts';

/** What `guard.rows` answers: the rows of one type that exist for one viewer. */
export interface ViewerRows {
  /** `all` and `none` need no condition: the viewer's rights decide. */
  readonly kind: 'all' | 'none' | 'some';
  /** A boolean for `where`, of the row that `alias` names. */
  condition(alias: string): Sql;
  /** A statement that reads `id` and, where it is sorted, `sort`: one branch for each alternative, united. */
  page(wanted: Wanted): Sql;
  /** A statement that reads `count`. */
  count(where?: readonly SqlPiece[]): Sql;
  /** Rows that were read by one of these. Only what was read so may be marked: it is believed. */
  mark<Row extends object>(rows: readonly Row[]): readonly Row[];
  /** A connection whose rows, count and cursors were read by these. */
  markPage<Page extends object>(page: Page): Page;
}

/** Who asks, with which rights. `key`: two with one key have the same rights. */
export interface Asking {
  readonly viewer: GuardViewer | null;
  readonly rights: { readonly key: string; holds: Subject['holds'] };
}

/** What a row that was read for a viewer is marked with: one viewer, with these rights and this tenant, in one context. */
export class Proof {
  readonly known: Known;
  readonly #rights: string;
  readonly #formulas: RowFormulas;
  readonly #made = new Map<string, Formula>();

  constructor(policies: RowPolicies, known: Known, rights: Asking['rights']) {
    this.known = known;
    this.#rights = rights.key;
    const { viewer: id, tenant } = known;
    this.#formulas = new RowFormulas(policies, { id, tenant, holds: (right) => rights.holds(right) });
  }

  /** Whether it proves the same to the same viewer, perhaps in another context or at another time. */
  equals(other: Proof): boolean {
    return this.isFor(other.known, other.#rights);
  }

  isFor({ viewer, tenant }: Known, rights: string): boolean {
    return this.known.viewer === viewer && this.known.tenant === tenant && this.#rights === rights;
  }

  visible(type: string): Formula {
    return this.#kept(type, () => this.#formulas.visible(type));
  }

  /** The rows of `type` that stand in a relation to the viewer, of the viewer's tenant. */
  related(type: string, relation: string): Formula {
    return this.#kept(`${type} ${relation}`, () => this.#formulas.related(type, relation));
  }

  #kept(key: string, make: () => Formula): Formula {
    let formula = this.#made.get(key);
    if (!formula) {
      formula = make();
      this.#made.set(key, formula);
    }
    return formula;
  }
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What a row, or a page, was proved by, as one of a type; and as one of others. */
interface Mark {
  readonly type: string;
  readonly proof: Proof;
  readonly next: Mark | undefined;
}

export class ProvedRows {
  readonly #policies: RowPolicies;
  readonly #options: GuardOptions<unknown>;
  /** On contexts. */
  readonly #proofs = stamps<Proof | null>();
  /** On rows and pages. A copy of a row is not proved. */
  readonly #marks = stamps<Mark>();

  constructor(policies: RowPolicies, options: GuardOptions<unknown>) {
    this.#policies = policies;
    this.#options = options;
  }

  /** The proof of the viewer of a context. Another viewer, or other rights, in the same context make another. */
  proofOf(context: unknown, { viewer, rights }: Asking): Proof {
    const holder = typeof context === 'object' && context !== null ? context : null;
    // No row knows a viewer whose id is none of the database's, such as a service's: its rights alone count.
    const known: Known = { viewer: viewer && this.spelled(viewer.id), tenant: viewer?.tenant ?? null };
    const earlier = this.#proofs.read(holder);
    if (earlier?.isFor(known, rights.key)) return earlier;
    const proof = new Proof(this.#policies, known, rights);
    if (holder) this.#proofs.write(holder, proof);
    return proof;
  }

  /** What was proved so far in a context is to be proved again: time has passed. */
  renew(context: unknown): void {
    if (this.#proofs.read(context)) this.#proofs.write(context as object, null);
  }

  /** @param type the row's, or of the page's rows. */
  markOf(type: string, row: unknown): Proof | undefined {
    for (let mark = this.#marks.read(row); mark; mark = mark.next) if (mark.type === type) return mark.proof;
    return undefined;
  }

  mark(row: object, { type, proof }: { type: string; proof: Proof }): void {
    this.#marks.write(row, { type, proof, next: this.#others(this.#marks.read(row), type) });
  }

  /** Without the one of this type. */
  #others(mark: Mark | undefined, type: string): Mark | undefined {
    if (!mark) return undefined;
    const next = this.#others(mark.next, type);
    return mark.type === type ? next : { ...mark, next };
  }

  /** @throws RangeError for a type without `@visibleTo`. */
  of(type: string, context: unknown, proof: Proof): ViewerRows {
    if (!this.#policies.has(type)) throw new RangeError(`There is no @visibleTo on the type \`${type}\`.`);
    return new RowsOfViewer(this, { type, context, proof });
  }

  sql(proof: Proof, context: unknown): RowSql {
    const { idType = 'uuid', tenantType = 'uuid', now } = this.#options.rows ?? {};
    const given = { ...proof.known, now: now?.(context) ?? new Date() };
    return new RowSql((type) => this.rowsOf(type), { idType, tenantType }, given);
  }

  rowsOf(type: string): RowsOf {
    return (this.#policies.get(type) as { rows: RowsOf }).rows;
  }

  /** The id as the database spells it. Null for what is no id there: it must not fail the others that are asked about. */
  spelled(id: string): string | null {
    if ((this.#options.rows?.idType ?? 'uuid') !== 'uuid') return id;
    return uuid.test(id) ? id.toLowerCase() : null;
  }

  /** The ids of those of the rows that are among the formula's. */
  async among(
    type: string,
    formula: Formula,
    ids: readonly string[],
    { proof, context }: { proof: Proof; context: unknown },
  ): Promise<ReadonlySet<string>> {
    if (formula.length === 0 || ids.length === 0) return new Set();
    const { text, values } = this.sql(proof, context).check(type, formula, ids);
    const rows = (await this.#options.rows?.ask({ text, values }, context)) ?? [];
    return new Set(rows.map((row) => String((row as { id: unknown }).id)));
  }
}

class RowsOfViewer implements ViewerRows {
  readonly #proved: ProvedRows;
  readonly #of: { readonly type: string; readonly context: unknown; readonly proof: Proof };

  constructor(proved: ProvedRows, of: { type: string; context: unknown; proof: Proof }) {
    this.#proved = proved;
    this.#of = of;
  }

  get kind(): ViewerRows['kind'] {
    const formula = this.#formula;
    return isEveryRow(formula) ? 'all' : formula.length === 0 ? 'none' : 'some';
  }

  condition(alias: string): Sql {
    return this.#sql.condition(this.#of.type, this.#formula, alias);
  }

  page(wanted: Wanted): Sql {
    return this.#sql.page(this.#of.type, this.#formula, wanted);
  }

  count(where: readonly SqlPiece[] = []): Sql {
    return this.#sql.count(this.#of.type, this.#formula, where);
  }

  mark<Row extends object>(rows: readonly Row[]): readonly Row[] {
    for (const row of rows) this.#proved.mark(row, this.#of);
    return rows;
  }

  markPage<Page extends object>(page: Page): Page {
    this.#proved.mark(page, this.#of);
    return page;
  }

  get #formula(): Formula {
    return this.#of.proof.visible(this.#of.type);
  }

  get #sql(): RowSql {
    return this.#proved.sql(this.#of.proof, this.#of.context);
  }
}

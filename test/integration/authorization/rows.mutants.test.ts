// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the code of templates
/** Is every clause of the compiler of rows proved? Each is changed in turn, and the five readings must notice. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database, EntityManager } from '../../../src/database/database.ts';
import { type TestDatabase, testDatabases } from '../../support/database.ts';
import { projectRoot } from '../../support/tool.ts';
import { compare, type Engine, makeTables, settings } from './rows.readings.ts';

/** What is changed in a file of src/authorization/rows/, and by what. */
type Mutant = readonly [change: string, file: string, from: string, to: string];

const mutants: readonly Mutant[] = [
  ['no tenant', 'row-policy.ts', 'return isAcross ? formula :', 'return true ? formula :'],
  ['no tenant of a parent', 'row-policy.ts', "further === 'visible' ? related :", 'true ? related :'],
  ['a tenant whatever reaches beyond', 'row-policy.ts', 'tenant.beyond.includes(name)', 'false'],
  [
    'a tenant whatever lifts it',
    'row-policy.ts',
    '.length > 0;\n    return isAcross',
    '.length > 9;\n    return isAcross',
  ],
  ['rights that do not count', 'row-policy.ts', '!isRight(one) || this.#subject.holds(one)', 'true'],
  [
    'the first relation of an alternative alone',
    'row-policy.ts',
    'allOf(...names.map(',
    'allOf(...names.slice(0, 1).map(',
  ],
  [
    'alternatives for all, instead of any',
    'row-policy.ts',
    'return anyOf(\n      ...open',
    'return allOf(\n      ...open',
  ],
  ['a wider alternative left out', 'formula.ts', 'other.isSubsetOf(mine) &&', 'mine.isSubsetOf(other) &&'],
  ['no state', 'sql.ts', 'in (${join([...term.values])})`', 'is not null`'],
  [
    'grants of anything',
    'sql.ts',
    'for (const [property, values] of Object.entries(where)) {',
    'for (const [property, values] of []) {',
  ],
  ['grants that expire later', 'sql.ts', '${end} > ${this.#now()}', '${end} >= ${this.#now()}'],
  ['grants that expire', 'sql.ts', 'if (until !== undefined) {', 'if (false) {'],
  [
    'grants of anybody',
    'sql.ts',
    'const conditions = [sql`${column(alias, viewer)} = ${this.#viewer()}`];',
    'const conditions = [sql`true`];',
  ],
  [
    'grants on any row',
    'sql.ts',
    'const conditions = join([row, ...this.#grant(',
    'const conditions = join([...this.#grant(',
  ],
  ['grants as often as they are made', 'sql.ts', 'select distinct ${column', 'select ${column'],
  [
    'any parent',
    'sql.ts',
    'const conditions = join([row, ...this.#terms(',
    'const conditions = join([sql`true`, ...this.#terms(',
  ],
  [
    'one term of many',
    'sql.ts',
    "join(this.#terms(type, terms, alias), ' and '",
    "join(this.#terms(type, terms, alias), ' or '",
  ],
  [
    'the first alternative alone',
    'sql.ts',
    'return alternatives.map((terms) =>',
    'return alternatives.slice(0, 1).map((terms) =>',
  ],
  [
    'all rows where there are none',
    'sql.ts',
    'if (formula.length === 0) return sql`false`;',
    'if (formula.length === 0) return sql`true`;',
  ],
  ['a row for each way that leads to it', 'sql.ts', "' union ',", "' union all ',"],
  [
    'a page that is cut early',
    'sql.ts',
    '`limit ${Math.trunc(limit)}`',
    '`limit ${Math.max(1, Math.trunc(limit) - 1)}`',
  ],
  ['a page without its order', 'sql.ts', 'id ${raw(sort.direction)}`\n      : empty', 'id asc`\n      : empty'],
  ['a page without its filter', 'sql.ts', '...(wanted.where ?? []).map(piece)];', '];'],
  ['no tenant is any tenant', 'sql.ts', '? sql`${column} is null`', '? sql`true`'],
  [
    'others of a branch',
    'sql.ts',
    "const row = this.#column(type, outer, driver.kind === 'listed' ? null : driver.property);\n    const each = this.#read(type, others,",
    "const row = this.#column(type, outer, driver.kind === 'listed' ? null : driver.property);\n    const each = this.#read(type, [],",
  ],
  [
    'others on the way to a parent',
    'sql.ts',
    '= ${raw(leading)}.id`,\n      others,',
    '= ${raw(leading)}.id`,\n      [],',
  ],
  ['a proof for another viewer', 'row-proof.ts', 'return id !== null && isSame(id, viewer);', 'return id !== null;'],
  [
    'a proof of another tenant',
    'row-proof.ts',
    'return isSame(idText(read(row, term.property)), tenant);',
    'return true;',
  ],
  ['a proof of any state', 'row-proof.ts', 'term.values.includes(state) : undefined', 'true : undefined'],
  [
    'a proof by a grant that nobody has seen',
    'row-proof.ts',
    "case 'listed':\n      return undefined;",
    "case 'listed':\n      return true;",
  ],
  [
    'a proof by a parent that nobody has seen',
    'row-proof.ts',
    '=== null ? false : undefined;',
    '=== null ? false : true;',
  ],
  [
    'a proof that a parent is missing',
    'row-proof.ts',
    '=== null ? false : undefined;',
    '!== undefined ? false : undefined;',
  ],
  ['a proof by one term of many', 'row-proof.ts', 'if (told === false) {', 'if (false) {'],
];

// The clauses are the same for both databases.
const [target] = testDatabases() as [TestDatabase];
const copies = mkdtempSync(join(projectRoot, 'node_modules/.cache-rows-'));
let database: Database;
let em: EntityManager;
beforeAll(async () => {
  database = await target.open();
  em = database.fork();
  await makeTables(em);
});
afterAll(async () => {
  rmSync(copies, { recursive: true, force: true });
  await database?.close();
});

/** The engine's rows, with one clause changed; as they are, without one. */
async function engineOf(mutant: Mutant | null): Promise<Engine> {
  const directory = mkdtempSync(join(copies, 'engine-'));
  cpSync(join(projectRoot, 'src/authorization'), directory, { recursive: true });
  if (mutant) {
    const [, file, from, to] = mutant;
    const path = join(directory, 'rows', file);
    const text = readFileSync(path, 'utf8');
    expect(text.split(from).length, `\`${from}\` stands once in ${file}`).toBe(2);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  const load = (file: string) => import(pathToFileURL(join(directory, 'rows', file)).href);
  return { ...(await load('row-policy.ts')), ...(await load('sql.ts')), ...(await load('row-proof.ts')) };
}

/** How many settings it takes until a reading differs, or fails; null: none of them does. */
async function noticed(engine: Engine, numRuns: number): Promise<number | null> {
  const sample = fc.sample(settings, { numRuns, seed: 20_261_201 });
  for (const [at, setting] of sample.entries()) {
    try {
      if ((await compare(em, engine, setting)).difference) return at + 1;
    } catch {
      return at + 1;
    }
  }
  return null;
}

it.each(mutants)('%s is noticed', async (...mutant) => {
  expect(await noticed(await engineOf(mutant), 400)).not.toBeNull();
});

it('nothing is noticed of the engine as it is', async () => {
  expect(await noticed(await engineOf(null), 60)).toBeNull();
});

/**
 * Who may do what: the rows that test/nouns/*.table.ts write by hand, tried with every account and every set of scopes.
 *
 * A row names a type, some of its fields and whose row is asked for: `own` is one of whoever asks (for nobody, one of
 * ada's), `other` one of bob's. Then come steps. The first that applies is what the viewer is answered:
 *
 *   U                    UNAUTHENTICATED, if nobody is signed in
 *   F unless ADMIN a:b   FORBIDDEN unless the viewer has the role `ADMIN` and the scope `a:b`
 *   N                    FORBIDDEN, because the row is not the viewer's; `unless` says what would do without it
 *   0                    null: the row is not there for this viewer
 *   E                    allowed, and shows none of the rows in question
 *   +                    allowed, and served what is there
 *
 * Every step but `U` can have an `unless`. A policy in it, such as `@isWritten`, is one that refuses the row. The denial
 * tells exactly what stands behind `unless`.
 */
import type { Role } from '../../src/graphql/schema-types.ts';
import type { Column, NounTable, Target } from '../nouns/noun-table.ts';
import { scopesOf, tables } from '../nouns/tables.ts';

export interface Row {
  /** Whose table has it. */
  readonly noun: string;
  readonly coordinate: string;
  readonly target: Target;
  readonly steps: readonly Step[];
}

export type Cell = '+' | 'E' | '0' | 'U' | 'F' | 'N';

interface Step {
  readonly cell: Cell;
  readonly unless: Requires | null;
}

export interface Requires {
  readonly scopes: readonly string[][];
  readonly roles: readonly string[];
  readonly policies: readonly string[][];
}

export interface Answer {
  readonly cell: Cell;
  /** What a denial says. */
  readonly requires: Requires;
}

export const columns: readonly Column[] = [
  { name: 'nobody', account: null, scopes: null },
  ...columnsOf('ada', 'USER'),
  ...columnsOf('admin', 'ADMIN'),
];

export const rows: readonly Row[] = tables.flatMap(rowsOf);

/** @throws Error for a row that cannot be read. */
export function rowsOf({ noun, matrix }: Pick<NounTable, 'noun' | 'matrix'>): Row[] {
  const lines = matrix.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    const [head = '', ...parts] = line.split('|');
    const [type, ...fields] = words(head);
    const target = fields.pop();
    const steps = parts.map(stepOf);
    const isWhole =
      steps.length > 0 &&
      steps.every(({ cell, unless }, i) => i < steps.length - 1 === (cell === 'U' || unless !== null));
    if ((target !== 'own' && target !== 'other') || fields.length === 0 || !isWhole) {
      throw new Error(
        `A row of ${noun} cannot be read: "${line.trim()}". Write: Type field … own | U | F unless scope | +`,
      );
    }
    return fields.map((field) => ({ noun, coordinate: `${type}.${field}`, target, steps }));
  });
}

/** What a row says to a column. */
export function answerTo({ steps }: Pick<Row, 'steps'>, { account, scopes }: Column): Answer {
  const role = account && roleOf[account];
  const held = scopes ?? (role ? scopesOf(role) : []);
  const applies = ({ cell, unless }: Step) => {
    if (cell === 'U') return account === null;
    const isMet =
      unless?.policies.length === 0 &&
      unless.roles.every((name) => name === role) &&
      unless.scopes.flat().every((name) => held.includes(name));
    return !isMet;
  };
  const { cell, unless } = steps.find(applies) as Step;
  const said = cell === 'U' ? steps.find((step) => step.cell === 'F')?.unless : unless;
  return { cell, requires: said ?? nothing };
}

/** @param path of the field that the row is about. */
export function denialOf({ cell, requires }: Answer, path: readonly string[]) {
  // A field of an object is denied where the object is, when nobody is signed in.
  const isAbove = cell === 'U' && path.length > 1;
  return {
    path: isAbove ? path.slice(0, 1) : path,
    extensions: { code: cell === 'U' ? 'UNAUTHENTICATED' : 'FORBIDDEN', requires: isAbove ? nothing : requires },
  };
}

const nothing: Requires = { scopes: [], roles: [], policies: [] };
const roleOf = { ada: 'USER', admin: 'ADMIN' } as const;

/** Every scope of the role, none, each alone, and all but each. */
function columnsOf(account: 'ada' | 'admin', role: Role): Column[] {
  const worth = scopesOf(role);
  const column = (kind: string, scopes: string[] | null) => ({ name: `${role} ${kind}`, account, scopes });
  return [
    column('with every scope', null),
    column('without a scope', []),
    ...worth.map((scope) => column(`with only ${scope}`, [scope])),
    ...worth.map((scope) =>
      column(
        `with all but ${scope}`,
        worth.filter((other) => other !== scope),
      ),
    ),
  ];
}

function stepOf(text: string): Step {
  const [cell = '', unless, ...names] = words(text);
  const isStep = /^[+E0UFN]$/.test(cell) && (unless === undefined || (unless === 'unless' && names.length > 0));
  if (!isStep) throw new Error(`"${text.trim()}" is no step. Write: F unless scope:name`);
  if (unless === undefined) return { cell: cell as Cell, unless: null };
  const policies = names.filter((name) => name.startsWith('@')).map((name) => name.slice(1));
  const scopes = names.filter((name) => name.includes(':'));
  return {
    cell: cell as Cell,
    unless: {
      scopes: scopes.length > 0 ? [scopes] : [],
      roles: names.filter((name) => !name.startsWith('@') && !name.includes(':')),
      policies: policies.length > 0 ? [policies] : [],
    },
  };
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

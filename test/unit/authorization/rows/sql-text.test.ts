import fc from 'fast-check';
import library, {
  Sql as LibrarySql,
  empty as libraryEmpty,
  join as libraryJoin,
  raw as libraryRaw,
} from 'sql-template-tag';
import { expect, it } from 'vitest';
import { empty, join, raw, Sql, sql } from '../../../../src/authorization/rows/sql-text.ts';

/** A statement, as a tree of pieces. */
type Tree = string | number | null | { readonly pieces: readonly Tree[]; readonly raw: string };

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Tree>('a value', "'; drop table x", 7, null),
    fc.record({ pieces: fc.array(tie('tree'), { maxLength: 3 }), raw: fc.constantFrom('', 'now()', '"a"') }),
  ),
}));

function ours(given: Tree): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const pieces = given.pieces.map(ours);
  const joined = pieces.length > 0 ? join(pieces, ' and ', '(', ')') : empty;
  return sql`${raw(given.raw)} x ${joined} = ${joined}`;
}

function theirs(given: Tree): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const pieces = given.pieces.map(theirs);
  const joined = pieces.length > 0 ? libraryJoin(pieces, ' and ', '(', ')') : libraryEmpty;
  return library`${libraryRaw(given.raw)} x ${joined} = ${joined}`;
}

it('puts statements together as sql-template-tag does', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 4 }), (trees) => {
      const [own, its] = [join(trees.map(ours), ' or '), libraryJoin(trees.map(theirs), ' or ')];
      expect([own.text, own.values]).toEqual([its.text, its.values]);
    }),
  );
});

it('stands in a statement of that library, and takes one in by its strings and values', () => {
  const own = sql`owner_id = ${'ada'} and ${raw('true')}`;
  const within = library`select 1 where ${new LibrarySql(own.strings, own.values)} limit ${1}`;
  expect([within.text, within.values]).toEqual(['select 1 where owner_id = $1 and true limit $2', ['ada', 1]]);
  const back = sql`(${new Sql(within.strings, within.values)})`;
  expect([back.text, back.values]).toEqual([`(${within.text})`, within.values]);
});

it('takes nothing for a piece but pieces: what looks like one is a value', () => {
  const forged = { strings: ['true or '], values: [] };
  expect(sql`select ${forged}`).toMatchObject({ text: 'select $1', values: [forged] });
});

it('refuses to join nothing, which would be no condition', () => {
  expect(() => join([])).toThrow('nothing to join');
  expect(join([sql`a`]).text).toBe('a');
});

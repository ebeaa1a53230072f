/** How a row of the permission matrix is read: test/e2e/permission-matrix.table.ts. */
import { expect, it } from 'vitest';
import { answerTo, columns, denialOf, rowsOf } from '../../e2e/permission-matrix.table.ts';

const matrix = `
  Book title author own   | U | F unless ADMIN user:read | +
  Book title        other | U | 0 unless user:read:any | F unless user:read @isLent | N
`;
const [title, author, another] = rowsOf({ noun: 'Book', matrix });
const asked = (name: string) => columns.find((column) => column.name === name) ?? expect.fail(`No column ${name}`);

it('has a row for each field that it names', () => {
  expect([title?.coordinate, author?.coordinate, another?.coordinate]).toEqual([
    'Book.title',
    'Book.author',
    'Book.title',
  ]);
  expect([title?.target, another?.target]).toEqual(['own', 'other']);
});

it.each([
  ['nobody', 'U'],
  ['USER with every scope', 'F'],
  ['ADMIN without a scope', 'F'],
  ['ADMIN with only user:read', '+'],
  ['ADMIN with all but user:read', 'F'],
  ['ADMIN with every scope', '+'],
])('answers a role and a scope: %s, %s', (name, cell) => {
  expect(answerTo(title!, asked(name)).cell).toBe(cell);
});

it('takes the first step that applies', () => {
  expect(answerTo(another!, asked('ADMIN with all but user:read:any')).cell).toBe('0');
});

it('is refused by a policy, whatever the scopes, and the denial names it', () => {
  const answer = answerTo(another!, asked('ADMIN with every scope'));
  expect(denialOf(answer, ['book', 'title'])).toEqual({
    path: ['book', 'title'],
    extensions: {
      code: 'FORBIDDEN',
      requires: { scopes: [['user:read']], roles: [], policies: [['isLent']] },
    },
  });
});

it.each([
  'Book title | U | +',
  'Book own | U | +',
  'Book title own',
  'Book title own | U',
  'Book title own | U | + | F unless ADMIN',
  'Book title own | F unless | +',
  'Book title own | X | +',
])('is refused where it cannot be read: %s', (line) => {
  expect(() => rowsOf({ noun: 'Book', matrix: line })).toThrow(/A row of Book cannot be read|is no step/);
});

import { describe, expect, it } from 'vitest';
import { checkTaskFields, tidyTitle } from '../../../src/tasks/task.input.ts';

const codesOf = (fields: Parameters<typeof checkTaskFields>[0]) =>
  checkTaskFields(fields).map(({ path, code }) => `${path.join('.')} ${code}`);

describe('the fields of a task', () => {
  it.each([
    {},
    { title: 'x' },
    { title: `  ${'x'.repeat(200)}  ` },
    { title: '\u{1f600}'.repeat(200) },
    { title: '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}'.repeat(64) },
    { title: 'e\u0301'.repeat(200) },
    { title: '\u0634\u0631\u0627\u0621 \u05d7\u05dc\u05d1' },
    { description: '', notes: '' },
    { description: 'x'.repeat(10_000), notes: '\u{1f600}'.repeat(10_000) },
    { description: null, notes: null, dueAt: null },
    { status: 'DONE', priority: 'LOW' } as const,
    { dueAt: new Date('1000-01-01T00:00:00.000Z') },
    { dueAt: new Date('9999-12-31T23:59:59.999Z') },
  ])('are right (%#)', (fields) => {
    expect(codesOf(fields)).toEqual([]);
  });

  it.each([
    [{ title: '' }, 'title TOO_SHORT'],
    [{ title: ' \t\n\u3000\ufeff' }, 'title TOO_SHORT'],
    [{ title: 'x'.repeat(201) }, 'title TOO_LONG'],
    [{ title: '\u{1f600}'.repeat(201) }, 'title TOO_LONG'],
    [{ title: 'x'.repeat(1_000_000) }, 'title TOO_LONG'],
    [{ title: '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}'.repeat(65) }, 'title TOO_LONG'],
    [{ title: 'e\u0301'.repeat(201) }, 'title TOO_LONG'],
    [{ title: `e${'\u0301'.repeat(1000)}` }, 'title TOO_LONG'],
    [{ title: 'a\0b' }, 'title INVALID'],
    [{ title: 'Pay\nall of it' }, 'title INVALID'],
    [{ title: 'Pay\u2028all of it' }, 'title INVALID'],
    [{ title: 'Pay \x1b[31mall' }, 'title INVALID'],
    [{ title: 'Pay \u202eeverything' }, 'title INVALID'],
    [{ title: 'Pay \u2067everything' }, 'title INVALID'],
    [{ title: '\u200b' }, 'title INVALID'],
    [{ title: '\ud800' }, 'title INVALID'],
    [{ title: null }, 'title INVALID'],
    [{ status: null }, 'status INVALID'],
    [{ priority: null }, 'priority INVALID'],
    [{ description: 'x'.repeat(10_001) }, 'description TOO_LONG'],
    [{ notes: 'x'.repeat(10_001) }, 'notes TOO_LONG'],
    [{ notes: '\0' }, 'notes INVALID'],
    [{ dueAt: new Date('0999-12-31T23:59:59.999Z') }, 'dueAt INVALID'],
    [{ dueAt: new Date('+010000-01-01T00:00:00.000Z') }, 'dueAt INVALID'],
    [{ dueAt: new Date(Number.NaN) }, 'dueAt INVALID'],
  ])('are wrong (%#)', (fields, expected) => {
    expect(codesOf(fields)).toEqual([`input.${expected}`]);
  });

  it('are told all at once', () => {
    expect(codesOf({ title: null, description: '\0', notes: '\0', status: null, priority: null })).toHaveLength(5);
  });
});

describe('a title', () => {
  it('is kept without the space around it', () => {
    expect(tidyTitle('  a  b\n')).toBe('a  b');
  });
});

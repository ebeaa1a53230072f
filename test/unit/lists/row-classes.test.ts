import { describe, expect, it } from 'vitest';
import { partialRows } from '../../../src/lists/row-classes.ts';

interface Row {
  id: string;
  title: string;
  notes: string | null;
  at: string | null;
}

describe('a row that was read in part', () => {
  const rowOf = partialRows<Row>({ optional: ['title', 'notes', 'at'], moments: ['at'] });

  it('has what was read, by its own names, and moments as clients are told them', () => {
    const RowRead = rowOf([
      ['id', 'owner id'],
      ['title', 'title'],
      ['at', 'at'],
    ]);
    const row = new RowRead({ 'owner id': '7', title: 'One', at: '2026-11-25 05:54:45.21+00' });
    expect({ ...row }).toEqual({ id: '7', title: 'One', at: '2026-11-25T05:54:45.210Z' });
    expect(new RowRead({ 'owner id': '8', title: 'Two', at: null }).at).toBeNull();
  });

  it('throws for what was not, rather than be empty', () => {
    const RowRead = rowOf([['id', 'id']]);
    const row = new RowRead({ id: '7', notes: 'read by nobody' });
    expect(() => row.notes).toThrow('The column notes was not read');
    expect(() => row.title).toThrow('The column title was not read');
    expect(row.id).toBe('7');
  });

  it('is of one class with all that were read alike, and of no other', () => {
    expect(rowOf([['id', 'id']])).toBe(rowOf([['id', 'id']]));
    expect(rowOf([['id', 'id']])).not.toBe(rowOf([['id', 'key']]));
  });
});

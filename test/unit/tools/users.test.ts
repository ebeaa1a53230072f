/** Rows of a file of accounts: their columns, and the accounts that they make. */
import { describe, expect, it } from 'vitest';
import { accountOf } from '../../../tools/users/account.ts';
import { columnsOf, type Row } from '../../../tools/users/columns.ts';

const hash = '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW';
const now = new Date('2026-01-01T12:00:00Z');
const rules = { allowAdmins: false, reserved: new Set(['root']), reservedEmail: 'admin@example.com', now };

const row: Row = {
  username: 'johndoe',
  email: 'johndoe@example.com',
  passwordHash: hash,
  displayName: '',
  role: '',
  createdAt: '',
  isActive: '',
  disabled: '',
};
const account = {
  username: 'johndoe',
  email: 'johndoe@example.com',
  displayName: 'johndoe',
  passwordHash: hash,
  role: 'USER',
  isActive: true,
  createdAt: now,
};

describe('the columns', () => {
  it('may stand in any order, in either spelling', () => {
    const { read, unknown } = columnsOf(['Hashed_Password', ' email ', 'id', 'username', 'full_name', 'disabled']);
    expect(read(['h', 'e', '7', 'u', 'n', 't'])).toEqual({
      ...row,
      username: 'u',
      email: 'e',
      passwordHash: 'h',
      displayName: 'n',
      disabled: 't',
    });
    expect(unknown).toEqual(['id']);
    const other = columnsOf(['username', 'email', 'password_hash', 'display_name', 'is_active', 'role', 'created_at']);
    expect(other.read(['u', 'e', 'h', 'n', 'f', 'r', 'c'])).toEqual({
      username: 'u',
      email: 'e',
      passwordHash: 'h',
      displayName: 'n',
      isActive: 'f',
      role: 'r',
      createdAt: 'c',
      disabled: '',
    });
    expect(other.unknown).toEqual([]);
  });

  it('are all named that are missing', () => {
    expect(() => columnsOf(['name', 'mail', 'password'])).toThrow(
      'there is no column username; there is no column email; there is no column hashed_password or password_hash',
    );
  });

  it.each([
    [['username', 'email', 'hashed_password', 'password_hash'], 'hashed_password or password_hash'],
    [['username', 'email', 'hashed_password', 'EMAIL'], 'email'],
    [['username', 'email', 'hashed_password', 'full_name', 'display_name'], 'full_name or display_name'],
    [['username', 'email', 'hashed_password', 'disabled', 'is_active'], 'is_active or disabled'],
  ])('are refused when two say one thing: %j', (header, named) => {
    expect(() => columnsOf(header)).toThrow(`more than one column says ${named}`);
  });

  it('are as many in each row', () => {
    const { read } = columnsOf(['username', 'email', 'hashed_password']);
    expect(read(['a', 'b', 'c'])).not.toBeNull();
    expect(read(['a', 'b'])).toBeNull();
    expect(read(['a', 'b', 'c', 'd'])).toBeNull();
  });
});

describe('a row', () => {
  it('makes an account that is open, of role USER, of now, and called by its username', () => {
    expect(accountOf(row, rules)).toEqual({ account });
  });

  it.each<[Partial<Row>, object]>([
    [{ displayName: ' Jöhn Doe ' }, { displayName: ' Jöhn Doe ' }],
    [{ displayName: '  ' }, { displayName: 'johndoe' }],
    [{ role: 'user' }, { role: 'USER' }],
    [{ disabled: 't' }, { isActive: false }],
    [{ disabled: 'False' }, { isActive: true }],
    [{ disabled: '1' }, { isActive: false }],
    [{ isActive: '1' }, { isActive: true }],
    [{ isActive: 'false' }, { isActive: false }],
    [{ createdAt: '2024-05-17' }, { createdAt: new Date('2024-05-17T00:00:00Z') }],
    [{ createdAt: '2024-05-17 09:30:00.123456+00' }, { createdAt: new Date('2024-05-17T09:30:00.123Z') }],
    [{ createdAt: '2024-05-17T09:30:00Z' }, { createdAt: new Date('2024-05-17T09:30:00Z') }],
    [{ createdAt: '2024-05-17 09:30' }, { createdAt: new Date('2024-05-17T09:30:00Z') }],
    [{ createdAt: '2024-05-17T09:30:00-03:30' }, { createdAt: new Date('2024-05-17T13:00:00Z') }],
    [{ createdAt: '2024-02-29 23:00:00+05' }, { createdAt: new Date('2024-02-29T18:00:00Z') }],
    [{ createdAt: '1000-01-01' }, { createdAt: new Date('1000-01-01T00:00:00Z') }],
  ])('%j makes %j', (given, made) => {
    expect(accountOf({ ...row, ...given }, rules)).toEqual({ account: { ...account, ...made } });
  });

  it.each<[Partial<Row>, string]>([
    [{ username: 'x' }, 'at least 3 characters'],
    [{ username: 'john doe' }, 'letters and digits'],
    [{ username: ' johndoe' }, 'letters and digits'],
    [{ username: 'jоhndoe' }, 'of one script'],
    [{ username: 'ROOT' }, 'the username is reserved'],
    [{ email: 'ADMIN@Example.com' }, 'the e-mail address is reserved'],
    [{ email: 'nobody' }, 'not an e-mail address'],
    [{ email: '' }, 'not an e-mail address'],
    [{ displayName: 'John\nDoe' }, 'line breaks'],
    [{ displayName: 'x'.repeat(65) }, 'at most 64'],
    [{ passwordHash: '' }, 'no password hash'],
    [{ passwordHash: 'hunter2' }, 'not known here'],
    [{ role: 'ADMIN' }, '--allow-admins'],
    [{ role: 'admin' }, '--allow-admins'],
    [{ role: 'SUPERUSER' }, 'neither USER nor ADMIN'],
    [{ disabled: 'maybe' }, 'disabled is neither'],
    [{ isActive: '2' }, 'is_active is neither'],
    [{ createdAt: 'yesterday' }, 'created_at is not'],
    [{ createdAt: '2024-02-30' }, 'created_at is not'],
    [{ createdAt: '2024-05-17 25:00' }, 'created_at is not'],
    [{ createdAt: '17.05.2024' }, 'created_at is not'],
    [{ createdAt: '2026-01-01 12:00:01' }, 'in the future'],
    // Go and .NET write this for an empty date.
    [{ createdAt: '0001-01-01 00:00:00' }, 'before the year 1000'],
    [{ createdAt: '0001-01-01 00:00:00+14:00' }, 'before the year 1000'],
    [{ createdAt: '1000-01-01 00:00:00+00:01' }, 'before the year 1000'],
    [{ createdAt: '0044-03-15 12:00 BC' }, 'created_at is not'],
    [{ createdAt: '-infinity' }, 'created_at is not'],
  ])('%j makes none', (given, reason) => {
    expect(accountOf({ ...row, ...given }, rules)).toEqual({ faults: [expect.stringContaining(reason)] });
  });

  it('makes an administrator where that is allowed', () => {
    expect(accountOf({ ...row, role: 'ADMIN' }, { ...rules, allowAdmins: true })).toEqual({
      account: { ...account, role: 'ADMIN' },
    });
  });

  it('tells everything that is wrong with it at once', () => {
    const wrong = { username: 'x', email: 'x', passwordHash: 'x', displayName: '\n?\n!', role: 'x', createdAt: 'x' };
    const read = accountOf({ ...row, ...wrong, isActive: 'x' }, rules);
    expect(read).toEqual({ faults: expect.any(Array) });
    expect('faults' in read && read.faults).toHaveLength(7);
  });
});

/** Turns a row of the file into an account, or into all its faults. */
import { importFault } from '../../src/authentication/passwords/hash-forms.ts';
import { isStorableMoment } from '../../src/database/timestamps.ts';
import {
  checkDisplayName,
  checkEmail,
  checkUsername,
  emailKey,
  usernameKey,
} from '../../src/users/identifiers/identifiers.ts';
import type { ImportedAccount } from '../../src/users/user.import.ts';
import type { Row } from './columns.ts';

export interface ImportRules {
  allowAdmins: boolean;
  /** Keys (see `usernameKey`) of names that no account may have. */
  reserved: ReadonlySet<string>;
  /** The key (see `emailKey`) of the address that is reserved for the administrator. */
  reservedEmail: string;
  now: Date;
}

/** The reasons never quote the password hash. */
export function accountOf(row: Row, rules: ImportRules): { account: ImportedAccount } | { faults: string[] } {
  const faults: string[] = [];
  const wrong = <T>(fault: string, value: T): T => {
    faults.push(fault);
    return value;
  };
  const { username, email, passwordHash } = row;
  for (const { message } of [...checkUsername(username), ...checkEmail(email)]) faults.push(message.replace(/\.$/, ''));
  if (faults.length === 0 && rules.reserved.has(usernameKey(username))) faults.push('the username is reserved');
  if (faults.length === 0 && rules.reservedEmail === emailKey(email)) faults.push('the e-mail address is reserved');
  const displayName = row.displayName.trim() === '' ? username : row.displayName;
  if (displayName !== username) {
    for (const { message } of checkDisplayName(displayName)) faults.push(message.replace(/\.$/, ''));
  }
  const hashFault = importFault(passwordHash);
  if (hashFault) faults.push(hashFault);

  const role = roleOf(row.role) ?? wrong('role is neither USER nor ADMIN', 'USER');
  if (role === 'ADMIN' && !rules.allowAdmins) faults.push('role is ADMIN, which --allow-admins would allow');
  const createdAt = row.createdAt === '' ? rules.now : momentOf(row.createdAt);
  if (!createdAt) faults.push('created_at is not a date and time such as 2024-05-17 09:30:00+00');
  else if (createdAt > rules.now) faults.push('created_at lies in the future');
  else if (!isStorableMoment(createdAt))
    faults.push('created_at lies before the year 1000: leave it empty if it is not known');
  const account = {
    username,
    email,
    passwordHash,
    displayName,
    role,
    isActive:
      row.disabled === ''
        ? (truthOf(row.isActive, true) ?? wrong('is_active is neither true nor false', false))
        : !(truthOf(row.disabled, false) ?? wrong('disabled is neither true nor false', true)),
    createdAt: createdAt ?? rules.now,
  };
  return faults.length > 0 ? { faults } : { account };
}

function roleOf(text: string): 'USER' | 'ADMIN' | null {
  const role = text.trim().toUpperCase() || 'USER';
  return role === 'USER' || role === 'ADMIN' ? role : null;
}

/** The spellings of PostgreSQL, SQLite, MySQL and Python. */
function truthOf(text: string, otherwise: boolean): boolean | null {
  const word = text.trim().toLowerCase();
  if (word === '') return otherwise;
  if (['true', 't', 'yes', 'y', '1'].includes(word)) return true;
  return ['false', 'f', 'no', 'n', '0'].includes(word) ? false : null;
}

const moment = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?)? ?(?:Z|UTC|([+-]\d\d):?(\d\d)?)?$/;

/** ISO 8601 as databases write it; without a zone, in UTC. Null if there is no such moment. */
function momentOf(text: string): Date | null {
  const match = moment.exec(text.trim());
  if (!match) return null;
  const [, date, time = '00:00', seconds = ':00', fraction = '', hours = '+00', minutes = '00'] = match;
  const local = `${date}T${time}${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const there = new Date(local);
  // Refuses days that do not exist: Date reads the 30th of February as the 2nd of March.
  if (Number.isNaN(there.getTime()) || there.toISOString() !== local) return null;
  const offset = Number(hours) * 60 + Number(`${hours[0]}${minutes}`);
  return new Date(there.getTime() - offset * 60_000);
}

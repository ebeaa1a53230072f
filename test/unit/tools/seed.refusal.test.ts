import { expect, it } from 'vitest';
import { refusalOf } from '../../../tools/seed.refusal.ts';

const name = 'PostgreSQL database app on db:5432';
const empty = { name, key: 'db:5432/app', production: false, contents: null };
const filled = { ...empty, contents: 'holds accounts' };
const served = { ...empty, contents: 'was used by a server' };
const ofProduction = { ...empty, production: true };

it('an empty database may be filled', () => expect(refusalOf(empty, null)).toBeNull());

it.each([
  ['that holds something', filled, `the ${name} holds accounts already.`],
  ['on which a server has started', served, `the ${name} was used by a server already.`],
  ['of production', ofProduction, 'NODE_ENV is production.'],
])('a database %s is refused, unless it is named', (_which, target, reason) => {
  expect(refusalOf(target, null)).toContain(reason);
  expect(refusalOf(target, null)).toContain('write --force db:5432/app');
  expect(refusalOf(target, 'db:5432/app')).toBeNull();
});

it.each([
  ['an empty database', empty],
  ['one that holds something', filled],
  ['one of production', ofProduction],
])('%s is refused where another is named', (_which, target) => {
  for (const other of ['app', 'staging:5432/app', '', 'yes']) {
    expect(refusalOf(target, other)).toContain(`this is the ${name}, --force db:5432/app`);
  }
});

import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { GuardOptions } from '../../../../src/authorization/guard.ts';
import { askAlike, causeOf } from '../executors.ts';
import { type Context, denialsOf, guardOf, refusalsOf, user } from '../harness.ts';

const sdl = `
  type Query { row: Row @public  rows: [Row] @public }
  type Mutation { drop(id: ID!): Boolean @ownerOf(type: "Row", id: "id") }
  type Row @public { text: String @owner(field: "userId")  nested: String @owner(field: "user.id") }`;

function guardRow(row: object, options: Partial<GuardOptions<Context>> = {}) {
  const resolvers = { Query: { row: () => row, rows: () => [row] }, Mutation: { drop: () => true } };
  return guardOf(sdl, resolvers, { owners: { Row: async (ids) => ids.map(() => null) }, ...options });
}

const owned = (userId: unknown) => ({ userId, text: 'mine' });
const nested = (holder: unknown) => ({ user: holder, nested: 'mine' });

describe("a row's owner", () => {
  it.each([
    ['a text', '42', '42'],
    ['a number', 42, '42'],
    ['a bigint', 42n, '42'],
    ['a number, of a viewer with a number', 42, 42],
    ['a text, of a viewer with a bigint', '42', 42n],
  ])('may be %s', async (_, userId, id) => {
    const guard = guardRow(owned(userId));
    const result = await askAlike(guard, { ...user(), id }, '{ row { text } rows { text } }');
    expect(result).toEqual({ data: { row: { text: 'mine' }, rows: [{ text: 'mine' }] } });
    expect(guard.compiled).toMatchObject({ answers: expect.toSatisfy((times: number) => times > 0), doubts: 0 });
  });

  it.each([
    ['another text', '43'],
    ['a text with a space', '42 '],
    ['another number', 43],
    ['null', null],
    ['an empty text', ''],
  ])('is not the viewer where it is %s', async (_, userId) => {
    const result = await askAlike(guardRow(owned(userId)), user({ id: '42' }), '{ row { text } rows { text } }');
    expect(result.data).toEqual({ row: { text: null }, rows: [{ text: null }] });
    expect(denialsOf(result)).toEqual(['FORBIDDEN row.text', 'FORBIDDEN rows.0.text']);
  });

  it.each([
    ['undefined', undefined, 'undefined: is its name right, and is the column read?'],
    ['a list', ['42'], 'a list'],
    ['an object', { id: '42' }, 'an object (Object)'],
    ['a Date', new Date(42), 'an object (Date)'],
    ['true', true, 'a boolean'],
    ['a function', () => '42', 'a function'],
    ['a number that is not exact', 2 ** 53, 'the number 9007199254740992, which is not exact'],
    ['a number that is not whole', 4.2, 'the number 4.2, which is not exact'],
    ['NaN', Number.NaN, 'the number NaN, which is not exact'],
  ])('is a fault where it is %s', async (_, userId, kind) => {
    const guard = guardRow(owned(userId));
    const viewer = user({ id: '42' });
    const result = await askAlike(guard, viewer, '{ row { text } rows { text } }');
    expect(result.data).toEqual({ row: { text: null }, rows: [{ text: null }] });
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR row.text', 'INTERNAL_SERVER_ERROR rows.0.text']);
    const { errors } = await guard.execute({ document: parse('{ row { text } }'), contextValue: { viewer } });
    expect(causeOf(errors?.[0])).toBe(
      `\`Row.text\`: @owner reads \`userId\` of the row: an id must be a text, a whole number or null, and this is ${kind}`,
    );
  });
});

it('an owner that is a promise is a fault, and its rejection does not end the process', async () => {
  const row = {
    text: 'mine',
    get userId() {
      return Promise.reject(new Error('late'));
    },
  };
  const result = await askAlike(guardRow(row), user({ id: '42' }), '{ row { text } rows { text } }');
  expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR row.text', 'INTERNAL_SERVER_ERROR rows.0.text']);
});

describe('a dotted path to the owner', () => {
  it.each([{ id: '42' }, { id: 42 }, Object.create({ id: '42' })])('leads to the viewer', async (holder) => {
    const result = await askAlike(guardRow(nested(holder)), user({ id: '42' }), '{ row { nested } rows { nested } }');
    expect(result).toEqual({ data: { row: { nested: 'mine' }, rows: [{ nested: 'mine' }] } });
  });

  it.each([{ id: '43' }, { id: null }, null])('leads to another, or to nobody: %j', async (holder) => {
    const result = await askAlike(guardRow(nested(holder)), user({ id: '42' }), '{ row { nested } rows { nested } }');
    expect(denialsOf(result)).toEqual(['FORBIDDEN row.nested', 'FORBIDDEN rows.0.nested']);
  });

  it.each([{}, undefined, '42', [{ id: '42' }]])('is a fault where it leads nowhere: %j', async (holder) => {
    const result = await askAlike(guardRow(nested(holder)), user({ id: '42' }), '{ row { nested } rows { nested } }');
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR row.nested', 'INTERNAL_SERVER_ERROR rows.0.nested']);
  });

  it.each(['', '.', 'user.', '.id', 'user..id'])('is refused at the start where a name is missing: %j', (field) => {
    const written = `type Query { row: Row @public } type Row @public { text: String @owner(field: "${field}") }`;
    expect(refusalsOf(written)).toEqual([
      'Row.text: `field` must name a property of the parent row, or a dotted path of them such as `user.id`',
    ]);
  });
});

describe('an owner that is looked up', () => {
  type Answer = Awaited<ReturnType<NonNullable<GuardOptions<Context>['owners']>[string]>>;
  const guardLookUp = (answer: (ids: readonly string[]) => unknown) =>
    guardRow({}, { owners: { Row: async (ids) => answer(ids) as Answer } });
  const drop = 'mutation { drop(id: "7") }';

  it.each(['42', 42, 42n])('may be a text or a number: %s', async (owner) => {
    expect(
      await askAlike(
        guardLookUp((ids) => ids.map(() => owner)),
        user({ id: '42' }),
        drop,
      ),
    ).toEqual({
      data: { drop: true },
    });
  });

  it.each(['43', 43, null, undefined])('denies where it is another, or there is no such row: %s', async (owner) => {
    const result = await askAlike(
      guardLookUp((ids) => ids.map(() => owner)),
      user({ id: '42' }),
      drop,
    );
    expect(denialsOf(result)).toEqual(['FORBIDDEN drop']);
  });

  it.each([
    ['a list for an id', (ids: readonly string[]) => ids.map(() => ['42']), 'this is a list'],
    ['a row for an id', (ids: readonly string[]) => ids.map(() => ({ ownerId: '42' })), 'this is an object (Object)'],
    ['a number that is not exact', (ids: readonly string[]) => ids.map(() => 2 ** 60), 'which is not exact'],
    ['too few', () => [], 'one owner, or null, for each of the ids'],
    ['too many', () => ['42', '42'], 'one owner, or null, for each of the ids'],
    ['a Map', () => new Map([['7', '42']]), 'one owner, or null, for each of the ids'],
    ['nothing', () => undefined, 'one owner, or null, for each of the ids'],
  ])('is a fault where the look-up answers %s', async (_, answer, why) => {
    const contextValue = { viewer: user({ id: '42' }) };
    const { errors } = await guardLookUp(answer).execute({ document: parse(drop), contextValue });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(causeOf(errors?.[0])).toMatch(/^owners\.Row /);
    expect(causeOf(errors?.[0])).toContain(why);
  });

  it('fails one row, and not the others of the same look-up', async () => {
    const guard = guardOf(
      'type Query { a(id: ID!): Int @ownerOf(type: "Row", id: "id") } type Row @public { id: ID }',
      { Query: { a: () => 1 } },
      { owners: { Row: async (ids) => ids.map((id) => (id === 'odd' ? (['42'] as never) : 42)) } },
    );
    const result = await askAlike(guard, user({ id: '42' }), '{ good: a(id: "7") odd: a(id: "odd") }');
    expect(result.data).toEqual({ good: 1, odd: null });
    expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR odd']);
  });
});

it.each([0.5, Number.NaN, 2 ** 53, '', true, {}, ['42']])('a viewer with the id %j is a fault', async (id) => {
  const result = await askAlike(guardRow(owned(id)), { ...user(), id }, '{ row { text } }');
  expect(denialsOf(result)).toEqual(['INTERNAL_SERVER_ERROR row.text']);
});

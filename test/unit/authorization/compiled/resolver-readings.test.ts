import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { converted, createGuard, preloaded } from '../../../../src/authorization/guard.ts';
import { type Context, user, vocabulary } from '../harness.ts';

const sdl = `
  type Query { tasks: [Task!]! @authenticated }
  type Task @authenticated { id: ID! code: String owner: User! notes: String @owner }
  type User @authenticated { id: ID! email: String @owner(field: "id") }
`;

type Row = { id: number; code?: number | null; ownerId: string; notes: string; owner?: { id: string; email: string } };

/** The answers of the guard, compiled and by graphql-js; and how often it compiled. */
async function answersOf(rows: readonly Row[], query: string, times = 6) {
  const loaded: string[] = [];
  const guardOf = (compile: false | { hotAfter: number }) =>
    createGuard<Context>(
      makeExecutableSchema({
        typeDefs: [vocabulary, sdl],
        resolvers: {
          Query: { tasks: () => rows.map((row) => ({ ...row })) },
          Task: {
            id: converted((id: number) => `task ${id}`),
            code: converted((code: number) => {
              if (code < 0) throw new Error('no code');
              return `#${code}`;
            }),
            owner: preloaded(({ ownerId }: Row) => {
              loaded.push(ownerId);
              return { id: ownerId, email: `${ownerId}@loaded` };
            }),
          },
        },
      }),
      { viewer: ({ viewer }) => viewer, compile },
    );
  const [compiling, interpreting] = [guardOf({ hotAfter: 1 }), guardOf(false)];
  const args = { document: parse(query), contextValue: { viewer: user({ id: 'u1' }) } };
  const plain = (result: unknown) => JSON.parse(JSON.stringify(result));
  const expected = plain(await interpreting.execute(args));
  loaded.length = 0;
  for (let time = 0; time < times; time++) expect(plain(await compiling.execute(args))).toEqual(expected);
  return { expected, loaded, compiled: compiling.compiled };
}

const owner = { id: 'u1', email: 'u1@read' };
const other = { id: 'u2', email: 'u2@read' };

describe('resolvers that only read', () => {
  it('are not called by compiled operations, and answer as they do under graphql-js', async () => {
    const rows = [
      { id: 1, code: 7, ownerId: 'u1', notes: 'a', owner },
      { id: 2, code: null, ownerId: 'u2', notes: 'b', owner: other },
    ];
    const { expected, compiled } = await answersOf(rows, '{ tasks { id code owner { id } } }');
    expect(expected.data.tasks).toEqual([
      { id: 'task 1', code: '#7', owner: { id: 'u1' } },
      { id: 'task 2', code: null, owner: { id: 'u2' } },
    ]);
    expect(compiled).toMatchObject({ doubts: 0 });
    expect(compiled?.answers).toBeGreaterThan(3);
  });

  it('show nobody what the guard denies on a row, nor on what was read along with it', async () => {
    const rows = [
      { id: 1, ownerId: 'u1', notes: 'mine', owner },
      { id: 2, ownerId: 'u2', notes: 'theirs', owner: other },
    ];
    const { expected, compiled } = await answersOf(rows, '{ tasks { notes owner { email } } }');
    expect(expected.data.tasks).toEqual([
      { notes: 'mine', owner: { email: 'u1@read' } },
      { notes: null, owner: { email: null } },
    ]);
    expect(expected.errors).toHaveLength(2);
    expect(compiled).toMatchObject({ doubts: 0 });
  });

  it('are called where what they would read is not there', async () => {
    const rows = [
      { id: 1, ownerId: 'u1', notes: 'a', owner },
      { id: 2, ownerId: 'u2', notes: 'b' },
    ];
    const { expected, loaded } = await answersOf(rows, '{ tasks { owner { id } } }');
    expect(expected.data.tasks).toEqual([{ owner: { id: 'u1' } }, { owner: { id: 'u2' } }]);
    expect(loaded).toContain('u2');
    expect(loaded).not.toContain('u1');
  });

  it('report what converting throws', async () => {
    const { expected } = await answersOf([{ id: 1, code: -1, ownerId: 'u1', notes: 'a', owner }], '{ tasks { code } }');
    expect(expected).toMatchObject({ data: { tasks: [{ code: null }] }, errors: [{ path: ['tasks', 0, 'code'] }] });
  });
});

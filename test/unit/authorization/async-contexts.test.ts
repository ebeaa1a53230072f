/** Resolvers whose promises call back in another asynchronous context, as Bluebird and callback pools do. */
import { AsyncResource } from 'node:async_hooks';
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Guard, GuardOptions } from '../../../src/authorization/guard.ts';
import { type Context, denialsOf, guardOf, user } from './harness.ts';

const pool = new AsyncResource('pool');

type Callback = ((value: unknown) => unknown) | null | undefined;

/** Calls back in the context of the pool, whatever the caller's. */
class Later {
  readonly #value: Promise<unknown>;

  constructor(value: unknown) {
    this.#value = Promise.resolve(value);
  }

  // biome-ignore lint/suspicious/noThenProperty: it is what is tested
  then(onValue?: Callback, onError?: Callback): Later {
    const run = (callback: Callback, value: unknown, otherwise: () => unknown) =>
      pool.runInAsyncScope(() => (callback ? callback(value) : otherwise()));
    return new Later(
      this.#value.then(
        (value) => run(onValue, value, () => value),
        (error: unknown) =>
          run(onError, error, () => {
            throw error;
          }),
      ),
    );
  }
}

const sdl = `
  type Query { box: Box @public }
  type Mutation { open: Box @public }
  type Subscription { boxes: Box @public }
  type Box @public { rows(by: By): String @authenticated, n: Int, secret: Int @requiresRole(roles: [ADMIN]) }
  input By { all: Boolean = false @settableBy(roles: [ADMIN]), text: String }`;

const box = { rows: ({ by }: { by?: object }) => JSON.stringify(by ?? {}), secret: 1 };

function guardLater(options: Partial<GuardOptions<Context>> = {}): Guard {
  async function* events() {
    yield {};
  }
  const later = () => new Later(box);
  return guardOf(
    sdl,
    {
      Query: { box: later },
      Mutation: { open: later },
      Subscription: { boxes: { subscribe: events, resolve: later } },
    },
    { compile: { hotAfter: 1, milliseconds: 1_000_000 }, ...options },
  );
}

const admin = user({ roles: ['ADMIN'] });
const plain = (result: unknown) => JSON.parse(JSON.stringify(result)) as ExecutionResult;

describe('what a client supplies is known in any asynchronous context', () => {
  const document = parse('query ($by: By) { box { rows(by: $by) } }');
  const ask = async (guard: Guard, viewer: Context['viewer'], by: object) =>
    plain(await guard.execute({ document, contextValue: { viewer }, variableValues: { by } }));

  it.each([
    ['cold', { compile: false }],
    ['hot', {}],
  ] as const)('%s', async (_, options) => {
    const guard = guardLater(options);
    for (let time = 0; time < 4; time++) {
      // The same value as the default. Only the variables as they were sent show that it was supplied.
      const denied = await ask(guard, user(), { all: false });
      expect([denied.data, denialsOf(denied)]).toEqual([{ box: { rows: null } }, ['FORBIDDEN box.rows']]);
      expect(await ask(guard, user(), { text: 'a' })).toEqual({
        data: { box: { rows: '{"all":false,"text":"a"}' } },
      });
      expect(await ask(guard, admin, { all: false })).toEqual({ data: { box: { rows: '{"all":false}' } } });
    }
  });

  it('in a mutation, and in each event of a subscription', async () => {
    const guard = guardLater();
    const args = (text: string, viewer: Context['viewer']) => ({
      document: parse(text),
      contextValue: { viewer },
      variableValues: { by: { all: false } },
    });
    const mutation = 'mutation ($by: By) { open { rows(by: $by) } }';
    expect(denialsOf(await guard.execute(args(mutation, user())))).toEqual(['FORBIDDEN open.rows']);
    expect((await guard.execute(args(mutation, admin))).errors).toBeUndefined();
    const subscription = 'subscription ($by: By) { boxes { rows(by: $by) } }';
    for (const viewer of [user(), admin]) {
      const events = await guard.subscribe(args(subscription, viewer));
      if (!('next' in events)) throw new Error('It did not start.');
      const { value } = await events.next();
      expect(denialsOf(value ?? {})).toEqual(viewer === admin ? [] : ['FORBIDDEN boxes.rows']);
      await events.return();
    }
  });

  it('and under graphql-js, which does not tell, a resolver is given the same as if its default was left out', async () => {
    const guard = guardLater();
    const run = async (by: object) =>
      plain(
        await execute({ schema: guard.schema, document, contextValue: { viewer: user() }, variableValues: { by } }),
      );
    expect(await run({ all: false })).toEqual(await run({}));
    expect(await run({})).toEqual({ data: { box: { rows: '{"all":false}' } } });
    expect(denialsOf(await run({ all: true }))).toEqual(['FORBIDDEN box.rows']);
    expect(denialsOf(await run({ all: null }))).toEqual(['FORBIDDEN box.rows']);
  });
});

it('a resolver that the caller brings for all fields is asked in any asynchronous context', async () => {
  const guard = guardLater();
  const document = parse('{ box { secret } }');
  const fieldResolver = () => 42;
  const ask = async (viewer: Context['viewer']) =>
    plain(await guard.execute({ document, contextValue: { viewer }, fieldResolver }));
  expect((await ask(admin)).data).toEqual({ box: { secret: 42 } });
  expect((await ask(user())).data).toEqual({ box: { secret: null } });
});

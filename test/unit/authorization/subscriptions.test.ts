import { type ExecutionResult, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { GuardViewer } from '../../../src/authorization/guard.ts';
import { anonymous, guardOf, user } from './harness.ts';

let started = 0;
const guard = guardOf(
  'type Query { a: Int @public } type Subscription { ticks: Tick @requiresScopes(scopes: [["read"]]) } type Tick @requiresScopes(scopes: [["read"]]) { n: Int }',
  {
    Subscription: {
      ticks: {
        subscribe: async function* () {
          started++;
          for (const n of [1, 2]) yield { ticks: { n } };
        },
      },
    },
  },
);

async function listen(context: { viewer: GuardViewer | null }, onEvent = () => {}): Promise<ExecutionResult[]> {
  const results = await guard.subscribe({ document: parse('subscription { ticks { n } }'), contextValue: context });
  if (!(Symbol.asyncIterator in results)) return [results];
  const all: ExecutionResult[] = [];
  for await (const result of results) {
    all.push(result);
    onEvent();
  }
  return all;
}

describe('a subscription', () => {
  it('is served to whoever has the scope', async () => {
    expect(await listen({ viewer: user({ scopes: ['read'] }) })).toEqual([
      { data: { ticks: { n: 1 } } },
      { data: { ticks: { n: 2 } } },
    ]);
  });

  it('is decided before its source starts', async () => {
    started = 0;
    const [refused] = await listen({ viewer: anonymous });
    expect(refused?.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(started).toBe(0);
  });

  it('is decided again for each event', async () => {
    const context = { viewer: user({ scopes: ['read'] }) };
    const results = await listen(context, () => {
      context.viewer = user();
    });
    expect(results[0]).toEqual({ data: { ticks: { n: 1 } } });
    expect(results[1]?.data).toEqual({ ticks: null });
    expect(results[1]?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('whoever unsubscribes', () => {
  function quietSource() {
    const state = { closed: 0 };
    let finish: (() => void) | undefined;
    const source = {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () =>
        new Promise<IteratorResult<unknown>>((resolve) => {
          finish = () => resolve({ done: true, value: undefined });
        }),
      return: async () => {
        state.closed++;
        finish?.();
        return { done: true as const, value: undefined };
      },
    };
    return { state, source };
  }
  const subscribe = async (source: unknown) => {
    const quiet = guardOf('type Query { a: Int @public } type Subscription { e: Int @public }', {
      Subscription: { e: { subscribe: () => source } },
    });
    const results = await quiet.subscribe({ document: parse('subscription { e }'), contextValue: { viewer: null } });
    if (!(Symbol.asyncIterator in results)) throw new Error('refused');
    return results;
  };

  it('closes the source at once, though no event has come', async () => {
    const { state, source } = quietSource();
    const results = await subscribe(source);
    const pending = results.next();
    await results.return();
    expect(await pending).toMatchObject({ done: true });
    expect(state.closed).toBe(1);
  });

  it('closes the source before the first event is asked for', async () => {
    const { state, source } = quietSource();
    await (await subscribe(source)).return();
    expect(state.closed).toBe(1);
  });
});

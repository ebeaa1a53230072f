import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Guard } from '../../../../src/authorization/guard.ts';
import { subscribe } from '../../../../src/authorization/subscriptions/subscribe.ts';
import { anonymous, guardOf } from '../harness.ts';
import { EventSource, listenTo } from './event-source.ts';

describe('a client that unsubscribes', () => {
  const guardFor = (subscribe: () => unknown): Guard =>
    guardOf('type Query { a: Int @public } type Subscription { e: Int @public }', {
      Subscription: { e: { subscribe } },
    });
  const listen = async (subscribe: () => unknown) =>
    await listenTo(guardFor(subscribe), { viewer: anonymous }, 'subscription { e }');

  it('closes the source at once, though no event has come', async () => {
    const source = new EventSource();
    const results = await listen(source.subscribe);
    const pending = results.next();
    await results.return();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(source).toMatchObject({ started: 1, closed: 1, listeners: 0 });
  });

  it('closes the source before the first event is asked for', async () => {
    const source = new EventSource();
    const results = await listen(source.subscribe);
    expect(source.closed).toBe(0);
    await results.return();
    expect(source).toMatchObject({ closed: 1, listeners: 0 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('by leaving a loop closes the source, once', async () => {
    const source = new EventSource();
    const results = await listen(source.subscribe);
    source.emit({ e: 1 });
    for await (const result of results) {
      expect(result).toEqual({ data: { e: 1 } });
      break;
    }
    await results.return();
    expect(source).toMatchObject({ closed: 1, listeners: 0 });
  });

  it('by throwing closes the source, and is thrown back what was thrown', async () => {
    const source = new EventSource();
    const results = await listen(source.subscribe);
    await expect(results.throw(new Error('enough'))).rejects.toThrow('enough');
    expect(source).toMatchObject({ closed: 1, listeners: 0 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('by disposing of the results closes the source', async () => {
    const source = new EventSource();
    await (await listen(source.subscribe))[Symbol.asyncDispose]();
    expect(source.closed).toBe(1);
  });

  it('does not wait for a generator that waits for ever', async () => {
    const results = await listen(async function* () {
      yield await new Promise(() => {});
    });
    const pending = results.next();
    expect(await results.return()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
  });

  it('waits for a generator to put its things away', async () => {
    const done: string[] = [];
    const results = await listen(async function* () {
      try {
        yield { e: 1 };
        yield { e: 2 };
      } finally {
        await Promise.resolve();
        done.push('closed');
      }
    });
    expect((await results.next()).value).toEqual({ data: { e: 1 } });
    await results.return();
    expect(done).toEqual(['closed']);
  });
});

describe('a source', () => {
  const sdl = 'type Query { a: Int @public } type Subscription { e: Int @public }';

  it('that ends, ends the results, after the event that is still being executed', async () => {
    const slow = Promise.withResolvers<number>();
    const guard = guardOf(sdl, {
      Subscription: {
        e: {
          subscribe: async function* () {
            yield {};
          },
          resolve: () => slow.promise,
        },
      },
    });
    const results = await listenTo(guard, { viewer: anonymous }, 'subscription { e }');
    const first = results.next();
    expect(await results.next()).toEqual({ done: true, value: undefined });
    slow.resolve(7);
    expect(await first).toEqual({ done: false, value: { data: { e: 7 } } });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('that fails, fails the results', async () => {
    const source = new EventSource();
    const guard = guardOf(sdl, { Subscription: { e: { subscribe: source.subscribe } } });
    const results = await listenTo(guard, { viewer: anonymous }, 'subscription { e }');
    const pending = results.next();
    source.fail(new Error('lost'));
    await expect(pending).rejects.toThrow('lost');
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });

  it('that is none is a fault of the server’s', async () => {
    const guard = guardOf(sdl, { Subscription: { e: { subscribe: () => 1 } } });
    const subscribed = guard.subscribe({ document: parse('subscription { e }'), contextValue: { viewer: anonymous } });
    await expect(subscribed).rejects.toThrow('Async Iterable');
  });

  it('is closed when an event of it cannot be executed', async () => {
    const source = new EventSource();
    const results = await subscribe({
      viewer: () => null,
      start: async () => source.subscribe(),
      executeEvent: () => Promise.reject(new Error('broken')),
    });
    if (!(Symbol.asyncIterator in results)) throw new Error('refused');
    const pending = results.next();
    source.emit({ e: 1 });
    await expect(pending).rejects.toThrow('broken');
    expect(source).toMatchObject({ closed: 1, listeners: 0 });
    expect(await results.next()).toEqual({ done: true, value: undefined });
  });
});

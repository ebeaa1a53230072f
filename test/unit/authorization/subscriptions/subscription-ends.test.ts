import { EventEmitter, on } from 'node:events';
import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { guardOf } from '../harness.ts';
import {
  done,
  EventSource,
  endedSession,
  endOf,
  expectNothingLeft,
  expired,
  listenTo,
  minute,
  query,
  sdl,
  signedIn,
  subscribeTo,
  world,
} from './event-source.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(['filter', 'reject', 'report'] as const)('in mode %s, a subscription', (denial) => {
  it('ends when the token expires, and not before', async () => {
    const { source, guard } = world({ denial });
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    await vi.advanceTimersByTimeAsync(minute - 1);
    source.emit({ n: 1 });
    expect(await results.next()).toEqual({ done: false, value: { data: { n: 1 } } });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(1);
    expect(endOf((await pending).value)).toBe(expired);
    expect(await results.next()).toEqual(done);
    expect(source.closed).toBe(1);
    expectNothingLeft(source, session);
  });

  it('ends when the session ends, and not before', async () => {
    const { source, guard } = world({ denial });
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    source.emit({ n: 1 });
    expect((await results.next()).value).toEqual({ data: { n: 1 } });
    const pending = results.next();
    session.abort();
    expect(endOf((await pending).value)).toBe(endedSession);
    expect(await results.next()).toEqual(done);
    expect(source.closed).toBe(1);
    expectNothingLeft(source, session);
  });

  it('does not start with a token that has expired, or in a session that has ended', async () => {
    const { source, guard } = world({ denial });
    const late = signedIn(0);
    expect(endOf((await subscribeTo(guard, late.context, query)) as ExecutionResult)).toBe(expired);
    const out = signedIn();
    out.session.abort();
    expect(endOf((await subscribeTo(guard, out.context, query)) as ExecutionResult)).toBe(endedSession);
    expect(source.started).toBe(0);
    expectNothingLeft(source, late.session);
    expectNothingLeft(source, out.session);
    await listenTo(guard, signedIn(1).context, query);
    expect(source.started).toBe(1);
  });
});

describe('the end of a subscription', () => {
  it('comes at its time, though no timer waits that long', async () => {
    const { source, guard } = world();
    const results = await listenTo(guard, signedIn(2 ** 32).context, query);
    await vi.advanceTimersByTimeAsync(2 ** 31 + 5);
    source.emit({ n: 1 });
    expect((await results.next()).value).toEqual({ data: { n: 1 } });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(2 ** 31 - 6);
    expect(source.closed).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(endOf((await pending).value)).toBe(expired);
  });

  it('is told to a client that asks only afterwards, once', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    source.emit({ n: 1 });
    session.abort();
    source.emit({ n: 2 });
    expect(source.closed).toBe(1);
    expect(endOf((await results.next()).value)).toBe(endedSession);
    expect(await results.next()).toEqual(done);
    expect(await results.next()).toEqual(done);
  });

  it('is told to the oldest of several calls; the others learn that it is over', async () => {
    const { guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    const pending = [results.next(), results.next(), results.next()];
    session.abort();
    const [first, ...others] = await Promise.all(pending);
    expect(endOf(first?.value)).toBe(endedSession);
    expect(others).toEqual([done, done]);
  });

  it('is not told to a client that unsubscribes first', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    session.abort();
    expect(await results.return()).toEqual(done);
    expect(await results.next()).toEqual(done);
    expect(source.closed).toBe(1);
  });

  it('is found at an event, where the clock is ahead of the timer', async () => {
    const executed: number[] = [];
    const { source, guard } = world({ resolve: ({ n }) => executed.push(n) });
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    const pending = results.next();
    vi.setSystemTime(Date.now() + minute);
    source.emit({ n: 1 });
    expect(endOf((await pending).value)).toBe(expired);
    expect(await results.next()).toEqual(done);
    expect(executed).toEqual([]);
    expectNothingLeft(source, session);
  });

  it.each(['the session ends', 'the token expires', 'the clock passes its time'])(
    'drops an event that is being executed when %s',
    async (how) => {
      const slow = Promise.withResolvers<number>();
      const reached = Promise.withResolvers<void>();
      const { source, guard } = world({
        resolve: ({ n }) => {
          reached.resolve();
          return n === 1 ? slow.promise : n;
        },
      });
      const { session, context } = signedIn();
      const results = await listenTo(guard, context, query);
      const pending = results.next();
      source.emit({ n: 1 });
      await reached.promise;
      if (how === 'the session ends') session.abort();
      else if (how === 'the token expires') await vi.advanceTimersByTimeAsync(minute);
      else vi.setSystemTime(Date.now() + minute);
      slow.resolve(1);
      expect(endOf((await pending).value)).toBe(how === 'the session ends' ? endedSession : expired);
      expect(await results.next()).toEqual(done);
      expectNothingLeft(source, session);
    },
  );

  it('does not come while an event is executed in time', async () => {
    const slow = Promise.withResolvers<number>();
    const { source, guard } = world({ resolve: () => slow.promise });
    const results = await listenTo(guard, signedIn().context, query);
    const pending = results.next();
    source.emit({ n: 1 });
    await vi.advanceTimersByTimeAsync(minute - 1);
    slow.resolve(1);
    expect((await pending).value).toEqual({ data: { n: 1 } });
  });

  it('holds for what anybody may listen to, as long as somebody is signed in', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, 'subscription { open }');
    session.abort();
    expect(endOf((await results.next()).value)).toBe(endedSession);
    const anonymous = await listenTo(guard, { viewer: null }, 'subscription { open }');
    await vi.advanceTimersByTimeAsync(minute);
    source.emit({ open: 1 });
    expect((await anonymous.next()).value).toEqual({ data: { open: 1 } });
  });

  it('does not wait for a source that is slow to close, or that fails to', async () => {
    for (const close of [() => new Promise(() => {}), () => Promise.reject(new Error('stuck')), undefined]) {
      const source = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), ...(close && { return: close }) }),
      };
      const guard = guardOf(sdl, { Subscription: { n: { subscribe: () => source } } });
      const { session, context } = signedIn();
      const results = await listenTo(guard, context, query);
      const pending = results.next();
      session.abort();
      expect(endOf((await pending).value)).toBe(endedSession);
      expect(await results.next()).toEqual(done);
    }
  });

  it('lets nothing of a generator through that goes on', async () => {
    const emitter = new EventEmitter();
    const guard = guardOf(sdl, {
      Subscription: {
        n: {
          subscribe: async function* () {
            for await (const [n] of on(emitter, 'n')) yield { n };
          },
        },
      },
    });
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    const pending = results.next();
    emitter.emit('n', 1);
    expect((await pending).value).toEqual({ data: { n: 1 } });
    const last = results.next();
    session.abort();
    emitter.emit('n', 2);
    expect(endOf((await last).value)).toBe(endedSession);
    expect(await results.next()).toEqual(done);
    await vi.waitFor(() => expect(emitter.listenerCount('n')).toBe(0));
  });
});

describe('while the source is being started', () => {
  function slowWorld() {
    const source = new EventSource();
    const opened = Promise.withResolvers<void>();
    const subscribe = async () => {
      await opened.promise;
      return source.subscribe();
    };
    return { source, opened, guard: guardOf(sdl, { Subscription: { n: { subscribe } } }) };
  }

  it('the end of the session refuses, at once, and closes the source when it comes', async () => {
    const { source, opened, guard } = slowWorld();
    const { session, context } = signedIn();
    const subscribing = subscribeTo(guard, context, query);
    await Promise.resolve();
    session.abort();
    expect(endOf((await subscribing) as ExecutionResult)).toBe(endedSession);
    opened.resolve();
    await vi.waitFor(() => expect(source).toMatchObject({ started: 1, closed: 1 }));
    expectNothingLeft(source, session);
  });

  it('the clock may pass the time of the token', async () => {
    const { source, opened, guard } = slowWorld();
    const { session, context } = signedIn();
    const subscribing = subscribeTo(guard, context, query);
    await Promise.resolve();
    vi.setSystemTime(Date.now() + minute);
    opened.resolve();
    expect(endOf((await subscribing) as ExecutionResult)).toBe(expired);
    expect(source).toMatchObject({ started: 1, closed: 1 });
    expectNothingLeft(source, session);
  });

  it('nothing else refuses it', async () => {
    const { source, opened, guard } = slowWorld();
    const subscribing = subscribeTo(guard, signedIn().context, query);
    opened.resolve();
    source.emit({ n: 1 });
    expect(await subscribing).toHaveProperty('next');
  });
});

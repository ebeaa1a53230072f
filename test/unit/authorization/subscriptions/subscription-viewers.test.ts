import { getEventListeners } from 'node:events';
import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GuardViewer } from '../../../../src/authorization/guard.ts';
import { ask, guardOf, user } from '../harness.ts';
import {
  done,
  type EventSource,
  endedSession,
  endOf,
  expectNothingLeft,
  expired,
  type Listener,
  listenTo,
  minute,
  query,
  type Results,
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

describe('a viewer is asked for anew', () => {
  it('and may have renewed the token', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    context.viewer = { ...user(), expiresAt: new Date(Date.now() + 2 * minute), ended: session.signal };
    await vi.advanceTimersByTimeAsync(minute + 1);
    source.emit({ n: 1 });
    expect((await results.next()).value).toEqual({ data: { n: 1 } });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(minute);
    expect(endOf((await pending).value)).toBe(expired);
    expectNothingLeft(source, session);
  });

  it('and may have a token that expires sooner', async () => {
    const { source, guard } = world();
    const { context } = signedIn(2 * minute);
    const results = await listenTo(guard, context, query);
    context.viewer = user({ expiresAt: new Date(Date.now() + minute) });
    source.emit({ n: 1 });
    expect((await results.next()).value).toEqual({ data: { n: 1 } });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(minute);
    expect(endOf((await pending).value)).toBe(expired);
  });

  it('and may be in another session: that one counts', async () => {
    const { source, guard } = world();
    const first = signedIn();
    const second = signedIn();
    const results = await listenTo(guard, first.context, query);
    first.context.viewer = second.context.viewer;
    source.emit({ n: 1 });
    await results.next();
    first.session.abort();
    source.emit({ n: 2 });
    expect((await results.next()).value).toEqual({ data: { n: 2 } });
    second.session.abort();
    expect(endOf((await results.next()).value)).toBe(endedSession);
    expectNothingLeft(source, first.session);
  });

  it('and may have signed out: denied at each event, until the token would have expired', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    context.viewer = null;
    source.emit({ n: 1 });
    const denied = (await results.next()).value as ExecutionResult;
    expect(denied).toMatchObject({
      data: { n: null },
      errors: [{ path: ['n'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(minute);
    expect(endOf((await pending).value)).toBe(expired);
    expectNothingLeft(source, session);
  });

  it('and may have signed in: from then on the token counts', async () => {
    const { source, guard } = world();
    const context: Listener = { viewer: null };
    const results = await listenTo(guard, context, 'subscription { open }');
    expect(vi.getTimerCount()).toBe(0);
    const { session, context: later } = signedIn();
    context.viewer = later.viewer;
    source.emit({ open: 1 });
    expect((await results.next()).value).toEqual({ data: { open: 1 } });
    session.abort();
    expect(endOf((await results.next()).value)).toBe(endedSession);
  });

  it('and a wrong answer opens nothing', async () => {
    const { source, guard } = world();
    const { context } = signedIn();
    const results = await listenTo(guard, context, query);
    const { viewer } = context;
    context.viewer = 'somebody' as never;
    source.emit({ n: 1 });
    const fault = (await results.next()).value as ExecutionResult;
    expect(fault).toMatchObject({ data: { n: null }, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
    const pending = results.next();
    await vi.advanceTimersByTimeAsync(minute);
    expect(endOf((await pending).value)).toBe(expired);

    context.viewer = viewer;
    const refused = (await subscribeTo(guard, { viewer: 'somebody' as never }, query)) as ExecutionResult;
    expect(refused.errors).toMatchObject([
      { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
    ]);
    expect(source.started).toBe(1);
  });
});

describe('nothing is left of a subscription', () => {
  const ways: [string, (results: Results, source: EventSource) => Promise<unknown>][] = [
    ['that is unsubscribed from', (results) => results.return()],
    [
      'that is unsubscribed from while an event is awaited',
      async (results) => {
        const pending = results.next();
        await results.return();
        await pending;
      },
    ],
    ['that is thrown at', (results) => results.throw(new Error('enough')).catch(() => {})],
    [
      'whose source ends',
      async (results, source) => {
        source.end();
        expect(await results.next()).toEqual(done);
      },
    ],
    [
      'whose source fails',
      async (results, source) => {
        const pending = results.next();
        source.fail(new Error('lost'));
        await expect(pending).rejects.toThrow('lost');
      },
    ],
  ];

  it.each(ways)('%s', async (_, leave) => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    expect(getEventListeners(session.signal, 'abort')).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
    await leave(results, source);
    expectNothingLeft(source, session);
    session.abort();
    await vi.advanceTimersByTimeAsync(minute);
    expect(await results.next()).toEqual(done);
  });

  it('that is refused, or cannot be started', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    await subscribeTo(guard, context, 'subscription { nothing }');
    const failing = guardOf(sdl, {
      Subscription: { n: { subscribe: () => Promise.reject(new Error('down')) }, open: { subscribe: () => 1 } },
    });
    expect(await subscribeTo(failing, context, query)).toMatchObject({ errors: [{ message: 'down' }] });
    await expect(subscribeTo(failing, context, 'subscription { open }')).rejects.toThrow('Async Iterable');
    expectNothingLeft(source, session);
  });

  it('after many events, more than one listener and one timer were never there', async () => {
    const { source, guard } = world();
    const { session, context } = signedIn();
    const results = await listenTo(guard, context, query);
    for (let n = 0; n < 100; n++) {
      source.emit({ n });
      expect((await results.next()).value).toEqual({ data: { n } });
    }
    expect(getEventListeners(session.signal, 'abort')).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('though many listen in one session, which is no leak', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    const { guard } = world();
    const { session, context } = signedIn();
    const all = await Promise.all(Array.from({ length: 50 }, () => listenTo(guard, context, query)));
    session.abort();
    for (const results of all) expect(endOf((await results.next()).value)).toBe(endedSession);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(session.signal, 'abort')).toEqual([]);
  });
});

it('a subscription keeps no process alive', async () => {
  vi.useRealTimers();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const results = await listenTo(world().guard, signedIn().context, query);
  expect(timers()).toBe(before);
  await results.return();
});

describe('a viewer', () => {
  it.each([
    ['expires at what is no Date', { expiresAt: Date.now() }],
    ['expires at a Date that is none', { expiresAt: new Date(Number.NaN) }],
    ['has an end that is no signal', { ended: { aborted: false } }],
  ])('that %s is a fault, and opens nothing', async (_, wrong) => {
    const { source, guard } = world();
    const viewer = { ...user(), ...wrong } as unknown as GuardViewer;
    const codes = ({ errors }: ExecutionResult) => errors?.map(({ extensions }) => extensions?.code);
    expect(codes((await subscribeTo(guard, { viewer }, query)) as ExecutionResult)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(source.started).toBe(0);
    expect(codes(await ask(guard, viewer, '{ a }'))).toEqual(['INTERNAL_SERVER_ERROR']);
    expect((await ask(guard, user(), '{ a }')).data).toEqual({ a: 1 });
  });

  it('of a query is not looked at for how long: that is the server’s to check before', async () => {
    const { guard } = world();
    const { session, context } = signedIn(-minute);
    session.abort();
    expect(await ask(guard, context.viewer, '{ a }')).toEqual({ data: { a: 1 } });
  });
});

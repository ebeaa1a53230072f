import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { admission } from '../../../src/server/admission.ts';

type State = 'waits' | 'works' | 'refused';

function doorOf(places: number) {
  const asked = new Map<FastifyReply, { state: State }>();
  const refuse = (reply: FastifyReply) => {
    (asked.get(reply) as { state: State }).state = 'refused';
  };
  const door = admission(places, refuse);
  const ask = (ip = '192.0.2.1') => {
    const raw = Object.assign(new EventEmitter(), { closed: false });
    const [request, reply] = [{ ip, place: null } as FastifyRequest, { raw } as unknown as FastifyReply];
    const one: { state: State } = { state: 'waits' };
    asked.set(reply, one);
    door.admit(request, reply, () => {
      one.state = 'works';
    });
    const close = () => {
      raw.closed = true;
      raw.emit('close');
    };
    return {
      get state() {
        return one.state;
      },
      close,
      hold: <Result>(work: () => Promise<Result>) => door.hold(request, reply, work),
      stepAside: <Result>(work: () => Promise<Result>) => door.stepAside(request, work),
    };
  };
  return { ask, door };
}

const statesOf = (asked: readonly { state: State }[]) => asked.map(({ state }) => state);
const [mine, yours] = ['192.0.2.1', '198.51.100.7'];

describe('places', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are given while there are any, and to who waits once one is free', () => {
    const { ask, door } = doorOf(2);
    const asked = [ask(), ask(), ask()];
    expect(statesOf(asked)).toEqual(['works', 'works', 'waits']);
    expect(door.counts).toEqual({ working: 2, waiting: 1 });
    asked[0]?.close();
    expect(statesOf(asked)).toEqual(['works', 'works', 'works']);
    expect(door.counts).toEqual({ working: 2, waiting: 0 });
  });

  it('are not waited for without end: who has waited too long is refused, and who has not is let in', () => {
    const { ask } = doorOf(1);
    const first = ask();
    const late = ask();
    vi.advanceTimersByTime(400);
    const soon = ask();
    vi.advanceTimersByTime(200);
    expect(statesOf([first, late, soon])).toEqual(['works', 'refused', 'waits']);
    first.close();
    expect(soon.state).toBe('works');
  });

  it('go to the oldest while the line is short, and to the newest when it stays long', () => {
    const short = doorOf(4);
    const few = Array.from({ length: 6 }, () => short.ask());
    few[0]?.close();
    expect(statesOf(few)).toEqual(['works', 'works', 'works', 'works', 'waits', 'waits']);

    const long = doorOf(1);
    const working = long.ask();
    for (let i = 0; i < 3; i++) long.ask();
    vi.advanceTimersByTime(90);
    const [newer, newest] = [long.ask(), long.ask()];
    vi.advanceTimersByTime(30);
    working.close();
    expect(statesOf([newer, newest])).toEqual(['waits', 'works']);
  });

  it('are refused at once where the line is full', () => {
    const { ask, door } = doorOf(1);
    const asked = Array.from({ length: 1002 }, () => ask());
    expect(door.counts).toEqual({ working: 1, waiting: 1000 });
    expect(asked.at(-1)?.state).toBe('refused');
    expect(asked.at(-2)?.state).toBe('waits');
  });

  it('are not all of one network: another has one at once, and a turn after each other', () => {
    const { ask } = doorOf(4);
    const flood = Array.from({ length: 20 }, () => ask(mine));
    expect(statesOf(flood.slice(0, 4))).toEqual(['works', 'works', 'works', 'waits']);
    const first = ask(yours);
    expect(first.state).toBe('works');
    const second = ask(yours);
    expect(second.state).toBe('waits');
    flood[0]?.close();
    flood[1]?.close();
    expect(second.state).toBe('works');
    expect(statesOf(flood).filter((state) => state === 'works')).toHaveLength(3 + 1);
  });

  it('are not kept for who has gone', () => {
    const { ask, door } = doorOf(1);
    const [working, gone, next] = [ask(), ask(), ask()];
    gone.close();
    working.close();
    expect(statesOf([gone, next])).toEqual(['waits', 'works']);
    next.close();
    expect(door.counts).toEqual({ working: 0, waiting: 0 });
    expect(ask().state).toBe('works');
  });

  it('are held while the work goes on, also when the client has gone, and freed once', async () => {
    const { ask, door } = doorOf(1);
    const one = ask();
    const work = Promise.withResolvers<string>();
    const held = one.hold(() => work.promise);
    one.close();
    expect(door.counts.working).toBe(1);
    work.resolve('done');
    expect(await held).toBe('done');
    expect(door.counts.working).toBe(0);
    const next = ask();
    await expect(next.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(door.counts.working).toBe(1);
    next.close();
    expect(door.counts.working).toBe(0);
  });

  it('are left to others by who steps aside, who comes back before those in line', async () => {
    const { ask, door } = doorOf(1);
    const [one, other, third] = [ask(), ask(), ask()];
    const hash = Promise.withResolvers<string>();
    const held = one.hold(() => one.stepAside(() => hash.promise));
    expect(other.state).toBe('works');
    hash.resolve('hashed');
    await Promise.resolve();
    other.close();
    expect(await held).toBe('hashed');
    expect(third.state).toBe('waits');
    one.close();
    expect(third.state).toBe('works');
    third.close();
    expect(door.counts).toEqual({ working: 0, waiting: 0 });
  });

  it('are given back by who failed aside, and not taken by who had none', async () => {
    const { ask, door } = doorOf(1);
    const one = ask();
    await expect(one.hold(() => one.stepAside(() => Promise.reject(new Error('no'))))).rejects.toThrow('no');
    one.close();
    expect(door.counts.working).toBe(0);
    await expect(one.stepAside(async () => 'done')).resolves.toBe('done');
    expect(door.counts.working).toBe(0);
  });
});

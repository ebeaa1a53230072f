import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { admission } from '../../../../src/server/overload/admission.ts';

type State = 'waits' | 'works' | 'refused' | 'done';

function doorOf(places: number, isOver?: (network: string) => boolean, maxBeside = 2) {
  const asked = new Map<FastifyReply, { state: State }>();
  const refuse = (reply: FastifyReply, retryAfter: number) => {
    (asked.get(reply) as { state: State }).state = 'refused';
    told.push(retryAfter);
  };
  const told: number[] = [];
  const door = admission({ places, maxBeside, refuse, ...(isOver && { isOver }) });
  const ask = (clientAddress = '192.0.2.1') => {
    const raw = { closed: false };
    const [request, reply] = [{ clientAddress, place: null } as FastifyRequest, { raw } as unknown as FastifyReply];
    const one: { state: State } = { state: 'waits' };
    asked.set(reply, one);
    const work = Promise.withResolvers<string>();
    let answer: Promise<string | null> = Promise.resolve(null);
    door.turnAway(request, reply, () => {
      answer = door.hold(request, reply, async () => {
        one.state = 'works';
        return await work.promise.finally(() => {
          one.state = 'done';
        });
      });
      answer.catch(() => {});
    });
    return {
      get state() {
        return one.state;
      },
      get answer() {
        return answer;
      },
      /** Its client goes away. */
      go: () => {
        raw.closed = true;
      },
      finish: async () => {
        work.resolve('answered');
        await settle();
      },
      fail: async () => {
        work.reject(new Error('no'));
        await settle();
      },
      leave: () => door.leave(request),
    };
  };
  return { ask, door, told };
}

/** A door whose requests have been quick so far. */
async function quickDoorOf(places: number) {
  const door = doorOf(places);
  for (let turn = 0; turn < 100; turn++) await door.ask().finish();
  return door;
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const statesOf = (asked: readonly { state: State }[]) => asked.map(({ state }) => state);
const [mine, yours] = ['192.0.2.1', '198.51.100.7'];

describe('places', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are given while there are free ones, and to waiting requests when others are done', async () => {
    const { ask, door } = doorOf(2);
    const asked = [ask(), ask(), ask()] as const;
    expect(statesOf(asked)).toEqual(['works', 'works', 'waits']);
    expect(door.counts).toEqual({ working: 2, beside: 0, waiting: 1 });
    await asked[0].finish();
    expect(statesOf(asked)).toEqual(['done', 'works', 'works']);
    expect(await asked[0].answer).toBe('answered');
    await asked[1].fail();
    await expect(asked[1].answer).rejects.toThrow('no');
    await asked[2].finish();
    expect(door.counts).toEqual({ working: 0, beside: 0, waiting: 0 });
  });

  it('are waited for only so long: late requests are refused, and those in time are let in', async () => {
    const { ask } = doorOf(1);
    const first = ask();
    const late = ask();
    vi.advanceTimersByTime(400);
    const soon = ask();
    vi.advanceTimersByTime(200);
    expect(statesOf([first, late, soon])).toEqual(['works', 'refused', 'waits']);
    expect(await late.answer).toBeNull();
    await first.finish();
    expect(soon.state).toBe('works');
  });

  it('are never waited for longer than two seconds, however slow requests are', async () => {
    const { ask } = doorOf(1);
    for (let turn = 0; turn < 20; turn++) {
      const slow = ask();
      await vi.advanceTimersByTimeAsync(10_000);
      await slow.finish();
    }
    const [working, waiting] = [ask(), ask()];
    await vi.advanceTimersByTimeAsync(1900);
    expect(statesOf([working, waiting])).toEqual(['works', 'waits']);
    await vi.advanceTimersByTimeAsync(200);
    expect(statesOf([working, waiting])).toEqual(['works', 'refused']);
  });

  it('go to the oldest request while it is in time, and to the newest when it is late', async () => {
    const short = doorOf(4);
    const few = Array.from({ length: 5 }, (_, i) => short.ask(`192.0.2.${i}`));
    const sixth = short.ask('192.0.2.4');
    await few[0]?.finish();
    expect(statesOf([...few.slice(1), sixth])).toEqual(['works', 'works', 'works', 'works', 'waits']);

    const long = await quickDoorOf(1);
    const working = long.ask();
    for (let i = 0; i < 30; i++) expect(long.ask().state).toBe('waits');
    vi.advanceTimersByTime(90);
    const [newer, newest] = [long.ask(), long.ask()];
    vi.advanceTimersByTime(15);
    await working.finish();
    expect(statesOf([newer, newest])).toEqual(['waits', 'works']);
  });

  it('go in turns in a long line that goes on: nobody is refused', async () => {
    const { ask } = doorOf(4);
    // One network may use three of the places. Each of twelve clients asks again when it is answered.
    const line = Array.from({ length: 12 }, () => ask(mine));
    for (let turn = 0; turn < 100; turn++) {
      vi.advanceTimersByTime(3);
      const [next] = line.splice(0, 1);
      expect(next?.state).toBe('works');
      await next?.finish();
      line.push(ask(mine));
    }
    expect(statesOf(line)).not.toContain('refused');
  });

  it('go to new requests, not to late ones, of which a few at a time are refused', async () => {
    const { ask } = await quickDoorOf(1);
    const working = ask();
    const late = Array.from({ length: 499 }, () => ask());
    vi.advanceTimersByTime(130);
    const refused = statesOf(late).filter((state) => state === 'refused').length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(200);
    await working.finish();
    expect(statesOf(late)).not.toContain('works');
    const now = ask();
    expect(now.state).toBe('works');
    vi.advanceTimersByTime(300);
    expect(statesOf(late.slice(0, -1))).not.toContain('waits');
    // The line is short again, so the last request is in time.
    await now.finish();
    expect(late.at(-1)?.state).toBe('works');
  });

  it('are waited for longer when requests are slow, from the first on', async () => {
    const { ask } = doorOf(1);
    const slow = ask();
    await vi.advanceTimersByTimeAsync(130);
    await slow.finish();
    const working = ask();
    const line = Array.from({ length: 5 }, () => ask());
    await vi.advanceTimersByTimeAsync(130);
    await working.finish();
    expect(line[0]?.state).toBe('works');
    expect(statesOf(line)).not.toContain('refused');
    await vi.advanceTimersByTimeAsync(500);
    expect(statesOf(line)).toContain('refused');
  });

  it('are waited for as usual once a hundred requests have been quick, however slow the first was', async () => {
    const { ask } = doorOf(1);
    const slow = ask();
    await vi.advanceTimersByTimeAsync(130);
    await slow.finish();
    for (let turn = 0; turn < 100; turn++) await ask().finish();
    const working = ask();
    const line = Array.from({ length: 30 }, () => ask());
    await vi.advanceTimersByTimeAsync(130);
    await working.finish();
    expect(statesOf(line)).toContain('refused');
    expect(statesOf(line.slice(0, -1))).not.toContain('works');
  });

  it('are given when the line has become short, though no request leaves', async () => {
    const { ask } = await quickDoorOf(1);
    const working = ask();
    const late = Array.from({ length: 300 }, () => ask());
    vi.advanceTimersByTime(130);
    await working.finish();
    expect(statesOf(late)).not.toContain('works');
    await vi.advanceTimersByTimeAsync(300);
    expect(statesOf(late).filter((state) => state === 'works')).toHaveLength(1);
    expect(statesOf(late)).not.toContain('waits');
  });

  it('are not waited for when the wait would be too long: another network waits less', async () => {
    const { ask, door } = doorOf(2);
    for (let turn = 0; turn < 100; turn++) {
      const one = ask();
      await vi.advanceTimersByTimeAsync(50);
      await one.finish();
    }
    const [, , ...line] = Array.from({ length: 24 }, () => ask(mine));
    // It may be a burst.
    expect(statesOf(line)).not.toContain('refused');
    await vi.advanceTimersByTimeAsync(110);
    expect(ask(mine).state).toBe('refused');
    expect([door.isFull(mine), door.isFull(yours)]).toEqual([true, false]);
    // Each of these networks has one request ahead.
    Array.from({ length: 100 }, (_, i) => ask(`198.51.100.${i}`));
    expect(door.isFull(yours)).toBe(true);
  });

  it('are always in use beyond capacity, and refused requests learn it at once or soon', async () => {
    const { ask, door } = doorOf(4);
    const [took, perMillisecond, milliseconds] = [8, 1.5, 1000];
    const working = new Map<ReturnType<typeof ask>, number>();
    const waiting = new Map<ReturnType<typeof ask>, number>();
    let [served, longestWait] = [0, 0];
    for (let now = 0, asked = 0; now < milliseconds; now++) {
      for (; asked < now * perMillisecond; asked++) waiting.set(ask(`192.0.2.${asked % 8}`), now);
      for (const [one, since] of waiting) {
        if (one.state === 'waits') continue;
        waiting.delete(one);
        longestWait = Math.max(longestWait, now - since);
        if (one.state === 'works') working.set(one, now);
      }
      for (const [one, since] of working) {
        if (now - since < took) continue;
        working.delete(one);
        served++;
        await one.finish();
      }
      await vi.advanceTimersByTimeAsync(1);
    }
    // The last requests are under way, and admission is seen a millisecond later.
    const capacity = (4 * milliseconds) / (took + 1);
    expect(served).toBeGreaterThan(0.95 * capacity);
    expect(longestWait).toBeLessThan(200);
    expect(door.counts.waiting).toBeLessThan(30);
  });

  it('are refused at once when the line is full, and no network gets the whole line', () => {
    const { ask, door } = doorOf(1);
    const flood = Array.from({ length: 752 }, () => ask(mine));
    expect(door.counts).toMatchObject({ working: 1, waiting: 750 });
    expect(statesOf(flood.slice(-2))).toEqual(['waits', 'refused']);
    const others = Array.from({ length: 251 }, (_, i) => ask(`198.51.100.${i}`));
    expect(door.counts).toMatchObject({ working: 1, waiting: 1000 });
    expect(statesOf(others.slice(-2))).toEqual(['waits', 'refused']);
  });

  it('are refused with Retry-After, which is longer after many refusals', () => {
    const { ask, told } = doorOf(1);
    const flood = Array.from({ length: 751 + 300 }, () => ask(mine));
    expect(statesOf(flood.slice(751))).toEqual(Array.from({ length: 300 }, () => 'refused'));
    expect([told[0], told[299]]).toEqual([1, 3]);
    // The line has room for another network's share, and one request is too many.
    const others = Array.from({ length: 251 }, () => ask(yours));
    expect([others.at(-1)?.state, told.at(-1)]).toEqual(['refused', 1]);
  });

  it('never all go to one network: another gets one at once, and takes turns', async () => {
    const { ask } = doorOf(4);
    const flood = Array.from({ length: 20 }, () => ask(mine));
    expect(statesOf(flood.slice(0, 4))).toEqual(['works', 'works', 'works', 'waits']);
    const first = ask(yours);
    expect(first.state).toBe('works');
    const second = ask(yours);
    expect(second.state).toBe('waits');
    await flood[0]?.finish();
    await flood[1]?.finish();
    expect(second.state).toBe('works');
    expect(statesOf(flood).filter((state) => state === 'works')).toHaveLength(2);
  });

  it('are not given to a client that has gone, and are held by work whose client has gone', async () => {
    const { ask, door } = doorOf(1);
    const [working, gone, next] = [ask(), ask(), ask()];
    gone.go();
    working.go();
    await settle();
    expect(door.counts.working).toBe(1);
    await working.finish();
    expect(statesOf([gone, next])).toEqual(['waits', 'works']);
    expect(await gone.answer).toBeNull();
    await next.finish();
    expect(door.counts).toEqual({ working: 0, beside: 0, waiting: 0 });
    expect(ask().state).toBe('works');
  });

  it('are given up for good by a request with a limit of its own', async () => {
    const { ask, door } = doorOf(1);
    const [one, other, third] = [ask(), ask(), ask()];
    one.leave();
    await settle();
    expect(statesOf([one, other, third])).toEqual(['works', 'works', 'waits']);
    expect(door.counts).toEqual({ working: 1, beside: 1, waiting: 1 });
    // Giving up a place twice frees only one.
    one.leave();
    expect(third.state).toBe('waits');
    await one.finish();
    expect(third.state).toBe('waits');
    await other.finish();
    expect(third.state).toBe('works');
    await third.finish();
    expect(door.counts).toEqual({ working: 0, beside: 0, waiting: 0 });
  });

  it('are held when as many as allowed have given up theirs', async () => {
    const { ask, door } = doorOf(1, undefined, 1);
    const [left, keeps] = [ask(), ask()];
    left.leave();
    await settle();
    keeps.leave();
    const next = ask();
    expect(statesOf([keeps, next])).toEqual(['works', 'waits']);
    await left.fail();
    keeps.leave();
    await settle();
    expect(next.state).toBe('works');
    await keeps.finish();
    await next.finish();
    expect(door.counts).toEqual({ working: 0, beside: 0, waiting: 0 });
  });

  it('are not given to a network that leaves too much unread, nor to its waiting requests; others get them', async () => {
    const over = new Set<string>();
    const { ask, door, told } = doorOf(2, (network) => over.has(network));
    const [first, other, waiting, another] = [ask(mine), ask(yours), ask(mine), ask(yours)] as const;
    over.add(mine);
    expect(ask(mine).state).toBe('refused');
    await first.finish();
    await other.finish();
    expect(statesOf([waiting, another])).toEqual(['refused', 'works']);
    expect(await waiting.answer).toBeNull();
    expect(told).toEqual([1, 1]);
    over.clear();
    const again = ask(mine);
    expect(again.state).toBe('works');
    await again.finish();
    await another.finish();
    expect(door.counts).toEqual({ working: 0, beside: 0, waiting: 0 });
  });

  it('are waited for longer when requests are slow, not counting work beside the places', async () => {
    for (const [leaves, state] of [
      [true, 'refused'],
      [false, 'waits'],
    ] as const) {
      const { ask } = doorOf(1);
      for (let i = 0; i < 60; i++) {
        const one = ask();
        if (leaves) one.leave();
        await vi.advanceTimersByTimeAsync(1000);
        await one.finish();
      }
      const [, late] = [ask(), ask()] as const;
      await vi.advanceTimersByTimeAsync(600);
      expect(late.state).toBe(state);
    }
  });
});

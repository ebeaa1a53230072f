import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { admission } from '../../../src/server/admission.ts';

describe('places', () => {
  const ask = ({ admit }: ReturnType<typeof admission>) => {
    const raw = Object.assign(new EventEmitter(), { closed: false });
    const [request, reply] = [{} as FastifyRequest, { raw } as unknown as FastifyReply];
    let admitted = false;
    admit(request, reply, () => {
      admitted = true;
    });
    const end = () => {
      raw.closed = true;
      raw.emit('close');
    };
    return { admitted, request, reply, end };
  };

  it('are given while there are any, refused then, and given again once one is free', () => {
    let refused = 0;
    const two = admission(2, () => refused++);
    const [one, other, third] = [ask(two), ask(two), ask(two)];
    expect([one.admitted, other.admitted, third.admitted, refused]).toEqual([true, true, false, 1]);
    one.end();
    expect(two.inFlight).toBe(1);
    expect(ask(two).admitted).toBe(true);
    expect(ask(two).admitted).toBe(false);
    expect(refused).toBe(2);
  });

  it('are held while the work goes on, also when the client has gone, and freed once', async () => {
    const one = admission(1, () => {});
    const { request, reply, end } = ask(one);
    const work = Promise.withResolvers<string>();
    const held = one.hold(request, reply, () => work.promise);
    end();
    expect(one.inFlight).toBe(1);
    work.resolve('done');
    expect(await held).toBe('done');
    expect(one.inFlight).toBe(0);
    const next = ask(one);
    await expect(one.hold(next.request, next.reply, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(one.inFlight).toBe(1);
    next.end();
    expect(one.inFlight).toBe(0);
  });

  it('are not freed by who had none', () => {
    const one = admission(1, () => {});
    const [had, refused] = [ask(one), ask(one)];
    refused.end();
    expect(one.inFlight).toBe(1);
    expect(ask(one).admitted).toBe(false);
    had.end();
    expect(ask(one).admitted).toBe(true);
  });
});

import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import { admission } from '../../../src/server/admission.ts';

describe('places', () => {
  const ask = ({ admit }: ReturnType<typeof admission>) => {
    const raw = new EventEmitter();
    let admitted = false;
    admit({} as FastifyRequest, { raw } as unknown as FastifyReply, () => {
      admitted = true;
    });
    return { admitted, end: () => raw.emit('close') };
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

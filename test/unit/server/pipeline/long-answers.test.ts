import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { keptCost } from '../../../../src/server/pipeline/cost.ts';
import { limits } from '../../../../src/server/pipeline/limits.ts';
import { isTooMuch } from '../../../../src/server/pipeline/long-answers.ts';
import type { OperationRequest } from '../../../../src/server/pipeline/operation-request.ts';
import { isLongerThan } from '../../../../src/server/request/answer-size.ts';

describe('the length of an answer', () => {
  it.each([
    ['text of one byte each', 'x'.repeat(9)],
    ['text of two', `${'é'.repeat(4)}x`],
    ['text of three', '€'.repeat(3)],
    ['text of four', `${'😀'.repeat(2)}x`],
    ['bytes', Buffer.alloc(9)],
  ])('is that of its bytes: %s', (_, body) => {
    expect([isLongerThan(8, body), isLongerThan(9, body)]).toEqual([true, false]);
  });

  it('is nothing where there is no answer', () => {
    expect([null, undefined, {}].map((body) => isLongerThan(0, body))).toEqual([false, false, false]);
  });
});

describe('texts that are more than an answer may have', () => {
  const costing = (cost: number | null): OperationRequest => {
    const document = parse('{ tasks { nodes { title } } }');
    const operation = getOperationAST(document) as OperationRequest['operation'];
    keptCost(document, operation, {}, () => cost);
    return { document, operation, operationName: undefined, variables: undefined };
  };
  const text = 'x'.repeat(limits.answer / 4);
  const rows = (count: number) => ({
    data: { list: Array.from({ length: count }, () => ({ id: 1, text, none: null })) },
  });

  it.each([1001, null])('are found before they are written: a cost of %s', (cost) => {
    expect(isTooMuch(rows(5), costing(cost))).toBe(true);
    expect(isTooMuch(rows(4), costing(cost))).toBe(false);
    expect(isTooMuch({ data: null }, costing(cost))).toBe(false);
  });

  it('are not looked for where the operation costs little', () => {
    expect(isTooMuch(rows(5), costing(1000))).toBe(false);
  });
});

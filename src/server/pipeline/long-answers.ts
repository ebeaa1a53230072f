/** Answers that are longer than any may be (see limits.ts). */
import type { ExecutionResult } from 'graphql';
import { CodedError, OperationTooComplexError } from '../../errors.ts';
import { keptCost } from './cost.ts';
import { limits } from './limits.ts';
import type { OperationRequest } from './operation-request.ts';

/** What costs less is not looked through: it is no more than so many texts, of 10,000 characters each. */
const cheap = 1000;

/**
 * Whether it is known before the answer is written: one text may be in it fifty times in each row, which takes no memory
 * until then, and hundreds of megabytes afterwards.
 */
export function isTooMuch(result: ExecutionResult, { document, operation, variables = {} }: OperationRequest): boolean {
  const cost = keptCost(document, operation, variables, () => null);
  return (cost === null || cost > cheap) && takeTexts(result.data, limits.answer) < 0;
}

/** @returns what is left of so many bytes without those of the texts, or a part of them if they are more. */
function takeTexts(value: unknown, left: number): number {
  if (typeof value === 'string') return left - value.length;
  if (typeof value !== 'object' || value === null) return left;
  for (const name in value) {
    left = takeTexts((value as Record<string, unknown>)[name], left);
    if (left < 0) break;
  }
  return left;
}

const refusal = `The answer has more than ${limits.answer} bytes, the limit. Ask for fewer rows or fields at once.`;
/** What it did cannot be taken back, and nobody must do it twice because of this. */
const refusalOfMutation =
  `The mutation was executed, but its answer has more than ${limits.answer} bytes, the limit, and is not sent. ` +
  'Do not repeat it before you have read what it changed, and select fewer rows or fields.';

/**
 * What takes the place of the answer: that of an operation that asks for too much. Of a mutation it has `data: null`, which
 * says that it was executed (GraphQL, section 7.1.1), and goes with 200: clients try again by themselves what has failed.
 */
export function tooLong(operationType: string | null): ExecutionResult {
  if (operationType !== 'mutation') return { errors: [new OperationTooComplexError(refusal)] };
  return { data: null, errors: [new CodedError('OPERATION_TOO_COMPLEX', refusalOfMutation)] };
}

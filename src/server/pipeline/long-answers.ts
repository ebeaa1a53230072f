/** Answers that are longer than the limit (see limits.ts). */
import type { ExecutionResult } from 'graphql';
import { CodedError, OperationTooComplexError } from '../../errors.ts';
import { keptCost } from './cost.ts';
import { limits } from './limits.ts';
import type { OperationRequest } from './operation-request.ts';

/** Cheaper answers are not measured. They hold at most this many texts, of 10,000 characters each. */
const cheap = 1000;

/**
 * Whether the answer is too long, known before it is written. One text may be in each row fifty times: that takes no
 * memory until it is written, and then hundreds of megabytes.
 */
export function isTooMuch(result: ExecutionResult, { document, operation, variables = {} }: OperationRequest): boolean {
  const cost = keptCost(document, operation, variables, () => null);
  return (cost === null || cost > cheap) && takeTexts(result.data, limits.answer) < 0;
}

/** @returns the bytes that remain of `left` after the texts in the value. Stops when none remain. */
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
/** A mutation's changes stay, and the client must not repeat it because of this error. */
const refusalOfMutation =
  `The mutation was executed, but its answer has more than ${limits.answer} bytes, the limit, and is not sent. ` +
  'Do not repeat it before you have read what it changed, and select fewer rows or fields.';

/**
 * The answer instead: the error of an operation that asks for too much. A mutation gets `data: null` and status 200:
 * that says that it was executed (GraphQL, section 7.1.1). Clients retry failures by themselves.
 */
export function tooLong(operationType: string | null): ExecutionResult {
  if (operationType !== 'mutation') return { errors: [new OperationTooComplexError(refusal)] };
  return { data: null, errors: [new CodedError('OPERATION_TOO_COMPLEX', refusalOfMutation)] };
}

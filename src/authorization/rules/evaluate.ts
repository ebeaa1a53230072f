/**
 * Decides graphql-shield's rule objects with its meaning, and without its gaps. A rule that answers at once is decided
 * at once; shield makes every rule a promise. Only `true` allows. A rule that throws is a fault that reaches the
 * caller. shield turns it into `false`, which `not` turns into a permission.
 */
import { openRule, type ShieldRule } from './shield.ts';

export type MaybePromise<Value> = Value | Promise<Value>;

/** An Error denies and says why. */
export type Outcome = true | false | Error;

export interface Call {
  readonly parent: unknown;
  readonly args: unknown;
  readonly context: unknown;
  readonly info: unknown;
}

/** @throws whatever a rule throws. */
export function evaluate(rule: ShieldRule, call: Call): MaybePromise<Outcome> {
  const opened = openRule(rule);
  if (!opened) throw new TypeError('This is not a graphql-shield rule.');
  if ('func' in opened) {
    const answer = opened.func(call.parent, call.args, call.context, call.info);
    return isPromise(answer) ? Promise.resolve(answer).then(toOutcome) : toOutcome(answer);
  }
  switch (opened.kind) {
    case 'allow':
      return true;
    case 'deny':
      return false;
    case 'not':
      return after(evaluate(opened.rules[0] as ShieldRule, call), (outcome) =>
        outcome === true ? (opened.error ?? false) : true,
      );
    case 'and':
    case 'chain':
      return every(opened.rules, 0, call);
    case 'or':
    case 'race':
      return some(opened.rules, 0, call, false);
  }
}

/** Asks the rules in turn, up to the first that does not allow. */
function every(rules: readonly ShieldRule[], from: number, call: Call): MaybePromise<Outcome> {
  const rule = rules[from];
  if (!rule) return true;
  return after(evaluate(rule, call), (outcome) => (outcome === true ? every(rules, from + 1, call) : outcome));
}

/** Asks the rules in turn, up to the first that allows. `denied` is the first error so far. */
function some(rules: readonly ShieldRule[], from: number, call: Call, denied: Outcome): MaybePromise<Outcome> {
  const rule = rules[from];
  if (!rule) return denied;
  return after(evaluate(rule, call), (outcome) =>
    outcome === true ? true : some(rules, from + 1, call, denied || outcome),
  );
}

function toOutcome(result: unknown): Outcome {
  if (result === true || result instanceof Error) return result;
  return typeof result === 'string' && result !== '' ? new Error(result) : false;
}

/** Calls `next` at once, unless the value is a promise. */
export function after<From, To>(value: MaybePromise<From>, next: (value: From) => MaybePromise<To>): MaybePromise<To> {
  return isPromise<From>(value) ? value.then(next) : next(value);
}

export function isPromise<Value>(value: MaybePromise<Value>): value is Promise<Value> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/**
 * graphql-shield's rule language, and the only place that loads it.
 *
 * Its ES modules import `isUndefined` from `node:util`, which Node 23 removed, so they do not load at all. Its
 * CommonJS build reads the function at call time: it is put back here, and that build is loaded.
 */
import { createRequire } from 'node:module';
import type * as Shield from 'graphql-shield';

const require = createRequire(import.meta.url);
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;

const shield = require('graphql-shield') as typeof Shield;
const classes = require(require.resolve('graphql-shield').replace(/index\.js$/, 'rules.js')) as Record<string, unknown>;

export const rule: typeof Shield.rule = shield.rule;
export const and: typeof Shield.and = shield.and;
export const or: typeof Shield.or = shield.or;
export const not: typeof Shield.not = shield.not;
export const chain: typeof Shield.chain = shield.chain;
export const race: typeof Shield.race = shield.race;
export const allow: typeof Shield.allow = shield.allow;
export const deny: typeof Shield.deny = shield.deny;
export const inputRule: typeof Shield.inputRule = shield.inputRule;

/** A rule object as `rule`, `and`, `or`, `not`, `chain` or `race` makes it. */
export type ShieldRule =
  ReturnType<typeof rule> extends (func: never) => infer Made ? Made | ReturnType<typeof and> : never;

/** What a rule made by `rule(…)(func)` holds. */
export interface SingleRule {
  name: string;
  cache: string | ((...args: unknown[]) => unknown);
  func: (parent: unknown, args: unknown, context: unknown, info: unknown) => unknown;
}

/** What a rule made of other rules holds, and how it joins them. */
export interface JoinedRule {
  kind: 'and' | 'or' | 'chain' | 'race' | 'not' | 'allow' | 'deny';
  rules: ShieldRule[];
  /** What `not(rule, error)` denies with. */
  error?: Error;
}

const kinds = {
  and: classes.RuleAnd,
  or: classes.RuleOr,
  chain: classes.RuleChain,
  race: classes.RuleRace,
  not: classes.RuleNot,
  allow: classes.RuleTrue,
  deny: classes.RuleFalse,
} as Record<JoinedRule['kind'], new (...args: never[]) => unknown>;
const Rule = classes.Rule as new (...args: never[]) => unknown;
const InputRule = classes.InputRule as new (...args: never[]) => unknown;

const opened = new WeakMap<object, SingleRule | JoinedRule | null>();

/** Looks into a rule object; null if it is none. */
export function openRule(made: unknown): SingleRule | JoinedRule | null {
  if (typeof made !== 'object' || made === null) return null;
  let found = opened.get(made);
  if (found === undefined) {
    found = open(made);
    opened.set(made, found);
  }
  return found;
}

function open(made: object): SingleRule | JoinedRule | null {
  // An input rule judges the arguments alone. shield caches it by them; here it is simply asked again.
  if (made instanceof InputRule) return { ...(made as unknown as SingleRule), cache: 'no_cache' };
  if (made instanceof Rule) return made as unknown as SingleRule;
  for (const [kind, Class] of Object.entries(kinds)) {
    if (made instanceof Class) return { ...(made as unknown as JoinedRule), kind: kind as JoinedRule['kind'] };
  }
  return null;
}

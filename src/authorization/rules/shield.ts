/**
 * graphql-shield's rule language. This is the only place that loads it. It uses `require`, because shield's ES modules
 * import `isUndefined` from `node:util`, which Node 23 removed.
 */
import { createRequire } from 'node:module';
import type { GraphQLResolveInfo } from 'graphql';

const require = createRequire(import.meta.url);
/** The types are written here, because shield's own need packages that fail the compiler's check of libraries. */
const shield = require('graphql-shield') as {
  readonly rule: MakeRule;
  readonly inputRule: MakeInputRule;
  readonly and: JoinRules;
  readonly or: JoinRules;
  readonly not: NegateRule;
  readonly chain: JoinRules;
  readonly race: JoinRules;
  readonly allow: ShieldRule<unknown>;
  readonly deny: ShieldRule<unknown>;
};

export const { rule, inputRule, and, or, not, chain, race, allow, deny } = shield;

/** Only `true` allows. An Error or a text denies, and the client is told it. */
export type Answer = boolean | string | Error;

export interface RuleOptions {
  /**
   * `contextual`: the rule depends on the viewer alone. It is asked once for an operation, with no parent and empty
   * arguments. `no_cache`, the default: it is asked for each call.
   */
  cache?: 'no_cache' | 'contextual';
}

export type RuleFunction<Context, Parent, Args> = (
  parent: Parent,
  args: Args,
  context: Context,
  info: GraphQLResolveInfo,
) => Answer | Promise<Answer>;

declare const asks: unique symbol;

/**
 * A rule object that `rule`, `and`, `or`, `not`, `chain` or `race` makes. `Context` is what the rule reads of the
 * context. A rule that reads less also serves a guard whose context has more.
 */
export type ShieldRule<Context = Unsaid> = {
  /** How graphql-shield itself asks the rule. The engine does not use it. */
  resolve(parent: Unsaid, args: Unsaid, context: Unsaid, info: Unsaid, options: Unsaid): Promise<unknown>;
} & {
  readonly [asks]?: (context: Context) => void;
};

/** Makes a rule that judges the arguments by a schema of yup. */
type MakeInputRule = (
  name?: string,
) => (
  schema: (yup: Unsaid, context: Unsaid) => { validate(args: unknown): Promise<unknown> },
  options?: Unsaid,
) => ShieldRule;

// biome-ignore lint/suspicious/noExplicitAny: what a rule does not say is not checked, as in GraphQL's own resolver types
type Unsaid = any;

/**
 * `rule(name, { cache })(decide)` takes its types from `decide`, and its context from the guard among whose `policies`
 * it stands. `rule<Context, Parent, Args>(name, { cache })(decide)` states them.
 */
interface MakeRule {
  (
    name?: string | RuleOptions,
    options?: RuleOptions,
  ): <Context = Unsaid, Parent = Unsaid, Args = Unsaid>(
    decide: RuleFunction<Context, Parent, Args>,
  ) => ShieldRule<Context>;
  <Context, Parent = unknown, Args = unknown>(
    name?: string | RuleOptions,
    options?: RuleOptions,
  ): (decide: RuleFunction<Context, Parent, Args>) => ShieldRule<Context>;
}

/** Rules that are joined read the same context. */
type JoinRules = <Context = Unsaid>(...rules: ShieldRule<Context>[]) => ShieldRule<Context>;
type NegateRule = <Context = Unsaid>(rule: ShieldRule<Context>, error?: string | Error) => ShieldRule<Context>;

/** The inside of a rule that `rule(…)(func)` made. */
export interface SingleRule {
  name: string;
  cache: string | ((...args: unknown[]) => unknown);
  func: (parent: unknown, args: unknown, context: unknown, info: unknown) => unknown;
}

/** The inside of a rule made of other rules, and how it joins them. */
export interface JoinedRule {
  kind: 'and' | 'or' | 'chain' | 'race' | 'not' | 'allow' | 'deny';
  rules: ShieldRule[];
  /** What `not(rule, error)` denies with. */
  error?: Error;
}

type AnyClass = new (...args: never[]) => unknown;

/** graphql-shield exports no classes, so each is taken from a rule that it has made. */
const classOf = (made: object): AnyClass => made.constructor as AnyClass;

const kinds: Record<JoinedRule['kind'], AnyClass> = {
  and: classOf(shield.and(shield.allow)),
  or: classOf(shield.or(shield.allow)),
  chain: classOf(shield.chain(shield.allow)),
  race: classOf(shield.race(shield.allow)),
  not: classOf(shield.not(shield.allow)),
  allow: classOf(shield.allow),
  deny: classOf(shield.deny),
};
const Rule = classOf(shield.rule()(() => true));
const InputRule = classOf(shield.inputRule()((yup) => yup.object()));

const opened = new WeakMap<object, SingleRule | JoinedRule | null>();

/** Reads the inside of a rule object; null if it is none. */
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
  // An input rule judges the arguments alone. shield caches it by them, but here it is asked each time.
  if (made instanceof InputRule) return { ...(made as unknown as SingleRule), cache: 'no_cache' };
  if (made instanceof Rule) return made as unknown as SingleRule;
  for (const [kind, Class] of Object.entries(kinds)) {
    if (made instanceof Class) return { ...(made as unknown as JoinedRule), kind: kind as JoinedRule['kind'] };
  }
  return null;
}

/** The verdicts of one operation. What depends on the viewer alone is decided once, and looked up from then on. */
import type { GuardViewer } from '../contract/options.ts';
import { given, isNothing, isViewerOnly, keyOf, type Requirement } from '../contract/requirement.ts';
import { after, evaluate, isPromise, type MaybePromise, type Outcome } from '../rules/evaluate.ts';
import { and, or, type ShieldRule } from '../rules/shield.ts';
import type { Rules } from './condition-rules.ts';
import type { Rights, RightsStore } from './rights.ts';
import type { OperationInfo, Verdict } from './verdict.ts';

const allowed: Verdict = { allows: true, code: '+' };

export class Verdicts {
  readonly #rules: Rules;
  readonly #store: RightsStore;
  readonly #context: unknown;
  #viewer: GuardViewer | null | undefined;
  #rights: Rights | undefined;
  readonly #outcomes = new Map<string, MaybePromise<Outcome>>();
  readonly #verdicts = new Map<Requirement, MaybePromise<Verdict>>();

  constructor(rules: Rules, store: RightsStore, context: unknown) {
    this.#rules = rules;
    this.#store = store;
    this.#context = context;
  }

  /** @throws TypeError if `options.viewer` answers with something else than a viewer or null. */
  get viewer(): GuardViewer | null {
    if (this.#viewer === undefined) this.#viewer = this.#rules.viewerOf(this.#context);
    return this.#viewer;
  }

  /** @throws TypeError as `viewer` does. */
  get rights(): Rights {
    this.#rights ??= this.#store.of(this.viewer);
    return this.#rights;
  }

  /** What `of` has found; undefined before that, and while a policy is being asked. */
  known(requirement: Requirement): Verdict | undefined {
    const found = this.#verdicts.get(requirement);
    return found && !isPromise<Verdict>(found) ? found : undefined;
  }

  /** What the viewer alone decides of a requirement. */
  of(requirement: Requirement, info: OperationInfo): MaybePromise<Verdict> {
    const found = this.#verdicts.get(requirement);
    if (found) return found;
    const verdict = this.#decide(requirement, info);
    this.#verdicts.set(requirement, verdict);
    // A known verdict is returned without a promise, so that later rows need none.
    if (isPromise<Verdict>(verdict))
      verdict.then(
        (known) => this.#verdicts.set(requirement, known),
        () => {},
      );
    return verdict;
  }

  /** What rights alone decide of it. Policies stay open and are not asked. */
  byRights(requirement: Requirement): Verdict {
    const { settled } = this.rights;
    let verdict = settled.get(requirement);
    if (!verdict) {
      verdict = this.#conclude(this.rights.remaining(requirement), new Map());
      settled.set(requirement, verdict);
    }
    return verdict;
  }

  /** Policies come last, and only those that still matter. They may be slow, and may expect a viewer. */
  #decide(requirement: Requirement, info: OperationInfo): MaybePromise<Verdict> {
    const byRights = this.byRights(requirement);
    if (byRights.allows !== null) return byRights;
    const remaining = byRights.open;
    const policies = new Map(
      remaining
        .flat()
        .filter(isViewerOnly)
        .map((condition) => [keyOf(condition), condition]),
    );
    if (policies.size === 0) return byRights;
    const outcomes = new Map<string, Outcome>();
    let pending: MaybePromise<unknown>;
    for (const [key, policy] of policies) {
      const store = (outcome: Outcome) => void outcomes.set(key, outcome);
      pending = after(pending, () => after(this.#outcomeOf(key, this.#rules.ruleOf(policy), info), store));
    }
    return after(pending, () => this.#conclude(remaining, outcomes));
  }

  #outcomeOf(key: string, rule: ShieldRule, info: OperationInfo): MaybePromise<Outcome> {
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      // A rule that says it needs no row and no arguments gets none. So it cannot look at the first row by accident.
      outcome = evaluate(rule, { parent: undefined, args: {}, context: this.#context, info });
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }

  #conclude(remaining: Requirement, outcomes: ReadonlyMap<string, Outcome>): Verdict {
    const open = given(remaining, (condition) => {
      const outcome = outcomes.get(keyOf(condition));
      return outcome === undefined ? undefined : outcome === true;
    });
    if (isNothing(open)) return allowed;
    if (open.length === 0) {
      const reason = [...outcomes.values()].find((outcome) => outcome instanceof Error)?.message;
      return { allows: false, reason, code: '-' };
    }
    // JSON delimits itself, because a name can hold any text.
    const code = JSON.stringify(open.map((alternative) => alternative.map(keyOf)));
    return { allows: null, open, rule: this.#ruleFor(open), code };
  }

  #ruleFor(open: Requirement): ShieldRule {
    const alternatives = open.map((alternative) => {
      const rules = alternative.map((condition) => this.#rules.ruleOf(condition));
      return rules.length === 1 ? (rules[0] as ShieldRule) : and(...rules);
    });
    return alternatives.length === 1 ? (alternatives[0] as ShieldRule) : or(...alternatives);
  }
}

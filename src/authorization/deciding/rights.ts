/**
 * What a set of rights decides. Being signed in, roles and scopes decide most of every requirement. Many viewers and
 * operations have the same rights. So each set is decided once, and looked up from then on.
 */

import { LRUCache } from 'lru-cache';
import type { GuardViewer } from '../contract/options.ts';
import { type Condition, given, isRight, keyOf, needsViewer, type Requirement } from '../contract/requirement.ts';
import { Snapshot } from '../contract/viewer.ts';
import { evaluate } from '../rules/evaluate.ts';
import type { Rules } from './condition-rules.ts';
import type { Verdict } from './verdict.ts';

/** The most sets of rights that are kept. A set that is not kept is decided again. */
const maxSets = 1000;

export class RightsStore {
  readonly #rules: Rules;
  readonly #sets = new LRUCache<string, Rights>({ max: maxSets });

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  of(viewer: GuardViewer | null): Rights {
    const key = viewer === null ? '' : JSON.stringify([viewer.roles, viewer.scopes]);
    let rights = this.#sets.get(key);
    if (!rights) {
      rights = new Rights(key, this.#rules, new Snapshot(viewer));
      this.#sets.set(key, rights);
    }
    return rights;
  }
}

export class Rights {
  /** Two viewers with one key have the same rights. */
  readonly key: string;
  /** What these rights decide of each requirement. */
  readonly settled = new Map<Requirement, Verdict>();
  readonly #rules: Rules;
  /** The viewer that the key was made of. The context may belong to another viewer later. */
  readonly #snapshot: Snapshot;
  readonly #outcomes = new Map<string, boolean>();

  constructor(key: string, rules: Rules, snapshot: Snapshot) {
    this.key = key;
    this.#rules = rules;
    this.#snapshot = snapshot;
  }

  /**
   * What the rights leave open of a requirement: policies, ownership and relations. Only a viewer can own a row, so
   * ownership is denied here where nobody is signed in.
   */
  remaining(requirement: Requirement): Requirement {
    return given(requirement, (condition) => {
      if (isRight(condition)) return this.holds(condition);
      const mayBe = !needsViewer(condition) || this.holds({ kind: 'authenticated' });
      return mayBe ? undefined : false;
    });
  }

  /** Whether these rights meet a condition that is a right. */
  holds(condition: Condition): boolean {
    const key = keyOf(condition);
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      const call = { parent: undefined, args: {}, context: this.#snapshot, info: undefined };
      outcome = evaluate(this.#rules.ruleOf(condition), call) === true;
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }
}

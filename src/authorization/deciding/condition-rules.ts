/** The graphql-shield rule behind each condition of a requirement. */

import type { GuardOptions, OwnersOf, ViewerOf } from '../contract/options.ts';
import { type Condition, keyOf } from '../contract/requirement.ts';
import { readViewer, readViewerId, Snapshot } from '../contract/viewer.ts';
import { idText } from '../rules/owner-id.ts';
import type { ShieldRule } from '../rules/shield.ts';
import { authenticatedRule } from '../vocabulary/authenticated.ts';
import { ownerRule } from '../vocabulary/owner.ts';
import { ownerOfRule } from '../vocabulary/owner-of.ts';
import { roleRule } from '../vocabulary/requires-role.ts';
import { scopeRule } from '../vocabulary/requires-scopes.ts';
import { relationRule, type StandsIn } from '../vocabulary/rows/requires-relation.ts';

export class Rules {
  /** @throws TypeError if `options.viewer` answers with something else than a viewer or null. */
  readonly viewerOf: ViewerOf;
  /** @throws TypeError if `options.viewer` answers with something that is neither null nor has an id. */
  readonly viewerIdOf: (context: unknown) => string | null;
  readonly #options: GuardOptions<unknown>;
  readonly #ownersOf: OwnersOf;
  readonly #standsIn: StandsIn;
  readonly #rules = new Map<string, ShieldRule>();

  constructor(options: GuardOptions<unknown>, ownersOf: OwnersOf, standsIn: StandsIn) {
    this.viewerOf = (context) => (context instanceof Snapshot ? context.viewer : readViewer(options, context));
    this.viewerIdOf = (context) => readViewerId(options, context);
    this.#options = options;
    this.#ownersOf = ownersOf;
    this.#standsIn = standsIn;
  }

  /** One condition has one rule object, the same each time. */
  ruleOf(condition: Condition): ShieldRule {
    const key = keyOf(condition);
    let rule = this.#rules.get(key);
    if (!rule) {
      rule = this.#make(condition);
      this.#rules.set(key, rule);
    }
    return rule;
  }

  /** An Error stands for an owner that is no id. It fails its own row, not the rows that are asked for with it. */
  async lookUpOwners(type: string, ids: readonly string[], context: unknown): Promise<(string | null | Error)[]> {
    const lookUp = this.#options.owners?.[type];
    if (!lookUp) throw new Error(`The owners of ${type} cannot be looked up.`);
    const owners = await lookUp(ids, context);
    if (!Array.isArray(owners) || owners.length !== ids.length) {
      throw new Error(`owners.${type} must answer with one owner, or null, for each of the ids it is given.`);
    }
    return owners.map((owner: unknown) => ownerOf(type, owner));
  }

  #make(condition: Condition): ShieldRule {
    const { viewerOf } = this;
    switch (condition.kind) {
      case 'authenticated':
        return authenticatedRule(viewerOf);
      case 'scope':
        return scopeRule(condition.name, viewerOf);
      case 'role':
        return roleRule(condition.name, viewerOf);
      case 'owner':
        return ownerRule(condition.field, this.viewerIdOf);
      case 'ownerOf':
        return ownerOfRule(condition.type, condition.id, viewerOf, this.#ownersOf);
      case 'relation':
        return relationRule(condition.type, condition.name, this.#standsIn);
      case 'policy': {
        const policy = this.#options.policies?.[condition.name];
        if (!policy) throw new Error(`No policy ${condition.name} is registered.`);
        return policy;
      }
    }
  }
}

/** A Map answers undefined for an id that it lacks, so undefined means that the row does not exist. */
function ownerOf(type: string, owner: unknown): string | null | Error {
  try {
    return owner === undefined ? null : idText(owner);
  } catch (cause) {
    return new TypeError(`owners.${type} answered with no id: ${(cause as Error).message}`, { cause });
  }
}

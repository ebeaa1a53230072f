/** One operation's verdicts: what depends on the viewer alone is decided once, and looked up from then on. */
import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import type { Denial } from './denial.ts';
import { after, evaluate, isPromise, type MaybePromise, type Outcome } from './evaluate.ts';
import { type Condition, given, isNothing, isViewerOnly, keyOf, type Requirement } from './requirement.ts';
import type { Rules } from './rules.ts';
import { and, or, type ShieldRule } from './shield.ts';

/** The members of a resolver's info that are the same throughout an operation. */
export type OperationInfo = Pick<
  GraphQLResolveInfo,
  'schema' | 'operation' | 'fragments' | 'rootValue' | 'variableValues'
>;

/**
 * `true`: allowed. `false`: denied, whatever the row. A rule: it remains to be asked, with the row and the
 * arguments.
 */
export type Verdict =
  | { readonly allows: true }
  | { readonly allows: false; readonly reason?: string }
  | { readonly rule: ShieldRule };

const allowed: Verdict = { allows: true };

export class Operation {
  readonly context: unknown;
  readonly info: OperationInfo;
  /** Variables as the client sent them, if the executor tells. */
  readonly rawVariables: Readonly<Record<string, unknown>> | null;
  /** Denials that follow from the viewer alone, by where: each is reported once. */
  readonly reported = new Map<string, Denial>();
  readonly #rules: Rules;
  readonly #outcomes = new Map<string, MaybePromise<Outcome>>();
  readonly #verdicts = new Map<Requirement, MaybePromise<Verdict>>();
  readonly #owners = new Map<string, DataLoader<string, string | null>>();

  constructor(
    context: unknown,
    info: GraphQLResolveInfo | OperationInfo,
    rules: Rules,
    rawVariables: Readonly<Record<string, unknown>> | null,
  ) {
    const { schema, operation, fragments, rootValue, variableValues } = info;
    this.context = context;
    this.info = { schema, operation, fragments, rootValue, variableValues };
    this.rawVariables = rawVariables;
    this.#rules = rules;
  }

  /** What the viewer alone decides of a requirement. */
  verdict(requirement: Requirement): MaybePromise<Verdict> {
    const found = this.#verdicts.get(requirement);
    if (found) return found;
    const verdict = this.#decide(requirement);
    this.#verdicts.set(requirement, verdict);
    // Once known it is handed out at once, so that later rows need no promise.
    if (isPromise<Verdict>(verdict))
      verdict.then(
        (known) => this.#verdicts.set(requirement, known),
        () => {},
      );
    return verdict;
  }

  /** The owner of a row, looked up together with the others that are asked for in the same tick. */
  ownerOf(type: string, id: string): Promise<string | null> {
    let loader = this.#owners.get(type);
    if (!loader) {
      // Not cached: ownership may change from one mutation of the operation to the next.
      loader = new DataLoader((ids) => this.#rules.lookUpOwners(type, ids, this.context), { cache: false });
      this.#owners.set(type, loader);
    }
    return loader.load(id);
  }

  /** Policies last, and only those that matter by then: they may be slow, and expect somebody to be signed in. */
  #decide(requirement: Requirement): MaybePromise<Verdict> {
    // Nobody owns a row: whoever is not signed in is denied as an owner too, whatever the row.
    const decidable = requirement
      .flat()
      .flatMap((condition) => (isViewerOnly(condition) ? condition : ofOwner(condition)));
    const rights = decidable.filter(({ kind }) => kind !== 'policy');
    const outcomes = new Map<string, Outcome>();
    return after(this.#askAll(rights, outcomes), () => {
      const policies = stillOpen(requirement, outcomes).flat().filter(isViewerOnly);
      return after(this.#askAll(policies, outcomes), () => this.#conclude(requirement, outcomes));
    });
  }

  #askAll(conditions: readonly Condition[], outcomes: Map<string, Outcome>): MaybePromise<unknown> {
    const distinct = new Map(conditions.map((condition) => [keyOf(condition), condition]));
    let pending: MaybePromise<unknown>;
    for (const [key, condition] of distinct) {
      const store = (outcome: Outcome) => void outcomes.set(key, outcome);
      pending = after(pending, () => after(this.#outcomeOf(key, condition), store));
    }
    return pending;
  }

  #conclude(requirement: Requirement, outcomes: ReadonlyMap<string, Outcome>): Verdict {
    const open = stillOpen(requirement, outcomes);
    if (isNothing(open)) return allowed;
    if (open.length === 0) {
      const reason = [...outcomes.values()].find((outcome) => outcome instanceof Error)?.message;
      return { allows: false, reason };
    }
    return {
      rule: or(...open.map((alternative) => and(...alternative.map((condition) => this.#rules.ruleOf(condition))))),
    };
  }

  #outcomeOf(key: string, condition: Condition): MaybePromise<Outcome> {
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      // No row and no arguments: a rule that says it needs none cannot look at the first one by accident.
      const call = { parent: undefined, args: {}, context: this.context, info: this.info };
      outcome = evaluate(this.#rules.ruleOf(condition), call);
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }
}

function stillOpen(requirement: Requirement, outcomes: ReadonlyMap<string, Outcome>): Requirement {
  return given(requirement, (condition) => {
    const outcome = outcomes.get(keyOf(condition));
    if (outcome !== undefined) return outcome === true;
    const mayOwn = ofOwner(condition).every((needed) => outcomes.get(keyOf(needed)) === true);
    return mayOwn ? undefined : false;
  });
}

/** What being an owner asks of the viewer alone. */
function ofOwner({ kind }: Condition): Condition[] {
  return kind === 'owner' || kind === 'ownerOf' ? [{ kind: 'authenticated' }] : [];
}

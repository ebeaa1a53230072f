/** One operation as the guard sees it: its verdicts, its reported denials, and the owners that it looks up together. */

import DataLoader from 'dataloader';
import type { ExecutionArgs, FieldNode, GraphQLResolveInfo } from 'graphql';
import type { Denial } from '../contract/denial.ts';
import type { DenialEvent, GuardViewer } from '../contract/options.ts';
import type { Requirement } from '../contract/requirement.ts';
import type { MaybePromise } from '../rules/evaluate.ts';
import type { Rules } from './condition-rules.ts';
import type { Supplied } from './supplied-inputs.ts';
import type { OperationInfo, Verdict } from './verdict.ts';
import type { Verdicts } from './verdicts.ts';

/** What the guard's own executor knows of an operation. Another executor knows nothing of it. */
export interface Known {
  /** The arguments of `guard.execute` or `guard.subscribe`. Null: they are unknown. */
  readonly args: ExecutionArgs | null;
  /** Collects the denials beyond the one that a resolver can throw. */
  readonly furtherDenials: Denial[] | null;
  readonly verdicts: Verdicts;
}

export class Operation implements Known {
  readonly context: unknown;
  readonly info: OperationInfo;
  readonly args: Known['args'];
  readonly furtherDenials: Known['furtherDenials'];
  readonly verdicts: Verdicts;
  /** By place: the denials that follow from the viewer alone. Each is reported once. */
  readonly reported = new Map<string, Denial>();
  /** The same denials by the list of nodes. graphql-js hands one list to every row of a selected field. */
  readonly denied = new Map<readonly FieldNode[], Denial[]>();
  /** The guarded inputs that the operation supplies, as far as they are known. */
  readonly supplied: Supplied = new Map();
  /** Holds events back while the answer of an execution may still be discarded. */
  withheld: DenialEvent[] | null = null;
  readonly #rules: Rules;
  readonly #owners = new Map<string, DataLoader<string, string | null>>();

  constructor(context: unknown, info: GraphQLResolveInfo | OperationInfo, rules: Rules, known: Known) {
    const { schema, operation, fragments, rootValue, variableValues } = info;
    this.context = context;
    this.info = { schema, operation, fragments, rootValue, variableValues };
    this.args = known.args;
    this.furtherDenials = known.furtherDenials;
    this.verdicts = known.verdicts;
    this.#rules = rules;
  }

  /** The variables as the client sent them. Null: they are unknown. */
  get rawVariables(): Readonly<Record<string, unknown>> | null {
    return this.args && (this.args.variableValues ?? {});
  }

  /** @throws TypeError if `options.viewer` answers with something else than a viewer or null. */
  get viewer(): GuardViewer | null {
    return this.verdicts.viewer;
  }

  /** What the viewer alone decides of a requirement. */
  verdict(requirement: Requirement): MaybePromise<Verdict> {
    return this.verdicts.of(requirement, this.info);
  }

  /** The owner of a row. All owners that are asked for in one tick are looked up together. */
  ownerOf(type: string, id: string): Promise<string | null> {
    let loader = this.#owners.get(type);
    if (!loader) {
      // Nothing is cached, because a mutation of the operation may change an owner for the next.
      loader = new DataLoader((ids) => this.#rules.lookUpOwners(type, ids, this.context), { cache: false });
      this.#owners.set(type, loader);
    }
    return loader.load(id);
  }
}

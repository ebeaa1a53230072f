/** One operation as the guard sees it: its verdicts, what it has reported, and the owners that it asks for together. */

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

/** What is known of an operation beyond what a resolver is told; nothing of it under a foreign executor. */
export interface Known {
  /** What `guard.execute` or `guard.subscribe` was called with; null: unknown. */
  readonly args: ExecutionArgs | null;
  /** Takes the denials beyond the one that a resolver can throw. */
  readonly furtherDenials: Denial[] | null;
  readonly verdicts: Verdicts;
}

export class Operation implements Known {
  readonly context: unknown;
  readonly info: OperationInfo;
  readonly args: Known['args'];
  readonly furtherDenials: Known['furtherDenials'];
  readonly verdicts: Verdicts;
  /** Denials that follow from the viewer alone, by where: each is reported once. */
  readonly reported = new Map<string, Denial>();
  /** The same, by the list of nodes that graphql-js hands to every row of a selected field. */
  readonly denied = new Map<readonly FieldNode[], Denial[]>();
  /** The guarded inputs that it was found to supply. */
  readonly supplied: Supplied = new Map();
  /** Keeps events back, for an execution whose answer may yet be discarded. */
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

  /** Variables as the client sent them; null: unknown. */
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
}

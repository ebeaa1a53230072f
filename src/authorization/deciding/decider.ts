/** Decides one call of a field: the field's requirement, the inputs supplied, and for a mutation what it selects. */

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isNonNullType,
  responsePathAsArray,
} from 'graphql';
import { type Denial, pathOfField, type Want } from '../contract/denial.ts';
import { isNothing, nothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import { type Selected, selectedBeneath } from '../request/selections.ts';
import { after, evaluate, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { isForeign, unreadableRow } from '../rules/foreign-rows.ts';
import type { ShieldRule } from '../rules/shield.ts';
import type { Executions } from './executions.ts';
import type { FieldCall, GuardedField } from './guarded-field.ts';
import type { Operation } from './operation.ts';
import type { Lack, Place, Reporter } from './reporter.ts';
import { SuppliedInputs } from './supplied-inputs.ts';
import type { OperationInfo } from './verdict.ts';

export class Decider {
  readonly #schema: GraphQLSchema;
  readonly #requirements: Requirements;
  readonly #reporter: Reporter;
  readonly #executions: Executions;
  readonly #inputs: SuppliedInputs;
  readonly #fields = new Map<string, GuardedField | null>();

  constructor(parts: {
    schema: GraphQLSchema;
    requirements: Requirements;
    reporter: Reporter;
    executions: Executions;
  }) {
    this.#schema = parts.schema;
    this.#requirements = parts.requirements;
    this.#reporter = parts.reporter;
    this.#executions = parts.executions;
    this.#inputs = new SuppliedInputs(parts.schema, parts.requirements);
  }

  /** Null: the field needs no guarding. */
  guardedField(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): GuardedField | null {
    const coordinate = `${type.name}.${field.name}`;
    let guarded = this.#fields.get(coordinate);
    if (guarded === undefined) {
      const requirement = this.#requirements.get(coordinate) ?? nothing;
      const takesGuardedInputs = this.#inputs.concerns(type.name, field);
      const isMutation = type.name === this.#schema.getMutationType()?.name;
      const isFree = isNothing(requirement) && !takesGuardedInputs && !isMutation;
      const known = { type, field, coordinate, requirement, takesGuardedInputs, isMutation };
      guarded = isFree ? null : known;
      this.#fields.set(coordinate, guarded);
    }
    return guarded;
  }

  /** Whether this operation has found that the viewer alone decides, and that the call is allowed. */
  isKnownToAllow(guarded: GuardedField, context: unknown, info: GraphQLResolveInfo): boolean {
    if (!isSimple(guarded)) return false;
    return this.#executions.operation(context, info).verdicts.known(guarded.requirement)?.allows === true;
  }

  /**
   * Decides a call of a field, and tells `onDenial`.
   *
   * @returns null if the call is allowed; otherwise the denials to report, at least one.
   * @throws a masked fault if a rule throws.
   */
  decide(guarded: GuardedField, call: FieldCall): MaybePromise<Denial[] | null> {
    const operation = this.#executions.operation(call.context, call.info);
    const { coordinate, requirement } = guarded;
    const nodes = call.info.fieldNodes;
    const known = operation.denied.get(nodes);
    if (known) return known;
    const place = () => ({
      wants: [{ coordinate, requirement }],
      path: () => responsePathAsArray(call.info.path),
      nodes,
    });
    return this.#masked(place, operation, () => {
      if (this.#isSettled(guarded, operation)) return null;
      return after(this.#decideCall(guarded, call, operation), (found) => {
        const denials = this.#conclude(found);
        if (isSimple(guarded) && denials?.every(({ viewerOnly }) => viewerOnly)) operation.denied.set(nodes, denials);
        return denials;
      });
    });
  }

  /** What the viewer's rights alone deny among the selected fields. */
  decideSelected(selected: readonly Selected[], context: unknown, info: OperationInfo): MaybePromise<Denial[] | null> {
    const operation = this.#executions.operation(context, info);
    const place = () => ({ wants: [], path: () => [], nodes: [] });
    return this.#masked(place, operation, () =>
      after(this.#decideBeneath(selected, operation), (denials) => this.#conclude(denials)),
    );
  }

  /** The denials as an operation reports them that does not run. No row shows where they stand. */
  ofNoRows(denials: readonly Denial[]): readonly Denial[] {
    return this.#reporter.placed(denials, () => []);
  }

  /** Whether the viewer's rights alone deny an item of a list, whose type the viewer named. */
  decideHanded(want: Want, { context, info }: Pick<FieldCall, 'context' | 'info'>): MaybePromise<Denial[] | null> {
    const operation = this.#executions.operation(context, info);
    const place: Place = { wants: [want], path: () => [...pathOfField(info), '@'], nodes: info.fieldNodes };
    return this.#masked(
      () => place,
      operation,
      () => after(this.#decidePlace(place, operation, null), (denials) => this.#conclude(denials)),
    );
  }

  /** Throws the first denial, unless it was thrown before. The others are added to the response where that is possible. */
  report(
    denials: readonly Denial[],
    { field }: { readonly field: Pick<GuardedField['field'], 'type'> },
    { context, info }: Pick<FieldCall, 'context' | 'info'>,
  ): null {
    const placed = this.#reporter.placed(denials, () => responsePathAsArray(info.path));
    const [first, ...further] = placed as [Denial, ...Denial[]];
    const { furtherDenials } = this.#executions.operation(context, info);
    furtherDenials?.push(...further);
    const repeated = first.timesReported++ > 0;
    if (!repeated || isNonNullType(field.type)) throw first;
    // The first denial may be lost, if something else has emptied its place since.
    if (first.timesReported === 2) furtherDenials?.push(first);
    return null;
  }

  /** Whether the viewer's rights alone allow the call, and nothing else is asked. */
  #isSettled(guarded: GuardedField, operation: Operation): boolean {
    if (!isSimple(guarded)) return false;
    const verdict = operation.verdict(guarded.requirement);
    return 'allows' in verdict && verdict.allows === true;
  }

  #decideCall(guarded: GuardedField, call: FieldCall, operation: Operation): MaybePromise<Denial[]> {
    const { info } = call;
    const place = this.#placeOf(guarded, info.fieldNodes, () => pathOfField(info), operation);
    const asked = isForeign(call.parent) ? { ...call, parent: unreadableRow(guarded.coordinate) } : call;
    return after(this.#decidePlace(place, operation, asked), (denials) => {
      if (!guarded.isMutation || denials.length > 0) return denials;
      const scope = { ...info, schema: this.#schema };
      const selected = selectedBeneath(info.fieldNodes, guarded.field.type, place.path(), scope);
      return this.#decideBeneath(selected, operation);
    });
  }

  #decideBeneath(selected: readonly Selected[], operation: Operation): MaybePromise<Denial[]> {
    const denials = new Set<Denial>();
    const decided = inTurn(selected, ({ type, node, path }) => {
      const field = type.getFields()[node.name.value];
      const guarded = field && this.guardedField(type, field);
      if (!guarded) return true;
      const place = this.#placeOf(guarded, [node], () => path, operation);
      return after(this.#decidePlace(place, operation, null), (found) => {
        for (const denial of found) denials.add(denial);
        return true;
      });
    });
    return after(decided, () => [...denials]);
  }

  #placeOf(guarded: GuardedField, nodes: readonly FieldNode[], path: Place['path'], operation: Operation): Place {
    const { type, field, coordinate, requirement, takesGuardedInputs } = guarded;
    const own = { coordinate, requirement };
    if (!takesGuardedInputs) return { wants: [own], path, nodes };
    const { info, rawVariables: raw, supplied: known } = operation;
    const variables = { operation: info.operation, coerced: info.variableValues, raw, supplied: known };
    // All nodes of one response key have the same arguments: validation saw to it.
    const supplied = this.#inputs.of(type.name, field, nodes[0] as FieldNode, variables);
    const inputs = [...supplied].map((input) => ({
      coordinate: input,
      requirement: this.#requirements.get(input) as Requirement,
    }));
    return { wants: [own, ...inputs], path, nodes };
  }

  /** @param call null: only what the viewer alone decides is asked. */
  #decidePlace(place: Place, operation: Operation, call: FieldCall | null): MaybePromise<Denial[]> {
    const lacking: Lack[] = [];
    const open: { want: Want; rule: ShieldRule }[] = [];
    const sorted = inTurn(place.wants, (want) =>
      after(operation.verdict(want.requirement), (verdict) => {
        if (verdict.allows === null) open.push({ want, rule: verdict.rule });
        else if (!verdict.allows) lacking.push({ want, reason: verdict.reason });
        return true;
      }),
    );
    return after(sorted, () => {
      const denials = this.#reporter.denyViewer(lacking, place, operation);
      if (!call || (denials.length > 0 && this.#reporter.enforces)) return denials;
      const asked = inTurn(open, ({ want, rule }) =>
        after(evaluate(rule, call), (outcome) => {
          if (outcome === true) return true;
          const reason = outcome === false ? undefined : outcome.message;
          const path = responsePathAsArray(call.info.path);
          denials.push(
            this.#reporter.deny([{ want, reason }], { path, nodes: place.nodes, viewerOnly: false }, operation),
          );
          return !this.#reporter.enforces;
        }),
      );
      return after(asked, () => denials);
    });
  }

  #conclude(denials: Denial[]): Denial[] | null {
    return denials.length === 0 || !this.#reporter.enforces ? null : denials;
  }

  /**
   * A rule that throws is a fault, never a permission. In `report` mode the fault is reported like a denial. A mistake
   * in a new rule then does no harm before the rule is relied on.
   */
  #masked(
    place: () => Place,
    operation: Operation,
    decide: () => MaybePromise<Denial[] | null>,
  ): MaybePromise<Denial[] | null> {
    const told = (error: unknown): null => {
      if (this.#reporter.enforces) throw maskedFault(error);
      const { wants, path, nodes } = place();
      const lacking = wants.slice(0, 1).map((want) => ({ want, reason: 'A rule failed.' }));
      if (lacking.length > 0)
        this.#reporter.deny(
          lacking,
          { path: path(), nodes, viewerOnly: false },
          operation,
          maskedFault(error).originalError,
        );
      return null;
    };
    try {
      const decision = decide();
      return decision instanceof Promise ? decision.catch(told) : decision;
    } catch (error) {
      return told(error);
    }
  }
}

/** Whether a call asks for nothing but the field's requirement. */
function isSimple({ takesGuardedInputs, isMutation }: GuardedField): boolean {
  return !takesGuardedInputs && !isMutation;
}

/** Visits the items in turn, up to the first that answers false. It is synchronous unless a visit is a promise. */
function inTurn<Item>(
  items: readonly Item[],
  visit: (item: Item) => MaybePromise<boolean>,
  from = 0,
): MaybePromise<void> {
  for (let at = from; at < items.length; at++) {
    const goesOn = visit(items[at] as Item);
    if (goesOn instanceof Promise) return goesOn.then((yes) => (yes ? inTurn(items, visit, at + 1) : undefined));
    if (!goesOn) return;
  }
}

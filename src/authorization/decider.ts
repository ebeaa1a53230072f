/** Decides one call of a field: its own requirement, what it supplies, and, for a mutation, what it selects. */
import {
  type ASTNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isNonNullType,
  responsePathAsArray,
} from 'graphql';
import type { Requirements } from './compile.ts';
import { Denial, pathOfField } from './denial.ts';
import { after, type Call, evaluate, type MaybePromise } from './evaluate.ts';
import type { Executions } from './executions.ts';
import type { Operation, OperationInfo } from './operation.ts';
import type { GuardOptions } from './options.ts';
import { isNothing, nothing, type Requirement } from './requirement.ts';
import { type Selected, selectedBeneath } from './selections.ts';
import { SuppliedInputs } from './supplied.ts';

/** A field of an object type, with what the guards ask of it. */
export interface GuardedField {
  readonly type: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
  readonly coordinate: string;
  readonly requirement: Requirement;
  readonly takesGuardedInputs: boolean;
  readonly isMutation: boolean;
}

export interface FieldCall extends Call {
  readonly info: GraphQLResolveInfo;
}

/** What was denied, and where it is reported. */
interface Place {
  readonly coordinate: string;
  readonly requirement: Requirement;
  /** In response keys, each list level written "@". Asked for only when something is denied. */
  readonly path: () => readonly (string | number)[];
  readonly nodes: readonly ASTNode[];
}

export class Decider {
  readonly #schema: GraphQLSchema;
  readonly #requirements: Requirements;
  readonly #options: GuardOptions<unknown>;
  readonly #executions: Executions;
  readonly #inputs: SuppliedInputs;
  readonly #fields = new Map<string, GuardedField | null>();

  constructor(parts: {
    schema: GraphQLSchema;
    requirements: Requirements;
    options: GuardOptions<unknown>;
    executions: Executions;
  }) {
    this.#schema = parts.schema;
    this.#requirements = parts.requirements;
    this.#options = parts.options;
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
      guarded = isFree ? null : { type, field, coordinate, requirement, takesGuardedInputs, isMutation };
      this.#fields.set(coordinate, guarded);
    }
    return guarded;
  }

  /**
   * Decides a call of a field, and tells `onDenial`.
   *
   * @returns null if it is allowed; otherwise what to report, at least one.
   * @throws a masked fault if a rule throws.
   */
  decide(guarded: GuardedField, call: FieldCall): MaybePromise<Denial[] | null> {
    return this.#masked(() => {
      const operation = this.#executions.operation(call.context, call.info);
      if (this.#isSettled(guarded, operation)) return null;
      return after(this.#decideCall(guarded, call, operation), (denials) => this.#conclude(denials));
    });
  }

  /** All that the viewer's rights alone deny among the fields selected. */
  decideSelected(selected: readonly Selected[], context: unknown, info: OperationInfo): MaybePromise<Denial[] | null> {
    return this.#masked(() => {
      const operation = this.#executions.operation(context, info);
      return after(this.#decideBeneath(selected, operation), (denials) => this.#conclude(denials));
    });
  }

  /** What a resolver does with denials: it throws the first; the others are added to the response where that can be done. */
  report(denials: Denial[], guarded: GuardedField, info: GraphQLResolveInfo): null {
    const [first, ...further] = denials as [Denial, ...Denial[]];
    this.#executions.execution(info)?.furtherDenials.push(...further);
    const repeated = first.timesReported++ > 0;
    if (repeated && !isNonNullType(guarded.field.type)) return null;
    throw first;
  }

  /** Whether the viewer's rights alone allow the call, and nothing else is asked. */
  #isSettled(guarded: GuardedField, operation: Operation): boolean {
    if (guarded.takesGuardedInputs || guarded.isMutation) return false;
    const verdict = operation.verdict(guarded.requirement);
    return 'allows' in verdict && verdict.allows;
  }

  #decideCall(guarded: GuardedField, call: FieldCall, operation: Operation): MaybePromise<Denial[]> {
    const { info } = call;
    const { coordinate, requirement } = guarded;
    const place: Place = { coordinate, requirement, path: () => pathOfField(info), nodes: info.fieldNodes };
    return after(this.#decidePlace(place, operation, call), (own) => {
      if (own && !this.#reports) return [own];
      return after(this.#decideInputs(guarded, call, operation), (inputs) => {
        const denials = own ? [own, ...inputs] : inputs;
        if (!guarded.isMutation || denials.length > 0) return denials;
        const selected = info.fieldNodes.flatMap((node) =>
          selectedBeneath(node, guarded.field.type, place.path(), { ...info, schema: this.#schema }),
        );
        return this.#decideBeneath(selected, operation);
      });
    });
  }

  #decideInputs(guarded: GuardedField, call: FieldCall, operation: Operation): MaybePromise<Denial[]> {
    if (!guarded.takesGuardedInputs) return [];
    const path = () => pathOfField(call.info);
    const places = this.#suppliedPlaces(guarded, call.info.fieldNodes[0] as FieldNode, path, operation);
    return this.#each(places, (place) => this.#decidePlace(place, operation, call));
  }

  #decideBeneath(selected: readonly Selected[], operation: Operation): MaybePromise<Denial[]> {
    const places = selected.flatMap(({ type, node, path }): Place[] => {
      const field = type.getFields()[node.name.value];
      const guarded = field && this.guardedField(type, field);
      if (!guarded) return [];
      const inputs = guarded.takesGuardedInputs ? this.#suppliedPlaces(guarded, node, () => path, operation) : [];
      const { coordinate, requirement } = guarded;
      return [{ coordinate, requirement, path: () => path, nodes: [node] }, ...inputs];
    });
    return this.#each(places, (place) => this.#decidePlace(place, operation, null));
  }

  #suppliedPlaces(
    { type, field }: GuardedField,
    node: FieldNode,
    path: Place['path'],
    { info, rawVariables: raw }: Operation,
  ): Place[] {
    const variables = { operation: info.operation, coerced: info.variableValues, raw };
    return [...this.#inputs.of(type.name, field, node, variables)].map((coordinate) => ({
      coordinate,
      requirement: this.#requirements.get(coordinate) as Requirement,
      path,
      nodes: [node],
    }));
  }

  /** @param call null: only what the viewer alone decides is asked. */
  #decidePlace(place: Place, operation: Operation, call: FieldCall | null): MaybePromise<Denial | null> {
    return after(operation.verdict(place.requirement), (verdict) => {
      if ('rule' in verdict) {
        if (!call) return null;
        return after(evaluate(verdict.rule, call), (outcome) => {
          if (outcome === true) return null;
          const reason = outcome === false ? undefined : outcome.message;
          return this.#deny({ ...place, path: () => responsePathAsArray(call.info.path) }, operation, false, reason);
        });
      }
      if (verdict.allows) return null;
      // Once for a selected field, whichever types it is denied on and whatever else is wrong with it.
      const key = place.path().join('.');
      let denial = operation.reported.get(key);
      if (!denial) {
        denial = this.#deny(place, operation, true, verdict.reason);
        operation.reported.set(key, denial);
      }
      return denial;
    });
  }

  #deny(place: Place, operation: Operation, viewerOnly: boolean, reason: string | undefined): Denial {
    const viewer = this.#options.viewer(operation.context) ?? null;
    const denial = new Denial({ ...place, path: place.path(), signedIn: viewer !== null, viewerOnly, reason });
    this.#options.onDenial?.({
      coordinate: place.coordinate,
      requirement: place.requirement,
      denial,
      viewerId: viewer?.id ?? null,
      operationName: operation.info.operation.name?.value ?? null,
      context: operation.context,
    });
    return denial;
  }

  #conclude(denials: Denial[]): Denial[] | null {
    return denials.length === 0 || this.#reports ? null : denials;
  }

  /** Where nothing is enforced, everything that would have been denied is told. */
  get #reports(): boolean {
    return this.#options.denial === 'report';
  }

  /** One after the other, at once where nothing has to be waited for. */
  #each(
    places: readonly Place[],
    decide: (place: Place) => MaybePromise<Denial | null>,
    denials = new Set<Denial>(),
    from = 0,
  ): MaybePromise<Denial[]> {
    for (let at = from; at < places.length; at++) {
      const decision = decide(places[at] as Place);
      if (decision instanceof Promise) {
        return decision.then((denial) => {
          if (denial) denials.add(denial);
          return this.#each(places, decide, denials, at + 1);
        });
      }
      if (decision) denials.add(decision);
    }
    return [...denials];
  }

  #masked<Value>(decide: () => MaybePromise<Value>): MaybePromise<Value> {
    try {
      const decision = decide();
      return decision instanceof Promise ? decision.catch(fault) : decision;
    } catch (error) {
      return fault(error);
    }
  }
}

/** A rule that throws is a fault, never a permission. Its own error is for the log, not for the client. */
function fault(error: unknown): never {
  throw new GraphQLError('Internal server error', {
    originalError: error instanceof Error ? error : new Error(String(error)),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}

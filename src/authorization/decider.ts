/** Decides one call of a field: its own requirement, what it supplies, and, for a mutation, what it selects. */
import {
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
import { Denial, pathOfField, type Want } from './denial.ts';
import { after, type Call, evaluate, type MaybePromise } from './evaluate.ts';
import type { Executions } from './executions.ts';
import { readViewer } from './guard-viewer.ts';
import type { Operation, OperationInfo } from './operation.ts';
import type { GuardOptions } from './options.ts';
import { allOf, isNothing, nothing, type Requirement } from './requirement.ts';
import { type Selected, selectedBeneath } from './selections.ts';
import type { ShieldRule } from './shield.ts';
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

/** A selected field, with all that is asked for there. */
interface Place {
  /** The field itself, and the guarded inputs that it is given. */
  readonly wants: readonly Want[];
  /** In response keys, each list level written "@". Asked for only when something is denied. */
  readonly path: () => readonly (string | number)[];
  readonly nodes: readonly FieldNode[];
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
    const operation = this.#executions.operation(call.context, call.info);
    const { coordinate, requirement } = guarded;
    const place = () => ({
      wants: [{ coordinate, requirement }],
      path: () => responsePathAsArray(call.info.path),
      nodes: call.info.fieldNodes,
    });
    return this.#masked(place, operation, () => {
      if (this.#isSettled(guarded, operation)) return null;
      return after(this.#decideCall(guarded, call, operation), (denials) => this.#conclude(denials));
    });
  }

  /** All that the viewer's rights alone deny among the fields selected. */
  decideSelected(selected: readonly Selected[], context: unknown, info: OperationInfo): MaybePromise<Denial[] | null> {
    const operation = this.#executions.operation(context, info);
    const place = () => ({ wants: [], path: () => [], nodes: [] });
    return this.#masked(place, operation, () =>
      after(this.#decideBeneath(selected, operation), (denials) => this.#conclude(denials)),
    );
  }

  /** What a resolver does with denials: it throws the first; the others are added to the response where that can be done. */
  report(denials: Denial[], guarded: GuardedField, { context, info }: Pick<FieldCall, 'context' | 'info'>): null {
    const [first, ...further] = denials as [Denial, ...Denial[]];
    this.#executions.executionOf(context, info)?.furtherDenials.push(...further);
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
    const place = this.#placeOf(guarded, info.fieldNodes, () => pathOfField(info), operation);
    return after(this.#decidePlace(place, operation, call), (denials) => {
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
    const { info, rawVariables: raw } = operation;
    const variables = { operation: info.operation, coerced: info.variableValues, raw };
    // Nodes of one response key have the same arguments, by validation.
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
        if ('rule' in verdict) open.push({ want, rule: verdict.rule });
        else if (!verdict.allows) lacking.push({ want, reason: verdict.reason });
        return true;
      }),
    );
    return after(sorted, () => {
      const denials = this.#denyViewer(lacking, place, operation);
      if (!call || (denials.length > 0 && !this.#reports)) return denials;
      const asked = inTurn(open, ({ want, rule }) =>
        after(evaluate(rule, call), (outcome) => {
          if (outcome === true) return true;
          const reason = outcome === false ? undefined : outcome.message;
          const path = responsePathAsArray(call.info.path);
          denials.push(this.#deny([{ want, reason }], { path, nodes: place.nodes, viewerOnly: false }, operation));
          return this.#reports;
        }),
      );
      return after(asked, () => denials);
    });
  }

  /** Once for a selected field, whichever types it is denied on and however much is lacking; in `report`, each. */
  #denyViewer(lacking: readonly Lack[], place: Place, operation: Operation): Denial[] {
    if (lacking.length === 0) return [];
    const path = place.path();
    const where = { path, nodes: place.nodes, viewerOnly: true };
    const key = path.join('.');
    const once = (name: string, lacks: readonly Lack[]) => {
      const denial = operation.reported.get(name) ?? this.#deny(lacks, where, operation);
      operation.reported.set(name, denial);
      return denial;
    };
    return this.#reports ? lacking.map((lack) => once(`${key} ${lack.want.coordinate}`, [lack])) : [once(key, lacking)];
  }

  #deny(
    lacking: readonly Lack[],
    where: { path: readonly (string | number)[]; nodes: readonly FieldNode[]; viewerOnly: boolean },
    operation: Operation,
    fault?: unknown,
  ): Denial {
    const wants = lacking.map(({ want }) => want);
    const viewer = readViewer(this.#options, operation.context);
    const reason = lacking.find((lack) => lack.reason)?.reason;
    const denial = new Denial({ ...where, wants, signedIn: viewer !== null, reason });
    try {
      this.#options.onDenial?.({
        coordinate: (wants[0] as Want).coordinate,
        requirement: allOf(...wants.map(({ requirement }) => requirement)),
        denial,
        fault,
        viewerId: viewer?.id ?? null,
        operationName: operation.info.operation.name?.value ?? null,
        context: operation.context,
      });
    } catch {
      // Whoever listens decides nothing.
    }
    return denial;
  }

  #conclude(denials: Denial[]): Denial[] | null {
    return denials.length === 0 || this.#reports ? null : denials;
  }

  /** Where nothing is enforced, everything that would have been denied is told. */
  get #reports(): boolean {
    return this.#options.denial === 'report';
  }

  /**
   * A rule that throws is a fault, never a permission. Where nothing is enforced it is told of like a denial, so
   * that a new rule's slip does no harm before it is relied on.
   */
  #masked(
    place: () => Place,
    operation: Operation,
    decide: () => MaybePromise<Denial[] | null>,
  ): MaybePromise<Denial[] | null> {
    const told = (error: unknown): null => {
      if (!this.#reports) throw maskedFault(error);
      const { wants, path, nodes } = place();
      const lacking = wants.slice(0, 1).map((want) => ({ want, reason: 'A rule failed.' }));
      if (lacking.length > 0) this.#deny(lacking, { path: path(), nodes, viewerOnly: false }, operation, error);
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

interface Lack {
  readonly want: Want;
  readonly reason?: string | undefined;
}

/** Visits one after the other, at once where nothing has to be waited for, up to the first that answers false. */
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

/** What a rule threw is for the log, not for the client. */
function maskedFault(error: unknown): GraphQLError {
  return new GraphQLError('Internal server error', {
    originalError:
      error instanceof Error ? error : new Error('A rule threw something that is no Error.', { cause: error }),
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
}

/** Executes hot operations through graphql-jit, with the answers of graphql-js. */
import {
  defaultFieldResolver,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getVariableValues,
  isObjectType,
} from 'graphql';
import type { Decider, GuardedField } from '../decider.ts';
import { after, isPromise, type MaybePromise } from '../evaluate.ts';
import type { Execution, Executions } from '../executions.ts';
import type { Reporter } from '../reporter.ts';
import type { Requirement } from '../requirement.ts';
import type { OperationInfo, Verdict, Verdicts } from '../verdicts.ts';
import { type FlatField, flatten } from './flatten.ts';
import { lower } from './lower.ts';
import type { Resolver } from './place.ts';
import { type Plan, planOf } from './plan.ts';
import { type CompiledLimits, CompiledStore } from './store.ts';
import { Unit } from './unit.ts';

export interface CompiledParts {
  /** As its author made it: its resolvers ask nobody. */
  readonly original: GraphQLSchema;
  /** The same, guarded: what resolvers are told of. */
  readonly schema: GraphQLSchema;
  readonly decider: Decider;
  readonly executions: Executions;
  readonly reporter: Reporter;
  readonly limits: CompiledLimits;
}

export class CompiledExecution {
  readonly store: CompiledStore;
  readonly #parts: CompiledParts;

  constructor(parts: CompiledParts) {
    this.#parts = parts;
    this.store = new CompiledStore(parts.limits);
  }

  /** @returns null if the operation is for graphql-js to execute; nothing has been told of it then. */
  execute(execution: Execution): MaybePromise<ExecutionResult | null> {
    const { args, verdicts } = execution;
    if (!verdicts || args.fieldResolver || args.typeResolver) return null;
    const plan = this.#plan(args);
    const info = plan && this.#infoOf(plan, args);
    if (!info) return null;
    try {
      return after(this.#verdictsOn(plan, verdicts, info), (known) =>
        known ? this.#run({ execution, plan, info, verdicts: known }) : null,
      );
    } catch {
      // A rule that throws, or a viewer that cannot be read: each field that asks will report it.
      return null;
    }
  }

  #plan({ document, operationName = null }: ExecutionArgs): Plan | null {
    const { schema, limits } = this.#parts;
    const scope = { schema, guardedField: this.#guardedField, maxFields: limits.fieldsOfOperation };
    return this.store.plan(document, operationName, () => planOf(document, operationName, scope));
  }

  /** Null, if the variables do not coerce. */
  #infoOf({ operation, fragments }: Plan, { rootValue, variableValues: raw }: ExecutionArgs): OperationInfo | null {
    const { schema } = this.#parts;
    const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], raw ?? {});
    return coerced ? { schema, operation, fragments, rootValue, variableValues: coerced } : null;
  }

  /** Null, if one of them is a fault. */
  #verdictsOn(plan: Plan, verdicts: Verdicts, info: OperationInfo): MaybePromise<readonly Verdict[] | null> {
    const known = plan.requirements.map((requirement) => verdicts.of(requirement, info));
    return known.some(isPromise) ? Promise.all(known).catch(() => null) : (known as Verdict[]);
  }

  #run(ready: {
    execution: Execution;
    plan: Plan;
    info: OperationInfo;
    verdicts: readonly Verdict[];
  }): MaybePromise<ExecutionResult | null> {
    const { execution, plan, info, verdicts } = ready;
    const key = keyOf(plan, info, verdicts);
    const unit = this.store.unit(execution.args.document, key, () => this.#compile(plan, info, verdicts));
    if (!unit) return null;
    const { decider, executions, reporter } = this.#parts;
    const operation = executions.begin(execution.args.contextValue, info, execution);
    return after(unit.execute({ decider, operation }, reporter), (answer) => {
      if (answer) {
        this.store.answers++;
        return answer;
      }
      this.store.doubts++;
      this.store.review(key, unit);
      execution.furtherDenials.length = 0;
      return null;
    });
  }

  #compile(plan: Plan, info: OperationInfo, verdicts: readonly Verdict[]): { unit: Unit; fields: number } | null {
    const byRequirement = new Map<Requirement, Verdict>(
      plan.requirements.map((each, i) => [each, verdicts[i] as Verdict]),
    );
    let fields = 1;
    try {
      const flat = flatten(plan.operation.selectionSet, plan.type, {
        schema: this.#parts.schema,
        fragments: plan.fragments,
        variableValues: info.variableValues,
        maxFields: this.#parts.limits.fieldsOfOperation,
      });
      const lowered = lower(flat, plan.type.name, {
        verdictOf: (requirement) => byRequirement.get(requirement) as Verdict,
        guardedField: (field) => {
          fields++;
          return this.#guardedField(field);
        },
        resolverOf: this.#resolverOf,
      });
      return { unit: new Unit(lowered), fields };
    } catch {
      // Not supported, or refused by the engine's settings: graphql-js has no such limits.
      return null;
    }
  }

  readonly #guardedField = ({ type, field }: FlatField): GuardedField | null =>
    field && this.#parts.decider.guardedField(type, field);

  /** Without its guard. */
  readonly #resolverOf = ({ type, field }: FlatField): Resolver | undefined => {
    const holder = this.#parts.original.getType(type.name);
    const resolve = field && isObjectType(holder) ? holder.getFields()[field.name]?.resolve : undefined;
    return resolve === defaultFieldResolver ? undefined : resolve;
  };
}

/** Two executions with one key run the same code. */
function keyOf(plan: Plan, { variableValues }: OperationInfo, verdicts: readonly Verdict[]): string {
  const conditions = plan.conditions.map((name) => String(variableValues[name]));
  return `${plan.id} ${conditions.join()} ${verdicts.map(({ code }) => code).join('')}`;
}

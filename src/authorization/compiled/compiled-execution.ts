/** Executes hot operations through graphql-jit, with the answers of graphql-js. */

import {
  type DocumentNode,
  defaultFieldResolver,
  type ExecutionResult,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  type OperationDefinitionNode,
} from 'graphql';
import type { CompiledLimits } from '../contract/compile-limits.ts';
import type { Requirement } from '../contract/requirement.ts';
import type { Decider } from '../deciding/decider.ts';
import type { Execution, Executions } from '../deciding/executions.ts';
import type { GuardedField } from '../deciding/guarded-field.ts';
import type { Reporter } from '../deciding/reporter.ts';
import type { OperationInfo, Verdict } from '../deciding/verdict.ts';
import type { Verdicts } from '../deciding/verdicts.ts';
import type { Entities } from '../execution/entities.ts';
import { after, type MaybePromise } from '../rules/evaluate.ts';
import { Unit } from './compiled-operation.ts';
import { CompiledStore } from './compiled-store.ts';
import { type FlatField, flatten, NotFlat } from './flatten.ts';
import { lower } from './lower.ts';
import { type Plan, planOf } from './operation-plan.ts';
import { type Reading, readingOf } from './resolver-readings.ts';
import type { Resolver } from './selected-field.ts';

export interface CompiledParts {
  /** The schema as its author made it. Its resolvers ask no guard. */
  readonly original: GraphQLSchema;
  /** The guarded schema. It is the one that resolvers find in `info`. */
  readonly schema: GraphQLSchema;
  /** Types whose rows compiled code must not read. */
  readonly foreignRows: readonly string[];
  readonly decider: Decider;
  readonly entities: Entities;
  readonly executions: Executions;
  readonly reporter: Reporter;
  readonly limits: CompiledLimits;
}

export class CompiledExecution {
  readonly store: CompiledStore;
  readonly #parts: CompiledParts;
  /** The resolvers of the guarded schema as the guard made them. */
  readonly #resolvers: ReadonlyMap<object, unknown>;

  constructor(parts: CompiledParts) {
    this.#parts = parts;
    this.#resolvers = new Map(fieldsOf(parts.schema).map((field) => [field, field.resolve]));
    this.store = new CompiledStore(parts.limits);
  }

  /** @returns null if graphql-js is to execute the operation. No denial has been reported then. */
  execute(execution: Execution): MaybePromise<ExecutionResult | null> {
    const { args, asked, coerced, verdicts } = execution;
    if (!verdicts || !asked || args.fieldResolver || args.typeResolver) return null;
    const plan = this.#plan(args.document, asked);
    if (!plan || !coerced) return null;
    const { schema } = this.#parts;
    const { operation, fragments } = plan;
    const info = { schema, operation, fragments, rootValue: args.rootValue, variableValues: coerced };
    try {
      return this.#run({ execution, plan, info, verdicts });
    } catch {
      // The viewer cannot be read. Each field that asks for the viewer reports it.
      return null;
    }
  }

  #plan(document: DocumentNode, operation: OperationDefinitionNode): Plan | null {
    const { schema, foreignRows, limits } = this.#parts;
    const scope = { schema, foreignRows, guardedField: this.#guardedField, maxFields: limits.fieldsOfOperation };
    return this.store.plan(document, operation, () => planOf(document, operation, scope));
  }

  #run(asked: { execution: Execution; plan: Plan; info: OperationInfo; verdicts: Verdicts }) {
    const { execution, plan, info, verdicts } = asked;
    const known = plan.requirements.map((requirement) => verdicts.byRights(requirement));
    const key = keyOf(plan, info, known);
    const unit = key && this.store.unit(execution.args.document, key, () => this.#compile(plan, info, known));
    if (!unit) return null;
    const { decider, executions, reporter } = this.#parts;
    const operation = executions.begin(execution.args.contextValue, info, execution);
    return after(unit.execute({ decider, operation }, reporter), (answer) => {
      if (answer) {
        this.store.answers++;
        return answer;
      }
      this.store.doubts++;
      execution.furtherDenials.length = 0;
      execution.variableValues = null;
      return null;
    });
  }

  #compile(plan: Plan, info: OperationInfo, verdicts: readonly Verdict[]): { unit: Unit; fields: number } | null {
    const byRequirement = new Map<Requirement, Verdict>(
      plan.requirements.map((each, i) => [each, verdicts[i] as Verdict]),
    );
    let fields = 1 + plan.weight;
    try {
      const flat = flatten(plan.operation.selectionSet, plan.type, {
        schema: this.#parts.schema,
        foreignRows: this.#parts.foreignRows,
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
        readingOf: this.#readingOf,
      });
      return { unit: new Unit(lowered), fields };
    } catch {
      // graphql-jit does not support it, or its settings refuse it. graphql-js has no such limits.
      return null;
    }
  }

  readonly #guardedField = ({ type, field }: FlatField): GuardedField | null =>
    field && this.#parts.decider.guardedField(type, field);

  /** The resolver without its guard. A resolver that replaced the guarded one since, such as a tracer's, is called. */
  readonly #resolverOf = ({ type, field }: FlatField): Resolver | undefined => {
    if (field && this.#resolvers.get(field) !== field.resolve) throw new NotFlat('Its resolver was replaced.');
    const bare = field ? this.#bare(type, field) : undefined;
    const resolve = bare && this.#parts.entities.resolverOf(bare);
    return resolve === defaultFieldResolver ? undefined : resolve;
  };

  readonly #readingOf = ({ type, field }: FlatField): Reading | undefined => {
    const bare = field ? this.#bare(type, field) : undefined;
    return bare && readingOf(bare);
  };

  /** The field as its author made it. */
  #bare(
    { name }: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
  ): GraphQLField<unknown, unknown> | undefined {
    const holder = this.#parts.original.getType(name);
    return isObjectType(holder) ? holder.getFields()[field.name] : undefined;
  }
}

function fieldsOf(schema: GraphQLSchema): GraphQLField<unknown, unknown>[] {
  return Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) ? Object.values(type.getFields()) : [],
  );
}

/** Two executions with one key run the same code. Null: a condition is no boolean, and graphql-js is to refuse it. */
function keyOf(plan: Plan, { variableValues }: OperationInfo, verdicts: readonly Verdict[]): string | null {
  const conditions = plan.conditions.map((name) => variableValues[name]);
  if (!conditions.every((value) => typeof value === 'boolean')) return null;
  return `${plan.id} ${conditions.join()} ${verdicts.map(({ code }) => code).join('')}`;
}

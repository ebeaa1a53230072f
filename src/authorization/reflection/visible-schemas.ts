/** The schema as each viewer could reach it. What a row or the arguments decide counts as within reach. */
import { type GraphQLSchema, type OperationDefinitionNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { DenialMode } from '../contract/options.ts';
import { isNothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import type { Executions } from '../deciding/executions.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { Whole } from './visible-schema.ts';

/** The operation that policies are told of. They depend on the viewer alone. */
const operation = parse('{ __schema { types { name } } }').definitions[0] as OperationDefinitionNode;

/** The most types that are kept, in all schemas together. Each takes some 2 to 5 KiB. */
const maxTypes = 40_000;

export class VisibleSchemas {
  readonly #schema: GraphQLSchema;
  readonly #executions: Executions;
  #whole: Whole | undefined;
  /** Each requirement once, with the coordinates that have it. */
  readonly #requirements: readonly { readonly requirement: Requirement; readonly coordinates: string[] }[];
  /** The key is what is denied, so no viewer gets a schema made for other rights. */
  readonly #kept = new LRUCache<string, GraphQLSchema>({
    max: 50,
    maxSize: maxTypes,
    sizeCalculation: (schema) => Math.min(Object.keys(schema.getTypeMap()).length, maxTypes),
  });

  /** Large schemas that are being made, so that simultaneous requests share one. */
  readonly #inWork = new Map<string, Promise<GraphQLSchema>>();

  constructor(parts: {
    /** The guarded schema. */
    schema: GraphQLSchema;
    requirements: Requirements;
    executions: Executions;
    denial: DenialMode | undefined;
    /** If true, everything that can be prepared is prepared at once. */
    isShown: boolean;
  }) {
    this.#schema = parts.schema;
    if (parts.isShown) this.#whole = new Whole(parts.schema);
    this.#executions = parts.executions;
    // In `report` mode nothing is enforced, so everything is within reach.
    const requirements = parts.denial === 'report' ? [] : parts.requirements;
    const byText = new Map<string, { requirement: Requirement; coordinates: string[] }>();
    for (const [coordinate, requirement] of requirements) {
      if (isNothing(requirement)) continue;
      const text = JSON.stringify(requirement);
      const found = byText.get(text) ?? { requirement, coordinates: [] };
      byText.set(text, found);
      found.coordinates.push(coordinate);
    }
    this.#requirements = [...byText.values()];
  }

  /** @throws what a policy throws. Policies that depend on the viewer alone are asked. */
  of(context: unknown): MaybePromise<GraphQLSchema> {
    const info = { schema: this.#schema, operation, fragments: {}, rootValue: undefined, variableValues: {} };
    const verdicts = this.#executions.operation(context, info);
    const denied: number[] = [];
    let pending: MaybePromise<unknown>;
    for (const [index, { requirement }] of this.#requirements.entries()) {
      pending = after(pending, () =>
        after(verdicts.verdict(requirement), (verdict) => {
          if (verdict.allows === false) denied.push(index);
        }),
      );
    }
    return after(pending, () => this.#without(denied));
  }

  #without(denied: readonly number[]): MaybePromise<GraphQLSchema> {
    const key = denied.join();
    const found = this.#kept.get(key) ?? this.#inWork.get(key);
    if (found) return found;
    this.#whole ??= new Whole(this.#schema);
    const made = this.#whole.without(denied.flatMap((index) => this.#requirements[index]?.coordinates ?? []));
    if (!isPromise(made)) return this.#keep(key, made);
    const visible = made.then((schema) => this.#keep(key, schema)).finally(() => this.#inWork.delete(key));
    this.#inWork.set(key, visible);
    return visible;
  }

  #keep(key: string, schema: GraphQLSchema): GraphQLSchema {
    this.#kept.set(key, schema);
    return schema;
  }
}

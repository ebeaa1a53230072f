/** The schema as each viewer could reach it: what a row or the arguments decide counts as within reach. */
import { type GraphQLSchema, type OperationDefinitionNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { DenialMode } from '../contract/options.ts';
import { isNothing, type Requirement, type Requirements } from '../contract/requirement.ts';
import type { Executions } from '../deciding/executions.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { Whole } from './visible-schema.ts';

/** What policies are told is being asked: they depend on the viewer alone. */
const operation = parse('{ __schema { types { name } } }').definitions[0] as OperationDefinitionNode;

/** As many types are kept, in all schemas together: each takes some 2 to 5 KiB. */
const maxTypes = 40_000;

export class VisibleSchemas {
  readonly #schema: GraphQLSchema;
  readonly #executions: Executions;
  #whole: Whole | undefined;
  /** Each requirement once, with the coordinates that have it. */
  readonly #requirements: readonly { readonly requirement: Requirement; readonly coordinates: string[] }[];
  /** By what is denied, and so never one viewer's for another. */
  readonly #kept = new LRUCache<string, GraphQLSchema>({
    max: 50,
    maxSize: maxTypes,
    sizeCalculation: (schema) => Math.min(Object.keys(schema.getTypeMap()).length, maxTypes),
  });

  /** Large ones that are being made, so that many who ask at once share one. */
  readonly #inWork = new Map<string, Promise<GraphQLSchema>>();

  constructor(parts: {
    /** The guarded one. */
    schema: GraphQLSchema;
    requirements: Requirements;
    executions: Executions;
    denial: DenialMode | undefined;
    /** Then as much as can be is made ready at once. */
    isShown: boolean;
  }) {
    this.#schema = parts.schema;
    if (parts.isShown) this.#whole = new Whole(parts.schema);
    this.#executions = parts.executions;
    // Where nothing is enforced, everything is within reach.
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

  /** @throws what a policy throws: one that depends on the viewer alone is asked. */
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

/** The schema as each viewer could reach it: what a row or the arguments decide counts as within reach. */
import { type GraphQLSchema, type OperationDefinitionNode, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Requirements } from './compile.ts';
import { after, type MaybePromise } from './evaluate.ts';
import type { Executions } from './executions.ts';
import type { DenialMode } from './options.ts';
import { isNothing, type Requirement } from './requirement.ts';
import { withoutDenied } from './visible-schema.ts';

/** What policies are told is being asked: they depend on the viewer alone. */
const operation = parse('{ __schema { types { name } } }').definitions[0] as OperationDefinitionNode;

export class VisibleSchemas {
  readonly #schema: GraphQLSchema;
  readonly #executions: Executions;
  /** Each requirement once, with the coordinates that have it. */
  readonly #requirements: readonly { readonly requirement: Requirement; readonly coordinates: string[] }[];
  /** By what is denied, and so never one viewer's for another. Each holds a whole schema, so they are few. */
  readonly #kept = new LRUCache<string, GraphQLSchema>({ max: 50 });

  constructor(parts: {
    /** The guarded one. */
    schema: GraphQLSchema;
    requirements: Requirements;
    executions: Executions;
    denial: DenialMode | undefined;
  }) {
    this.#schema = parts.schema;
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

  #without(denied: readonly number[]): GraphQLSchema {
    const key = denied.join();
    let visible = this.#kept.get(key);
    if (!visible) {
      visible = withoutDenied(
        this.#schema,
        new Set(denied.flatMap((index) => this.#requirements[index]?.coordinates ?? [])),
      );
      this.#kept.set(key, visible);
    }
    return visible;
  }
}

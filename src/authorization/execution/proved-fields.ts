/**
 * Rows on their way out of resolvers. Whatever led to a row, the viewer must see it: the field that returns it is where it is
 * proved, by the viewer's rights, by its mark, by its own properties, or by one statement for all that are asked in a tick.
 */
import DataLoader from 'dataloader';
import {
  defaultTypeResolver,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isListType,
  isNonNullType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import type { GuardOptions, RowEvent } from '../contract/options.ts';
import { maskedFault } from '../deciding/decider.ts';
import type { Executions } from '../deciding/executions.ts';
import type { Operation } from '../deciding/operation.ts';
import { connectionTypes, rowTypesIn } from '../rows/connections.ts';
import { isEveryRow } from '../rows/formula.ts';
import type { RowPolicies } from '../rows/row-policy.ts';
import { proves } from '../rows/row-proof.ts';
import type { Proof, ProvedRows } from '../rows/viewer-rows.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { copySchema } from './copy-schema.ts';

export interface ProvingParts {
  readonly policies: RowPolicies;
  readonly options: GuardOptions<unknown>;
  readonly proved: ProvedRows;
  readonly executions: Executions;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** One call of a field that returns rows. */
interface Call {
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/** Stands for a row that the viewer does not see. */
const hidden = Symbol('hidden');

/** A copy whose fields return only rows that their viewer sees. The schema itself, if no type has `@visibleTo`. */
export function proveRows(schema: GraphQLSchema, parts: ProvingParts): GraphQLSchema {
  const { policies, executions } = parts;
  if (policies.size === 0) return schema;
  const connections = connectionTypes(schema, policies);
  const prover = new Prover(parts);
  return copySchema(schema, (type, field) => {
    const named = getNamedType(field.type);
    const isPage = connections.has(named.name);
    // What a page holds was proved with it.
    if (!isPage && (connections.has(type.name) || rowTypesIn(schema, field.type, policies).length === 0)) return;
    const resolve: Resolver = field.resolve ?? executions.defaultResolver('fieldResolver', field.name);
    return {
      resolve: (parent, args, context, info) =>
        after(resolve(parent, args, context, info) as MaybePromise<unknown>, (value) =>
          isPage
            ? prover.page(value, named.name, { context, info })
            : prover.value(value, field.type, { context, info }),
        ),
      subscribe: field.subscribe,
    };
  });
}

class Prover {
  readonly #parts: ProvingParts;
  readonly #loaders = new WeakMap<Operation, Map<string, DataLoader<string, boolean>>>();

  constructor(parts: ProvingParts) {
    this.#parts = parts;
  }

  /** A row, or a list of rows: without those that are hidden, which are null where an item may be. */
  value(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    return after(this.#read(value, type, call), (read) => (read === hidden ? null : read));
  }

  /** A connection: its cursors and its count cannot be checked afterwards. */
  page(value: unknown, type: string, call: Call): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Error) return value;
    const mark = this.#parts.proved.markOf(value);
    if (mark && mark.key === this.#proofOf(call).key) return value;
    this.#tell({ type, id: null, kind: 'page' }, call);
    if (this.#unproved === 'report') return value;
    throw maskedFault(
      new TypeError(
        `\`${call.info.parentType}.${call.info.fieldName}\` returned a ${type} that \`guard.rows\` has not made for this viewer: ` +
          'read it by `page` and `count`, and mark it by `markPage`.',
      ),
    );
  }

  get #unproved() {
    return this.#parts.options.rows?.unproved ?? 'hide';
  }

  #proofOf({ context, info }: Call): Proof {
    const { verdicts } = this.#parts.executions.operation(context, info);
    return this.#parts.proved.proofOf(context, verdicts);
  }

  #read(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    if (value === null || value === undefined || value instanceof Error) return value;
    if (isPromise(value)) return value.then((found) => this.#read(found, type, call));
    if (isNonNullType(type)) return this.#read(value, type.ofType, call);
    if (isListType(type)) return this.#readList(value, type.ofType, call);
    if (typeof value !== 'object') return value;
    const named = getNamedType(type);
    if (isObjectType(named)) return this.#readRow(value, named.name, call);
    if (!isAbstractType(named)) return value;
    const resolveType = named.resolveType ?? defaultTypeResolver;
    return after(resolveType(value, call.context, call.info, named) as MaybePromise<unknown>, (name) =>
      // What is no type is the executor's to refuse.
      typeof name === 'string' ? this.#readRow(value, name, call) : value,
    );
  }

  #readList(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    // What is no list is the executor's to refuse.
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return value;
    const items: readonly unknown[] = Array.isArray(value) ? value : Array.from(value as Iterable<unknown>);
    const read = items.map((item) => this.#read(item, type, call));
    const finish = (found: readonly unknown[]) => {
      if (!found.includes(hidden)) return found.every((item, i) => item === items[i]) ? items : found;
      return isNonNullType(type)
        ? found.filter((item) => item !== hidden)
        : found.map((item) => (item === hidden ? null : item));
    };
    return read.some(isPromise) ? Promise.all(read.map(settled)).then(finish) : finish(read);
  }

  #readRow(row: object, type: string, call: Call): MaybePromise<unknown> {
    const { policies, proved } = this.#parts;
    if (!policies.has(type)) return row;
    const proof = this.#proofOf(call);
    const formula = proof.visible(type);
    const mark = proved.markOf(row);
    if (mark === proof || isEveryRow(formula)) return row;
    if (isForeign(row)) {
      throw maskedFault(new TypeError(`A row of ${type} was keyed by a client's aliases: nobody can say who sees it.`));
    }
    const verdict = ownProof(formula, row, proof);
    if (verdict === true) return row;
    if (verdict === false) return this.#withhold(row, type, call);
    return this.#asked(type, idOf(row, type, proved.rowsOf(type).id), call).then((isSeen) => {
      if (!isSeen) return this.#withhold(row, type, call);
      // One that was proved for this viewer some time ago is no slip.
      return mark?.key === proof.key ? row : this.#serve(row, type, call);
    });
  }

  /** Together with the others that are asked for in the same tick. Not cached: a mutation may change who sees a row. */
  #asked(type: string, id: string, call: Call): Promise<boolean> {
    const operation = this.#parts.executions.operation(call.context, call.info);
    let loaders = this.#loaders.get(operation);
    if (!loaders) {
      loaders = new Map();
      this.#loaders.set(operation, loaders);
    }
    let loader = loaders.get(type);
    if (!loader) {
      const proof = this.#proofOf(call);
      const ask = async (ids: readonly string[]) => {
        const seen = await this.#parts.proved.seen(type, [...new Set(ids)], { proof, context: call.context });
        return ids.map((one) => seen.has(one));
      };
      loader = new DataLoader(ask, { cache: false });
      loaders.set(type, loader);
    }
    return loader.load(id);
  }

  #withhold(row: object, type: string, call: Call): unknown {
    this.#tell({ type, id: told(row), kind: 'hidden' }, call);
    if (this.#unproved === 'report') return row;
    if (this.#unproved === 'strict') throw this.#slip(type, 'a row that its viewer does not see', call);
    return hidden;
  }

  #serve(row: object, type: string, call: Call): unknown {
    this.#tell({ type, id: told(row), kind: 'unproved' }, call);
    if (this.#unproved === 'strict') throw this.#slip(type, 'a row that nothing proved', call);
    return row;
  }

  #slip(type: string, what: string, { info }: Call) {
    return maskedFault(
      new TypeError(
        `\`${info.parentType}.${info.fieldName}\` returned ${what}, of ${type}: read it by \`guard.rows\`, and mark it.`,
      ),
    );
  }

  #tell(event: Pick<RowEvent, 'type' | 'id' | 'kind'>, { context, info }: Call): void {
    try {
      this.#parts.options.rows?.onRow?.({ ...event, path: responsePathAsArray(info.path), context });
    } catch {
      // What it throws is ignored.
    }
  }
}

/** Undefined: its own properties do not decide it, or were not read. */
function ownProof(formula: Parameters<typeof proves>[0], row: object, { known }: Proof): boolean | undefined {
  try {
    return proves(formula, row, known);
  } catch {
    return undefined;
  }
}

function idOf(row: object, type: string, property = 'id'): string {
  const id = (row as Record<string, unknown>)[property];
  if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') return String(id);
  throw maskedFault(new TypeError(`A row of ${type} has no \`${property}\`: nothing can say who sees it.`));
}

function told(row: object): string | null {
  const id = (row as { id?: unknown }).id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** One row that fails must not take the others along. */
function settled(value: MaybePromise<unknown>): Promise<unknown> {
  return Promise.resolve(value).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

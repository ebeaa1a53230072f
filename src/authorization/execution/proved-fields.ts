/**
 * Rows on their way out of resolvers. Whatever led to a row, the viewer must see it: the field that returns it is where it is
 * proved, by the viewer's rights, by its mark, by its own properties, or by one statement for all that are asked in a tick.
 */
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
import type { Executions } from '../deciding/executions.ts';
import { connectionTypes, possibleTypes, readsProperty, typesOfPages } from '../rows/connections.ts';
import type { RowPolicies } from '../rows/row-policy.ts';
import type { Asker, RowQuestions } from '../rows/row-questions.ts';
import type { ProvedRows } from '../rows/viewer-rows.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { copySchema } from './copy-schema.ts';
import { askingInfo } from './told-types.ts';

export interface ProvingParts {
  readonly policies: RowPolicies;
  readonly options: GuardOptions<unknown>;
  readonly proved: ProvedRows;
  readonly questions: RowQuestions;
  readonly executions: Executions;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** One call of a field that returns rows. */
interface Call extends Asker {
  readonly info: GraphQLResolveInfo;
}

/** Stands for a row that the viewer does not see. */
const hidden = Symbol('hidden');

/** A copy whose fields return only rows that their viewer sees. The schema itself, if no type has `@visibleTo`. */
export function proveRows(schema: GraphQLSchema, parts: ProvingParts): GraphQLSchema {
  const { policies, executions } = parts;
  if (policies.size === 0) return schema;
  const connections = connectionTypes(schema, policies);
  const pages = typesOfPages(schema, policies);
  const prover = new Prover(parts, connections);
  return copySchema(schema, (type, field) => {
    if (!possibleTypes(schema, field.type).some((name) => policies.has(name) || connections.has(name))) return;
    if (pages.has(type.name) && (field.name === 'nodes' || field.name === 'node') && readsProperty(field)) return;
    const resolve: Resolver = field.resolve ?? executions.defaultResolver('fieldResolver', field.name);
    return {
      resolve: (parent, args, context, info) =>
        after(resolve(parent, args, context, info) as MaybePromise<unknown>, (value) => {
          if (value === null || value === undefined) return value;
          const call = prover.call(context, info);
          return prover.value(value, field.type, call);
        }),
      subscribe: field.subscribe,
    };
  });
}

class Prover {
  readonly #parts: ProvingParts;
  /** By the name of a connection: the types of its rows. */
  readonly #connections: ReadonlyMap<string, readonly string[]>;

  constructor(parts: ProvingParts, connections: ReadonlyMap<string, readonly string[]>) {
    this.#parts = parts;
    this.#connections = connections;
  }

  call(context: unknown, info: GraphQLResolveInfo): Call {
    const { executions, proved } = this.#parts;
    const operation = executions.operation(context, info);
    return { context, info, operation, proof: proved.proofOf(context, operation.verdicts) };
  }

  /** A row, a page, or a list of them: without those that are hidden, which are null where an item may be. */
  value(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    return after(this.#read(value, type, call), (read) => (read === hidden ? null : read));
  }

  /** A connection: its cursors and its count cannot be checked afterwards. */
  #readPage(value: unknown, type: string, { rows, call }: { rows: readonly string[]; call: Call }): unknown {
    const marks = rows.map((one) => this.#parts.proved.markOf(one, value));
    if (marks.includes(call.proof)) return value;
    if (!marks.some((mark) => mark?.equals(call.proof))) return this.#refusePage(value, type, call);
    const [row = '', ...others] = rows;
    // Each row of several types is proved on its own.
    if (others.length > 0) return value;
    // Made for this viewer some time ago, or in another context.
    return this.#seesAll(row, value as object, call).then((seesAll) =>
      seesAll ? value : this.#refusePage(value, type, call),
    );
  }

  async #seesAll(type: string, page: object, call: Call): Promise<boolean> {
    const { questions } = this.#parts;
    const formula = call.proof.visible(type);
    const sees = async (row: unknown) =>
      questions.known(type, formula, row, call) ?? questions.ask(type, null, row, call);
    const seen = await Promise.all(rowsIn(page).map(sees));
    return seen.every(Boolean);
  }

  #refusePage(value: unknown, type: string, call: Call): unknown {
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

  #read(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    if (value === null || value === undefined || value instanceof Error) return value;
    if (isPromise(value)) return value.then((found) => this.#read(found, type, call));
    if (isNonNullType(type)) return this.#read(value, type.ofType, call);
    if (isListType(type)) return this.#readList(value, type.ofType, call);
    const named = getNamedType(type);
    if (isObjectType(named)) return this.#readObject(value, named.name, call);
    if (!isAbstractType(named)) return value;
    const resolveType = named.resolveType ?? defaultTypeResolver;
    return after(resolveType(value, call.context, askingInfo(call.info), named) as MaybePromise<unknown>, (name) =>
      // What is no type is the executor's to refuse.
      typeof name === 'string' ? this.#readObject(value, name, call) : value,
    );
  }

  #readObject(value: unknown, type: string, call: Call): MaybePromise<unknown> {
    const rows = this.#connections.get(type);
    if (rows) return this.#readPage(value, type, { rows, call });
    return this.#parts.policies.has(type) ? this.#readRow(value, type, call) : value;
  }

  #readList(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    // What is no list is the executor's to refuse.
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return value;
    const items: readonly unknown[] = Array.isArray(value) ? value : Array.from(value as Iterable<unknown>);
    // Most often all are proved at once: then the list is handed on as it is.
    let read: unknown[] | null = null;
    for (const [at, item] of items.entries()) {
      const found = this.#readItem(item, type, call);
      if (found !== item) read ??= items.slice(0, at);
      read?.push(found);
    }
    if (!read) return items;
    const finish = (found: readonly unknown[]) =>
      isNonNullType(type)
        ? found.filter((item) => item !== hidden)
        : found.map((item) => (item === hidden ? null : item));
    return read.some(isPromise) ? Promise.all(read.map(settled)).then(finish) : finish(read);
  }

  /** One row that fails must not take the others along, nor leave what they wait for to nobody. */
  #readItem(item: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    try {
      return this.#read(item, type, call);
    } catch (error) {
      return errorOf(error);
    }
  }

  /** @param row what is no object, such as an id that other fields read by, proves nothing. */
  #readRow(row: unknown, type: string, call: Call): MaybePromise<unknown> {
    const { proved, questions } = this.#parts;
    const { proof } = call;
    const mark = proved.markOf(type, row);
    if (mark && mark === proof) return row;
    const known = questions.known(type, proof.visible(type), row, call);
    if (known !== undefined) return known ? row : this.#withhold(row, type, call);
    return questions.ask(type, null, row, call).then((isSeen) => {
      if (!isSeen) return this.#withhold(row, type, call);
      // One that was proved for this viewer some time ago is no slip.
      return mark?.equals(proof) ? row : this.#serve(row, type, call);
    });
  }

  #withhold(row: unknown, type: string, call: Call): unknown {
    this.#tell({ type, id: this.#parts.questions.idOf(type, row), kind: 'hidden' }, call);
    if (this.#unproved === 'report') return row;
    if (this.#unproved === 'strict') throw this.#slip(type, 'a row that its viewer does not see', call);
    return hidden;
  }

  #serve(row: unknown, type: string, call: Call): unknown {
    this.#tell({ type, id: this.#parts.questions.idOf(type, row), kind: 'unproved' }, call);
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
      const answer: unknown = this.#parts.options.rows?.onRow?.({
        ...event,
        path: responsePathAsArray(info.path),
        context,
      });
      if (isPromise(answer)) Promise.resolve(answer).catch(() => {});
    } catch {
      // What it throws is ignored.
    }
  }
}

/** The rows that a page holds; what has yet to be called for is not there. */
function rowsIn(page: { readonly nodes?: unknown; readonly edges?: unknown }): unknown[] {
  const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const edges = listOf(page.edges) as ({ readonly node?: unknown } | null)[];
  return [...listOf(page.nodes), ...edges.map((edge) => edge?.node)].filter((row) => (row ?? null) !== null);
}

function settled(value: MaybePromise<unknown>): Promise<unknown> {
  return Promise.resolve(value).catch(errorOf);
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * Rows on their way out of resolvers. Whatever led to a row, the viewer must see it: the field that returns it is where it is
 * proved, by the viewer's rights, by its mark, by its own properties, or by one statement for all that are asked in a tick.
 */
import {
  defaultFieldResolver,
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
import { connectionTypes, rowTypesIn, typesOfPages } from '../rows/connections.ts';
import type { RowPolicies } from '../rows/row-policy.ts';
import type { Asker, RowQuestions } from '../rows/row-questions.ts';
import type { ProvedRows } from '../rows/viewer-rows.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { copySchema } from './copy-schema.ts';

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
  const prover = new Prover(parts);
  return copySchema(schema, (type, field) => {
    const named = getNamedType(field.type);
    const isPage = connections.has(named.name);
    const isProvedWithPage = pages.has(type.name) && (field.resolve ?? defaultFieldResolver) === defaultFieldResolver;
    if (!isPage && (isProvedWithPage || rowTypesIn(schema, field.type, policies).length === 0)) return;
    const resolve: Resolver = field.resolve ?? executions.defaultResolver('fieldResolver', field.name);
    return {
      resolve: (parent, args, context, info) =>
        after(resolve(parent, args, context, info) as MaybePromise<unknown>, (value) => {
          if (value === null || value === undefined) return value;
          const call = prover.call(context, info);
          return isPage ? prover.page(value, named.name, call) : prover.value(value, field.type, call);
        }),
      subscribe: field.subscribe,
    };
  });
}

class Prover {
  readonly #parts: ProvingParts;

  constructor(parts: ProvingParts) {
    this.#parts = parts;
  }

  call(context: unknown, info: GraphQLResolveInfo): Call {
    const { executions, proved } = this.#parts;
    const operation = executions.operation(context, info);
    return { context, info, operation, proof: proved.proofOf(context, operation.verdicts) };
  }

  /** A row, or a list of rows: without those that are hidden, which are null where an item may be. */
  value(value: unknown, type: GraphQLOutputType, call: Call): MaybePromise<unknown> {
    return after(this.#read(value, type, call), (read) => (read === hidden ? null : read));
  }

  /** A connection: its cursors and its count cannot be checked afterwards. */
  page(value: unknown, type: string, call: Call): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Error) return value;
    const mark = this.#parts.proved.markOf(value);
    if (mark?.equals(call.proof)) return value;
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
    // Most often all are proved at once: then the list is handed on as it is.
    let read: unknown[] | null = null;
    for (const [at, item] of items.entries()) {
      const found = this.#read(item, type, call);
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

  #readRow(row: object, type: string, call: Call): MaybePromise<unknown> {
    const { policies, proved, questions } = this.#parts;
    const { proof } = call;
    if (!policies.has(type)) return row;
    const mark = proved.markOf(row);
    if (mark && mark === proof) return row;
    const known = questions.known(type, proof.visible(type), row, call);
    if (known !== undefined) return known ? row : this.#withhold(row, type, call);
    return questions.ask(type, null, row, call).then((isSeen) => {
      if (!isSeen) return this.#withhold(row, type, call);
      // One that was proved for this viewer some time ago is no slip.
      return mark?.equals(proof) ? row : this.#serve(row, type, call);
    });
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

function told(row: object): string | null {
  const id = (row as { id?: unknown }).id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

/** One row that fails must not take the others along. */
function settled(value: MaybePromise<unknown>): Promise<unknown> {
  return Promise.resolve(value).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

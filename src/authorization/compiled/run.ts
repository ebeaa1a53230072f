/** One execution of a compiled operation: what graphql-jit calls for whatever it cannot read by itself. */

import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLError,
  getArgumentValues,
  isNonNullType,
  locatedError,
  responsePathAsArray,
} from 'graphql';
import type { Decider } from '../deciding/decider.ts';
import type { Operation } from '../deciding/operation.ts';
import { authorsTypeResolver } from '../execution/type-resolvers.ts';
import { after, isPromise, type MaybePromise } from '../rules/evaluate.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { Doubt, isAbandoned, rowOf } from './denied-rows.ts';
import { infoOf, type Place, type ResponsePath } from './selected-field.ts';

export interface RunParts {
  readonly decider: Decider;
  readonly operation: Operation;
}

export class Run {
  readonly parts: RunParts;
  /** What resolvers threw, where nothing but the field is lost by it. */
  readonly errors = new Set<GraphQLError>();
  /** Something came up that graphql-js would have answered in another way. */
  doubted = false;
  /** It has been answered, or given up: what still comes in is of no interest. */
  isOver = false;
  constructor(parts: RunParts) {
    this.parts = parts;
  }

  /** What a failed field reports; the error that graphql-js would make of it. */
  fail(place: Place, thrown: unknown, path: ResponsePath): GraphQLError {
    if (thrown instanceof Doubt || isNonNullType(place.field.type)) this.doubted = true;
    const error = locatedError(thrown, place.nodes, responsePathAsArray(path));
    this.errors.add(error);
    return error;
  }

  /**
   * Goes on with compiled code, outside of the calls that would catch what it throws. `after`: lets it go on after that,
   * so that it comes to an end.
   */
  resume(go: () => void, after: () => void): void {
    if (this.isOver) return;
    try {
      go();
    } catch {
      this.doubted = true;
      after();
    }
  }
}

/** What is made of the value that a field returned. */
export type Accept = (value: unknown, run: Run, path: ResponsePath) => unknown;

export function resolveField(
  place: Place,
  from: { readonly parent: unknown; readonly accept: Accept },
  run: Run,
  path: ResponsePath,
): unknown {
  const accept = (value: unknown): unknown => {
    if (value instanceof Error) throw value;
    return from.accept(value, run, path);
  };
  try {
    const source = place.askedOfParent?.size ? rowOf(from.parent) : from.parent;
    const result = callField(place, source, run, path);
    if (!isPromise(result)) return accept(result);
    const settled = result instanceof Promise ? result : Promise.resolve(result);
    return {
      // graphql-jit waits for this: what it does next must not throw into the void.
      // biome-ignore lint/suspicious/noThenProperty: it is awaited by graphql-jit alone
      then: (onValue: (value: unknown) => void, onError: (error: unknown) => void) => {
        const giveUp = () => onError(new Doubt());
        const fail = (error: unknown) => run.resume(() => onError(run.fail(place, error, path)), giveUp);
        settled.then((value) => {
          let accepted: unknown;
          try {
            accepted = accept(value);
          } catch (error) {
            fail(error);
            return;
          }
          run.resume(() => onValue(accepted), giveUp);
        }, fail);
      },
    };
  } catch (error) {
    throw run.fail(place, error, path);
  }
}

function callField(place: Place, source: unknown, run: Run, path: ResponsePath): MaybePromise<unknown> {
  const { field, guarded, nodes, resolve } = place;
  const { decider, operation } = run.parts;
  const { context } = operation;
  // The root value alone can be foreign here: isRow keeps other foreign rows out.
  if (!resolve && isForeign(source)) throw new Doubt();
  if (!guarded && !resolve) {
    const value = propertyOf(source, field.name);
    if (typeof value !== 'function') return value;
  }
  const [node] = nodes as [(typeof nodes)[number]];
  const args = field.args.length === 0 ? {} : getArgumentValues(field, node, operation.info.variableValues);
  const info = infoOf(place, path, operation.info);
  const call = () => (resolve ?? defaultFieldResolver)(source, args, context, info);
  if (!guarded) return call();
  return after(decider.decide(guarded, { parent: source, args, context, info }), (denials) =>
    denials ? decider.report(denials, guarded, { context, info }) : call(),
  );
}

/** As graphql-js's default resolver reads it. */
function propertyOf(source: unknown, name: string): unknown {
  const isHolder = (typeof source === 'object' && source !== null) || typeof source === 'function';
  return isHolder ? (source as Record<string, unknown>)[name] : undefined;
}

/** @returns the name of the type; undefined, with a doubt, for all that graphql-js would not take at once. */
export function resolveType(
  place: Place,
  from: { readonly value: unknown; readonly abstract: GraphQLAbstractType },
  run: Run,
  path: ResponsePath,
): string | undefined {
  const { abstract, value } = from;
  const { info, context } = run.parts.operation;
  try {
    const field = fieldPath(path);
    // A row of another service tells its type by a key that the client can name.
    const resolve = isForeign(value) ? abstract.resolveType : authorsTypeResolver(abstract);
    const name = resolve
      ? resolve(value, context, infoOf(place, field, info), abstract)
      : propertyOf(value, '__typename');
    isAbandoned(name);
    const type = typeof name === 'string' ? info.schema.getType(name) : undefined;
    if (type && info.schema.isSubType(abstract, type as never)) return type.name;
  } catch {
    // graphql-js will meet it again, and report it.
  }
  run.doubted = true;
  return undefined;
}

/** Without the list levels of the field's own value. */
function fieldPath(path: ResponsePath): ResponsePath {
  let at = path;
  while (typeof at.key === 'number' && at.prev) at = at.prev;
  return at;
}

/** One execution of a compiled operation: the functions that graphql-jit calls for what it cannot read by itself. */

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
  /** What resolvers threw, where only their own field is lost by it. */
  readonly errors = new Set<GraphQLError>();
  /** True if graphql-js would have answered something in another way. */
  doubted = false;
  /** True once the run was answered or given up. What arrives later is ignored. */
  isOver = false;
  constructor(parts: RunParts) {
    this.parts = parts;
  }

  /** Adds the error that graphql-js would make of what a field threw. */
  fail(place: Place, thrown: unknown, path: ResponsePath): GraphQLError {
    if (thrown instanceof Doubt || isNonNullType(place.field.type)) this.doubted = true;
    const error = locatedError(thrown, place.nodes, responsePathAsArray(path));
    this.errors.add(error);
    return error;
  }

  /**
   * Goes on with compiled code, outside the calls that would catch what it throws. `after` lets it go on after that,
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

/** Turns the value that a field returned into the value that compiled code reads. */
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
      // graphql-jit awaits this. What it does next must not become an unhandled rejection.
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
  // Here only the root value can be foreign, because `isRow` keeps other foreign rows out.
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

/** Reads the property as graphql-js's default resolver does. */
function propertyOf(source: unknown, name: string): unknown {
  const isHolder = (typeof source === 'object' && source !== null) || typeof source === 'function';
  return isHolder ? (source as Record<string, unknown>)[name] : undefined;
}

/** @returns the name of the type; undefined, with a doubt, for what graphql-js would not accept at once. */
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
    // graphql-js will meet the same error and report it.
  }
  run.doubted = true;
  return undefined;
}

/** The path without the list levels of the field's own value. */
function fieldPath(path: ResponsePath): ResponsePath {
  let at = path;
  while (typeof at.key === 'number' && at.prev) at = at.prev;
  return at;
}

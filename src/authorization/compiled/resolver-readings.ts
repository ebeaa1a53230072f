/**
 * Resolvers that compiled operations need not call, because what they do is known. They read the parent's property of
 * the field's name. Under graphql-js they are resolvers like all others.
 */
import type { GraphQLField, GraphQLResolveInfo } from 'graphql';
import { readProperty } from '../rules/foreign-rows.ts';

/** What compiled code does instead of the call. */
export type Reading =
  /** Converts the property. */
  | { readonly kind: 'converted'; readonly convert: (value: unknown) => unknown }
  /** Takes the property if it is there. Otherwise graphql-js executes the operation, and the resolver is called. */
  | { readonly kind: 'preloaded' };

/** A field in a resolver map of `makeExecutableSchema`; `extensions` says what is known of `resolve`. */
export interface KnownResolver<Resolve> {
  readonly resolve: Resolve;
  readonly extensions: { readonly [extension]: { readonly resolve: Resolve; readonly reading: Reading } };
}

const extension = 'gatewrightReading';

/**
 * Makes a resolver of a leaf. It returns the property, converted unless it is null or undefined.
 *
 * @param convert is synchronous, and depends on the value alone.
 */
export function converted<Value, Converted>(convert: (value: NonNullable<Value>) => Converted) {
  const resolve = (parent: object, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    const value = readProperty(parent, info.fieldName, info) as Value;
    return value === null || value === undefined ? (null as Extract<Value, null>) : convert(value);
  };
  return known(resolve, { kind: 'converted', convert: convert as (value: unknown) => unknown });
}

/**
 * Makes a resolver of an object. It returns the property if it was read with the parent, or else what `load` returns.
 */
export function preloaded<Parent extends object, Args, Context, Loaded>(
  load: (parent: Parent, args: Args, context: Context, info: GraphQLResolveInfo) => Loaded,
) {
  const resolve = (parent: Parent, args: Args, context: Context, info: GraphQLResolveInfo): Loaded =>
    (readProperty(parent, info.fieldName, info) as Loaded | undefined) ?? load(parent, args, context, info);
  return known(resolve, { kind: 'preloaded' });
}

function known<Resolve>(resolve: Resolve, reading: Reading): KnownResolver<Resolve> {
  return { resolve, extensions: { [extension]: { resolve, reading } } };
}

/** Undefined if nothing is known of the field's resolver, or another has replaced it. */
export function readingOf({ resolve, extensions }: GraphQLField<unknown, unknown>): Reading | undefined {
  const said = extensions[extension] as KnownResolver<unknown>['extensions'][typeof extension] | undefined;
  return said && said.resolve === resolve ? said.reading : undefined;
}

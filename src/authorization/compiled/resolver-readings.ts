/**
 * Resolvers that compiled operations need not call, since it is known what they do: they read the property of the
 * parent that has the field's name. Under graphql-js they are resolvers as all others are.
 */
import type { GraphQLField, GraphQLResolveInfo } from 'graphql';
import { readProperty } from '../rules/foreign-rows.ts';

/** What compiled code does in the place of the call. */
export type Reading =
  /** Converts the property. */
  | { readonly kind: 'converted'; readonly convert: (value: unknown) => unknown }
  /** Takes the property, if it is there; else the operation is for graphql-js, and the resolver is called. */
  | { readonly kind: 'preloaded' };

/** As a resolver map of `makeExecutableSchema` takes it: `extensions` says what is known of `resolve`. */
export interface KnownResolver<Resolve> {
  readonly resolve: Resolve;
  readonly extensions: { readonly [extension]: { readonly resolve: Resolve; readonly reading: Reading } };
}

const extension = 'gatewrightReading';

/**
 * A resolver of a leaf: the property, converted unless it is null or undefined.
 *
 * @param convert sync, and of the value alone.
 */
export function converted<Value, Converted>(convert: (value: NonNullable<Value>) => Converted) {
  const resolve = (parent: object, _args: unknown, _context: unknown, info: GraphQLResolveInfo) => {
    const value = readProperty(parent, info.fieldName, info) as Value;
    return value === null || value === undefined ? (null as Extract<Value, null>) : convert(value);
  };
  return known(resolve, { kind: 'converted', convert: convert as (value: unknown) => unknown });
}

/** A resolver of an object: the property of that name if it was read along with the parent, else what `load` returns. */
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

/** Undefined where nothing is known of the field's resolver, or another has taken its place. */
export function readingOf({ resolve, extensions }: GraphQLField<unknown, unknown>): Reading | undefined {
  const said = extensions[extension] as KnownResolver<unknown>['extensions'][typeof extension] | undefined;
  return said && said.resolve === resolve ? said.reading : undefined;
}

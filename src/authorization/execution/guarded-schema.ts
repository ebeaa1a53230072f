/** A copy of a schema whose resolvers run only after the guard has decided. */

import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import { isRootType } from '../contract/root-types.ts';
import type { Decider } from '../deciding/decider.ts';
import type { Executions } from '../deciding/executions.ts';
import type { GuardedField } from '../deciding/guarded-field.ts';
import { after } from '../rules/evaluate.ts';
import { isForeign, markForeign } from '../rules/foreign-rows.ts';
import { type OwnField, refuseOtherCall } from './called-field.ts';
import { copySchema, type Resolvers } from './copy-schema.ts';
import type { Entities } from './entities.ts';
import { resolverOfLeaves } from './told-rows.ts';
import { guardTypeResolvers } from './type-resolvers.ts';

export interface GuardSchemaParts {
  readonly decider: Decider;
  readonly executions: Executions;
  readonly entities: Entities;
  /** Types whose rows another service keyed, though nothing marks them. */
  readonly foreignRows: readonly string[];
}

export function guardSchema(
  schema: GraphQLSchema,
  { decider, executions, entities, foreignRows }: GuardSchemaParts,
): GraphQLSchema {
  const subscription = schema.getSubscriptionType();
  const joined = new JoinedNames(
    schema,
    (type, field) => isRootType(schema, type) || Boolean(field.resolve ?? decider.guardedField(type, field)),
  );
  const guardedResolvers = (type: GraphQLObjectType, field: Field): Resolvers => {
    const guarded = decider.guardedField(type, field);
    const own = { typeName: type.name, fieldName: field.name, sharesName: joined.isShared(type.name, field.name) };
    const author = entities.resolverOf(field);
    const resolve = author ?? executions.defaultResolver('fieldResolver', field.name);
    if (!guarded) {
      if (isRootType(schema, type)) return recognised(resolve, own, executions);
      return { resolve: author ? ownResolver(author, own) : propertyResolver(resolve, own) };
    }
    const subscribeByDefault = executions.defaultResolver('subscribeFieldResolver', field.name);
    return {
      resolve: guardResolver(resolve, guarded, { own, decider }),
      ...(type === subscription && {
        subscribe: guardResolver(field.subscribe ?? subscribeByDefault, guarded, { own, decider }),
      }),
    };
  };
  const copy = copySchema(schema, (type, field) => {
    const resolvers = guardedResolvers(type, field);
    if (!resolvers.resolve) return resolvers;
    const resolve = resolverOfLeaves(resolvers.resolve, field.type);
    return { ...resolvers, resolve: foreignRows.includes(type.name) ? ofForeignRow(resolve) : resolve };
  });
  guardTypeResolvers(copy, foreignRows, executions);
  return copy;
}

/**
 * A public root field. It begins the operation as a guarded one does, because the fields beneath it may come in any
 * context.
 */
function recognised(resolve: Resolver, own: OwnField, executions: Executions): Resolvers {
  return {
    resolve: (parent, args, context, info) => {
      refuseOtherCall(own, info);
      executions.operation(context, info);
      return resolve(parent, args, context, info);
    },
  };
}

/** A public field. Its resolver must not be taken for that of a guarded field. */
function ownResolver(resolve: Resolver, own: OwnField): Resolver {
  const called: Resolver = (parent, args, context, info) => {
    refuseOtherCall(own, info);
    return resolve(parent, args, context, info);
  };
  return named(called, resolve.name);
}

/** A public property. It is read by the field's own name, so ordinary rows need no check of the call. */
function propertyResolver(resolve: Resolver, own: OwnField): Resolver {
  const read: Resolver = (parent, args, context, info) => {
    if (own.sharesName || isForeign(parent)) refuseOtherCall(own, info);
    return resolve(parent, args, context, info);
  };
  return named(read, defaultFieldResolver.name);
}

/** graphql-tools recognizes default resolvers by their names. */
function named(resolve: Resolver, name: string): Resolver {
  return Object.defineProperty(resolve, 'name', { value: name });
}

function ofForeignRow(resolve: Resolver): Resolver {
  const marking: Resolver = (parent, args, context, info) => {
    markForeign(parent);
    return resolve(parent, args, context, info);
  };
  return named(marking, resolve.name);
}

/** The names of types and fields, as an executor could join them. */
class JoinedNames {
  readonly #times = new Map<string, number>();
  /** The names of fields that are more than a public property. */
  readonly #called = new Set<string>();

  constructor(schema: GraphQLSchema, hasResolver: (type: GraphQLObjectType, field: Field) => boolean) {
    for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      for (const field of Object.values(type.getFields())) {
        const text = type.name + field.name;
        if (hasResolver(type, field)) this.#called.add(text);
        this.#times.set(text, (this.#times.get(text) ?? 0) + 1);
      }
    }
  }

  isShared(typeName: string, fieldName: string): boolean {
    const text = typeName + fieldName;
    return this.#called.has(text) && (this.#times.get(text) ?? 0) > 1;
  }
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;
type Field = GraphQLField<unknown, unknown>;
/** Answers at once where the guard does, so that the guard turns no field into a promise. */
function guardResolver(
  resolve: Resolver,
  guarded: GuardedField,
  { own, decider }: { own: OwnField; decider: Decider },
): Resolver {
  return (parent, args, context, info) => {
    refuseOtherCall(own, info);
    if (decider.isKnownToAllow(guarded, context, info)) return resolve(parent, args, context, info);
    return after(decider.decide(guarded, { parent, args, context, info }), (denials) =>
      denials ? decider.report(denials, guarded, { context, info }) : resolve(parent, args, context, info),
    );
  };
}

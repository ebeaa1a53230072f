/** A copy of a schema whose resolvers are asked only after the guard. */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type GraphQLArgument,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Decider, GuardedField } from './decider.ts';
import { after } from './evaluate.ts';
import type { Executions } from './executions.ts';

export function guardSchema(schema: GraphQLSchema, decider: Decider, executions: Executions): GraphQLSchema {
  const resolveByDefault = executions.defaultResolver('fieldResolver');
  const subscribeByDefault = executions.defaultResolver('subscribeFieldResolver');
  const subscription = schema.getSubscriptionType()?.name;
  const roots = new Set([schema.getQueryType()?.name, schema.getMutationType()?.name, subscription]);
  const guarded = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName, typeName) => {
      const type = schema.getTypeMap()[typeName];
      const field = type && 'getFields' in type ? type.getFields()[fieldName] : undefined;
      // biome-ignore lint/suspicious/noExplicitAny: the mapper is told of object fields only, but not by its types
      const found = field && decider.guardedField(type as any, field as any);
      if (!found) return roots.has(typeName) ? recognised(config, executions) : undefined;
      return {
        ...config,
        resolve: guardResolver(config.resolve ?? resolveByDefault, found, decider),
        ...(typeName === subscription && {
          subscribe: guardResolver(config.subscribe ?? subscribeByDefault, found, decider),
        }),
      };
    },
  });
  keepDefaults(schema, guarded);
  return guarded;
}

/** A root field that anyone may use: before its resolver runs, the execution must be known by its own variables. */
function recognised(config: FieldConfig, executions: Executions): FieldConfig {
  const resolve = config.resolve ?? executions.defaultResolver('fieldResolver');
  return {
    ...config,
    resolve: (parent, args, context, info) => {
      executions.executionOf(context, info);
      return resolve(parent, args, context, info);
    },
  };
}

/** The mapper prints defaults and parses them again, which not every value survives. */
export function keepDefaults(schema: GraphQLSchema, guarded: GraphQLSchema): void {
  for (const [name, type] of Object.entries(guarded.getTypeMap())) {
    const original = schema.getType(name);
    if (isInputObjectType(type) && isInputObjectType(original)) {
      copyDefaults(Object.values(type.getFields()), Object.values(original.getFields()));
    } else if ((isObjectType(type) || isInterfaceType(type)) && (isObjectType(original) || isInterfaceType(original))) {
      for (const field of Object.values(type.getFields())) {
        copyDefaults(field.args, original.getFields()[field.name]?.args ?? []);
      }
    }
  }
}

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;
type WithDefault = GraphQLArgument | GraphQLInputField;

function copyDefaults(to: readonly WithDefault[], from: readonly WithDefault[]): void {
  for (const input of to) input.defaultValue = from.find(({ name }) => name === input.name)?.defaultValue;
}

/** Answers at once where the guard does, so that no field becomes a promise for its guard's sake. */
function guardResolver(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  guarded: GuardedField,
  decider: Decider,
): GraphQLFieldResolver<unknown, unknown> {
  return (parent, args, context, info) => {
    if (decider.isKnownToAllow(guarded, context, info)) return resolve(parent, args, context, info);
    return after(decider.decide(guarded, { parent, args, context, info }), (denials) =>
      denials ? decider.report(denials, guarded, { context, info }) : resolve(parent, args, context, info),
    );
  };
}

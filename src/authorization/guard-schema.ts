/** A copy of a schema whose resolvers are asked only after the guard. */
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql';
import type { Decider, GuardedField } from './decider.ts';
import { after } from './evaluate.ts';
import type { Executions } from './executions.ts';

export function guardSchema(schema: GraphQLSchema, decider: Decider, executions: Executions): GraphQLSchema {
  const resolveByDefault = executions.defaultResolver('fieldResolver');
  const subscribeByDefault = executions.defaultResolver('subscribeFieldResolver');
  const subscription = schema.getSubscriptionType()?.name;
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName, typeName) => {
      const type = schema.getTypeMap()[typeName];
      const field = type && 'getFields' in type ? type.getFields()[fieldName] : undefined;
      // biome-ignore lint/suspicious/noExplicitAny: the mapper is told of object fields only, but not by its types
      const guarded = field && decider.guardedField(type as any, field as any);
      if (!guarded) return undefined;
      return {
        ...config,
        resolve: guardResolver(config.resolve ?? resolveByDefault, guarded, decider),
        ...(typeName === subscription && {
          subscribe: guardResolver(config.subscribe ?? subscribeByDefault, guarded, decider),
        }),
      };
    },
  });
}

/** Answers at once where the guard does, so that no field becomes a promise for its guard's sake. */
function guardResolver(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  guarded: GuardedField,
  decider: Decider,
): GraphQLFieldResolver<unknown, unknown> {
  return (parent, args, context, info) =>
    after(decider.decide(guarded, { parent, args, context, info }), (denials) =>
      denials ? decider.report(denials, guarded, info) : resolve(parent, args, context, info),
    );
}

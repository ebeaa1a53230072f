/** A schema without what is denied, and without what is of no use then: consistent in itself. */
import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  type GraphQLArgument,
  GraphQLBoolean,
  type GraphQLDirective,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import { keepDefaults } from './guard-schema.ts';
import { typesOf } from './read-schema.ts';

/**
 * A directive that cannot stand in a document is no client's to use, and is left out with the types of its
 * arguments; the guards are such. A root type that keeps no field is left out as well; of Query, which a schema
 * cannot be without, one field stands for all that is missing.
 *
 * @param denied coordinates of object fields, arguments and input fields.
 */
export function withoutDenied(schema: GraphQLSchema, denied: ReadonlySet<string>): GraphQLSchema {
  const rest = new Rest(schema, denied);
  const remaining = mapSchema(schema, {
    [MapperKind.TYPE]: ({ name }) => (rest.hasType(name) ? undefined : null),
    [MapperKind.QUERY]: (type) => (rest.hasType(type.name) ? undefined : emptyQuery(type)),
    [MapperKind.FIELD]: (config, fieldName, typeName) => {
      const type = schema.getType(typeName);
      if (isInputObjectType(type)) {
        return rest.hasInputField(typeName, type.getFields()[fieldName] as GraphQLInputField) ? undefined : null;
      }
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
      if (!field || !('args' in config)) return undefined;
      if (!rest.hasField(type as GraphQLObjectType, field)) return null;
      const names = new Set(
        field.args.flatMap((arg) => (rest.hasArgument(type as GraphQLObjectType, field, arg) ? arg.name : [])),
      );
      return {
        ...config,
        args: Object.fromEntries(Object.entries(config.args ?? {}).filter(([name]) => names.has(name))),
      };
    },
    [MapperKind.DIRECTIVE]: (directive) => (rest.hasDirective(directive) ? undefined : null),
  });
  const visible = pruneSchema(remaining);
  keepDefaults(schema, visible);
  return visible;
}

/** The name of the field that stands in a Query without fields. */
export const emptyField = '_empty';

function emptyQuery({ name, description }: GraphQLObjectType): GraphQLObjectType {
  const placeholder = {
    type: GraphQLBoolean,
    description:
      'Stands here since a type cannot be empty: none of the fields is within reach. It cannot be asked for.',
  };
  return new GraphQLObjectType({ name, description, fields: { [emptyField]: placeholder } });
}

type Holder = GraphQLObjectType | GraphQLInterfaceType;

/** What is left: found by taking away what is of no use until all that is left is of use. */
class Rest {
  readonly #schema: GraphQLSchema;
  readonly #denied: ReadonlySet<string>;
  readonly #gone = new Set<string>();

  constructor(schema: GraphQLSchema, denied: ReadonlySet<string>) {
    this.#schema = schema;
    this.#denied = denied;
    const types = typesOf(schema);
    const drop = (isUseless: (type: GraphQLNamedType) => boolean): boolean => {
      const useless = types.filter(({ name }) => !this.#gone.has(name)).filter(isUseless);
      for (const { name } of useless) this.#gone.add(name);
      return useless.length > 0;
    };
    // An interface is judged by its fields last: the fewer types implement it, the more fields they share.
    while (
      drop((type) => !this.#holdsAnything(type)) ||
      drop((type) => isInterfaceType(type) && !this.#hasFields(type))
    );
  }

  hasType(name: string): boolean {
    return !this.#gone.has(name);
  }

  /** An interface has the fields, and their arguments, that each type has which implements it. */
  hasField(type: Holder, field: GraphQLField<unknown, unknown>): boolean {
    if (!this.#hasTypeOf(field)) return false;
    if (isInterfaceType(type)) return this.#implementing(type).every((one) => this.hasField(one, fieldOf(one, field)));
    if (this.#denied.has(`${type.name}.${field.name}`)) return false;
    return field.args.every((arg) => !isRequiredArgument(arg) || this.hasArgument(type, field, arg));
  }

  hasArgument(type: Holder, field: GraphQLField<unknown, unknown>, arg: GraphQLArgument): boolean {
    if (isInterfaceType(type)) {
      return this.#implementing(type).every((one) => this.hasArgument(one, fieldOf(one, field), arg));
    }
    return !this.#denied.has(`${type.name}.${field.name}(${arg.name}:)`) && this.#hasTypeOf(arg);
  }

  hasInputField(typeName: string, field: GraphQLInputField): boolean {
    return !this.#denied.has(`${typeName}.${field.name}`) && this.#hasTypeOf(field);
  }

  hasDirective(directive: GraphQLDirective): boolean {
    if (isSpecifiedDirective(directive)) return true;
    return (
      directive.locations.some((location) => executable.has(location)) &&
      directive.args.every((arg) => !isRequiredArgument(arg) || this.#hasTypeOf(arg))
    );
  }

  #holdsAnything(type: GraphQLNamedType): boolean {
    if (isObjectType(type)) return this.#hasFields(type);
    if (isInterfaceType(type)) return this.#implementing(type).length > 0;
    if (isUnionType(type)) return type.getTypes().some(({ name }) => this.hasType(name));
    if (!isInputObjectType(type)) return true;
    const fields = Object.values(type.getFields());
    const has = (field: GraphQLInputField) => this.hasInputField(type.name, field);
    return fields.some(has) && fields.filter(isRequiredInputField).every(has);
  }

  #hasFields(type: Holder): boolean {
    return Object.values(type.getFields()).some((field) => this.hasField(type, field));
  }

  #hasTypeOf({ type }: { readonly type: GraphQLOutputType | GraphQLInputType }): boolean {
    return this.hasType(getNamedType(type).name);
  }

  #implementing(type: GraphQLInterfaceType): GraphQLObjectType[] {
    return this.#schema.getImplementations(type).objects.filter(({ name }) => this.hasType(name));
  }
}

function fieldOf(type: GraphQLObjectType, { name }: GraphQLField<unknown, unknown>): GraphQLField<unknown, unknown> {
  return type.getFields()[name] as GraphQLField<unknown, unknown>;
}

/** Where a directive can stand in a document. Source: GraphQL specification, ExecutableDirectiveLocation. */
const executable: ReadonlySet<string> = new Set([
  ...['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD'],
  ...['FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT', 'VARIABLE_DEFINITION'],
]);

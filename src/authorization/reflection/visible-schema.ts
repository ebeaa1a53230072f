/** Makes a schema without what is denied, and without what is useless then. The result is consistent in itself. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  GraphQLBoolean,
  GraphQLDirective,
  type GraphQLFieldConfig,
  type GraphQLInputField,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputObjectTypeConfig,
  GraphQLInterfaceType,
  type GraphQLInterfaceTypeConfig,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLObjectTypeConfig,
  GraphQLSchema,
  type GraphQLType,
  GraphQLUnionType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import type { MaybePromise } from '../rules/evaluate.ts';
import { type Field, type Holder, type Input, Parts, Remaining } from './remaining.ts';

/** What every projection of a schema shares. */
export class Whole {
  readonly parts: Parts;
  readonly #configs = new Map<GraphQLNamedType, object>();

  constructor(schema: GraphQLSchema) {
    this.parts = new Parts(schema);
    for (const type of this.parts.types)
      if (!isLeafType(type)) this.#configs.set(type, { ...type.toConfig(), fields: {} });
  }

  /** The config of a type, without its fields. */
  configOf<Type extends GraphQLNamedType>(type: Type): ReturnType<Type['toConfig']> {
    return this.#configs.get(type) as ReturnType<Type['toConfig']>;
  }

  /**
   * Makes the schema without what is denied. A directive that cannot stand in a document is left out, with the types of
   * its arguments. Guards are such directives, and no client can use them. A root type without fields is left out as
   * well. A schema needs a Query, so there one field stands for all that is missing.
   *
   * @param denied coordinates of object fields, arguments and input fields.
   * @returns a promise for a large schema. It is made in slices, so that other requests are answered in between.
   */
  without(denied: readonly string[]): MaybePromise<GraphQLSchema> {
    const projection = new Projection(this, new Remaining(this.parts, denied));
    return this.parts.types.length > typesInSlice ? projection.inSlices() : projection.schema();
  }
}

/** Types that are made before other work has its turn. They take some 5 ms. */
const typesInSlice = 250;

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

/** Makes the types that are left and that a root type or a directive leads to, each once. */
class Projection {
  readonly #whole: Whole;
  readonly #rest: Remaining;
  readonly #made = new Map<GraphQLNamedType, GraphQLNamedType>();
  /** A queue makes what the types refer to, because a chain of types may be longer than the stack. */
  readonly #queue: (() => void)[] = [];
  readonly #returned = new Set<GraphQLNamedType>();

  constructor(whole: Whole, rest: Remaining) {
    this.#whole = whole;
    this.#rest = rest;
  }

  schema(): GraphQLSchema {
    const finish = this.#begin();
    for (const make of this.#queue) make();
    return finish();
  }

  async inSlices(): Promise<GraphQLSchema> {
    await nextTurn();
    const finish = this.#begin();
    for (const [index, make] of this.#queue.entries()) {
      if (index % typesInSlice === 0) await nextTurn();
      make();
    }
    await nextTurn();
    return finish();
  }

  /** Queues what the roots lead to. */
  #begin(): () => GraphQLSchema {
    const { schema, types } = this.#whole.parts;
    const config = schema.toConfig();
    const { query } = config;
    if (query && !this.#rest.has(query)) this.#made.set(query, emptyQuery(query));
    const root = (type: typeof query) =>
      type && (type === query || this.#rest.has(type)) ? this.#named(type) : undefined;
    const roots = { query: root(query), mutation: root(config.mutation), subscription: root(config.subscription) };
    const directives = config.directives
      .filter((directive) => this.#rest.hasDirective(directive))
      .map((directive) => this.#directive(directive));
    return () => {
      const made = types.flatMap((type) => this.#made.get(type) ?? []);
      return new GraphQLSchema({ ...config, ...roots, types: made, directives });
    };
  }

  #directive(directive: GraphQLDirective): GraphQLDirective {
    if (isSpecifiedDirective(directive)) return directive;
    const args = directive.args.filter((arg) => this.#rest.has(getNamedType(arg.type)));
    return new GraphQLDirective({ ...directive.toConfig(), args: this.#inputs(args) });
  }

  #type<Type extends GraphQLType>(type: Type): Type;
  #type(type: GraphQLType): GraphQLType {
    const named = getNamedType(type);
    const made = this.#named(named);
    return made === named ? type : wrappedAs(type, made);
  }

  #named<Type extends GraphQLNamedType>(type: Type): Type {
    let made = this.#made.get(type);
    if (!made) {
      made = this.#make(type);
      this.#made.set(type, made);
    }
    return made as Type;
  }

  /** Scalars and enums refer to nothing, so both schemas share them. */
  #make(type: GraphQLNamedType): GraphQLNamedType {
    if (isObjectType(type)) return new GraphQLObjectType(this.#holder(type, this.#whole.configOf(type)));
    if (isInterfaceType(type)) return new GraphQLInterfaceType(this.#holder(type, this.#whole.configOf(type)));
    if (isUnionType(type)) {
      const types = this.#later(() => this.#remaining(type.getTypes()));
      return new GraphQLUnionType({ ...this.#whole.configOf(type), types });
    }
    if (!isInputObjectType(type)) return type;
    const left = Object.values(type.getFields()).filter((field) => this.#rest.has(field));
    const fields = this.#later(() => this.#inputs(left));
    return new GraphQLInputObjectType({ ...withSyntaxOf(left, type, this.#whole.configOf(type)), fields });
  }

  #holder<Config extends HolderConfig>(type: Holder, config: Config): Config {
    const left = Object.values(type.getFields()).filter((field) => this.#rest.hasField(type, field));
    const interfaces = this.#later(() => this.#remaining(type.getInterfaces()));
    const fields = this.#later(() => recordOf(left, (field) => this.#field(type, field)));
    return { ...withSyntaxOf(left, type, config), interfaces, fields };
  }

  #field(holder: Holder, field: Field): GraphQLFieldConfig<unknown, unknown> {
    const returned = getNamedType(field.type);
    if (isInterfaceType(returned)) this.#implement(returned);
    const args = field.args.filter((arg) => this.#rest.hasArgument(holder, field, arg));
    return { ...field, type: this.#type(field.type), args: this.#inputs(args) };
  }

  /** Makes the types that can stand where the interface is returned. */
  #implement(type: GraphQLInterfaceType): void {
    if (this.#returned.has(type)) return;
    this.#returned.add(type);
    const { objects, interfaces } = this.#whole.parts.schema.getImplementations(type);
    this.#remaining([...objects, ...interfaces]);
  }

  #inputs(inputs: readonly Input[]): Record<string, GraphQLInputFieldConfig> {
    return recordOf(inputs, (input) => {
      const type = this.#type(input.type);
      return type === input.type ? input : { ...input, type };
    });
  }

  #remaining<Type extends GraphQLNamedType>(types: readonly Type[]): Type[] {
    return types.flatMap((type) => (this.#rest.has(type) ? [this.#named(type)] : []));
  }

  #later<Value>(make: () => Value): () => Value {
    let made: Value;
    this.#queue.push(() => {
      made = make();
    });
    return () => made;
  }
}

type HolderConfig = GraphQLObjectTypeConfig<unknown, unknown> | GraphQLInterfaceTypeConfig<unknown, unknown>;

function wrappedAs(type: GraphQLType, named: GraphQLNamedType): GraphQLType {
  if (isListType(type)) return new GraphQLList(wrappedAs(type.ofType, named));
  return isNonNullType(type) ? new GraphQLNonNull(wrappedAs(type.ofType, named)) : named;
}

function recordOf<Element extends { readonly name: string }, Value>(
  elements: readonly Element[],
  make: (element: Element) => Value,
): Record<string, Value> {
  const record: Record<string, Value> = {};
  for (const element of elements) record[element.name] = make(element);
  return record;
}

/** The syntax nodes of a type name the remaining fields alone. */
function withSyntaxOf<Config extends HolderConfig | GraphQLInputObjectTypeConfig>(
  left: readonly (Field | GraphQLInputField)[],
  type: Holder | GraphQLInputObjectType,
  config: Config,
): Config {
  if (left.length === Object.keys(type.getFields()).length) return config;
  const fields = left.flatMap(({ astNode }) => astNode ?? []);
  return {
    ...config,
    astNode: config.astNode && { ...config.astNode, fields },
    extensionASTNodes: config.extensionASTNodes?.map((node) => ({ ...node, fields: undefined })),
  };
}

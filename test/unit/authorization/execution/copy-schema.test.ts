import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  execute,
  type GraphQLEnumType,
  GraphQLInterfaceType,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLUnionType,
  parse,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, GuardError } from '../../../../src/authorization/guard.ts';
import { type Context, user, vocabulary } from '../harness.ts';

const sdl = `
  scalar Money
  enum Level { LOW HIGH }
  input Filter { level: Level = LOW, most: Money }
  interface Node { id: ID! }
  type Item implements Node @public { id: ID!, secret: String @authenticated, other: Any }
  union Any = Item
  type Query {
    level(is: Level = HIGH): Level @public
    filtered(by: Filter): Level @public
    price(of: Money): Money @authenticated
    item(id: ID): Item @public
    any: Any @public
    node: Node @public
  }
`;
const resolvers = {
  Query: {
    level: (_: unknown, { is }: { is?: string }) => is ?? 'low',
    filtered: (_: unknown, { by }: { by?: { level: string } }) => by?.level ?? 'low',
    price: (_: unknown, { of }: { of?: unknown }) => of ?? 5,
    item: () => ({ id: 'i1', secret: 's' }),
  },
};
const unguarded = () => makeExecutableSchema({ typeDefs: [vocabulary, sdl], resolvers });
const guarding = (schema: GraphQLSchema) => createGuard<Context>(schema, { viewer: ({ viewer }) => viewer });

describe('a guarded schema answers as the bare one', () => {
  it.each([
    ['output', 'query($is: Level) { level(is: $is) }', {}],
    ['variables', 'query($is: Level) { level(is: $is) }', { is: 'high' }],
    ['literals', '{ level(is: low) filtered(by: { level: high }) }', {}],
    ['defaults', '{ level filtered(by: {}) }', {}],
  ])('where an enum has its own conversions: %s', async (_place, query, variableValues) => {
    const schema = unguarded();
    const level = schema.getType('Level') as GraphQLEnumType;
    level.serialize = (value) => String(value).toUpperCase();
    level.parseValue = (value) => String(value).toLowerCase();
    level.parseLiteral = (node) => ('value' in node ? String(node.value).toLowerCase() : null);
    const document = parse(query);
    const contextValue = { viewer: null };
    const bare = await execute({ schema, document, variableValues, contextValue });
    expect(bare.errors).toBeUndefined();
    const guard = guarding(schema);
    // Often enough to compile it.
    for (let i = 0; i < 6; i++) {
      expect(await guard.execute({ document, variableValues, contextValue })).toEqual(bare);
    }
  });

  it('with a scalar of another class, also when the field is guarded', async () => {
    class Cents extends GraphQLScalarType {}
    Object.assign(Cents.prototype, { serialize: (value: number) => `${value * 100}` });
    const schema = unguarded();
    const money = schema.getType('Money') as object;
    Object.setPrototypeOf(money, Cents.prototype);
    Reflect.deleteProperty(money, 'serialize');
    const document = parse('{ price }');
    const guard = guarding(schema);
    const contextValue = { viewer: user() };
    expect(await guard.execute({ document, contextValue })).toEqual({ data: { price: '500' } });
    expect((await guard.execute({ document, contextValue: { viewer: null } })).data).toEqual({ price: null });
  });
});

describe('a guarded schema keeps', () => {
  const fieldOf = (schema: GraphQLSchema, name: string) =>
    (schema.getType('Query') as GraphQLObjectType).getFields()[name] as NonNullable<
      ReturnType<GraphQLObjectType['getFields']>[string]
    >;

  it('scalars, enums, input types and directives as they are', () => {
    const schema = unguarded();
    const guarded = guarding(schema).schema;
    for (const name of ['Level', 'Money', 'Filter', 'Role']) expect(guarded.getType(name)).toBe(schema.getType(name));
    expect(guarded.getDirectives()).toEqual(schema.getDirectives());
    expect(validateSchema(guarded)).toEqual([]);
  });

  it('properties that others have put on the schema, a type, a field or an argument', () => {
    const mark = Symbol('mark');
    const places = (schema: GraphQLSchema) => [
      schema,
      ...['Item', 'Node', 'Any'].map((name) => schema.getType(name) as object),
      fieldOf(schema, 'item'),
      fieldOf(schema, 'item').args[0] as object,
    ];
    const schema = unguarded();
    for (const place of places(schema)) Object.assign(place, { resolveReference: place, [mark]: 1 });
    const guarded = guarding(schema).schema;
    expect(places(guarded).map((place) => (place as Record<symbol, unknown>)[mark])).toEqual([1, 1, 1, 1, 1, 1]);
    expect(places(guarded).map((place) => (place as { resolveReference?: unknown }).resolveReference)).toEqual(
      places(schema),
    );
    expect(guarded.getType('Item')).not.toBe(schema.getType('Item'));
  });

  it('the classes of types, and still guards their fields', async () => {
    class Documented extends GraphQLObjectType {
      get isDocumented() {
        return this.getFields().id !== undefined;
      }
    }
    const schema = unguarded();
    Object.setPrototypeOf(schema.getType('Item'), Documented.prototype);
    const guard = guarding(schema);
    const item = guard.schema.getType('Item') as Documented;
    expect(item).toBeInstanceOf(Documented);
    expect(item.isDocumented).toBe(true);
    const document = parse('{ item { id secret } }');
    const { data, errors } = await guard.execute({ document, contextValue: { viewer: null } });
    expect(data).toEqual({ item: { id: 'i1', secret: null } });
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a guard refuses', () => {
  const types = { Item: GraphQLObjectType, Node: GraphQLInterfaceType, Any: GraphQLUnionType };
  it.each([
    ['Item', 'getFields'],
    ['Item', 'toConfig'],
    ['Node', 'getInterfaces'],
    ['Any', 'getTypes'],
  ] as const)('%s with a method `%s` that is not graphql-js’s own', (name, method) => {
    const schema = unguarded();
    const type = schema.getType(name) as object;
    const own = Reflect.get(types[name].prototype, method) as () => unknown;
    Object.assign(type, { [method]: () => own.call(type) });
    expect(() => guarding(schema)).toThrow(GuardError);
    expect(() => guarding(schema)).toThrow(`${name}: its method \`${method}\` is not graphql-js's own`);
    Reflect.deleteProperty(type, method);
    expect(() => guarding(schema)).not.toThrow();
  });

  it('a schema whose class reads its types in another way', () => {
    class Filtered extends GraphQLSchema {
      override getType(name: string) {
        return super.getType(name);
      }
    }
    class Named extends GraphQLSchema {
      readonly label = 'mine';
    }
    expect(() => guarding(new Filtered(unguarded().toConfig()))).toThrow('schema: its method `getType` is not');
    const { schema } = guarding(new Named(unguarded().toConfig()));
    expect(schema).toBeInstanceOf(Named);
    expect((schema as Named).label).toBe('mine');
  });
});

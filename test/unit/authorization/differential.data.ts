/** Data for a random schema, computed from a row's number and a field's name, so that every execution sees the same. */
import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
} from 'graphql';
import { type Random, type Row, randomOf, type World } from './differential.world.ts';
import { vocabulary } from './harness.ts';

/** `resolvers`: every field has a resolver. `properties`: every field is read from its row, also at the root. */
export type Manner = { fields: 'resolvers' | 'properties'; isOdd: boolean };

export interface Data {
  schema: GraphQLSchema;
  rootValue: Row;
}

export function dataOf(world: World, manner: Manner): Data {
  const plain = makeExecutableSchema({ typeDefs: [vocabulary, world.sdl] });
  const source = new Source(plain, manner);
  if (manner.fields === 'properties') return { schema: plain, rootValue: source.row('Query', 0) };
  const schema = mapSchema(plain, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName) => ({
      ...config,
      resolve: (parent: Partial<Row>, _args: unknown, _context: unknown, info: GraphQLResolveInfo) =>
        source.value(parent?.number ?? 0, fieldName, info.returnType),
    }),
  });
  return { schema, rootValue: { __typename: 'Query', ownerId: '', number: 0 } };
}

/**
 * Rows in lists have numbers from here on, and none of their fields waits. graphql-js drops the promise of an item when
 * another item throws (graphql/graphql-js#3761). An unhandled rejection ends the process.
 */
const listed = 2_000_000;

class Source {
  readonly #schema: GraphQLSchema;
  readonly #manner: Manner;

  constructor(schema: GraphQLSchema, manner: Manner) {
    this.#schema = schema;
    this.#manner = manner;
  }

  row(typeName: string, number: number): Row {
    const type = this.#schema.getType(typeName);
    const ownerId = number % 3 === 0 ? 'u2' : 'u1';
    const row: Row = { __typename: typeName, ownerId, number };
    if (this.#manner.fields === 'resolvers' || !isObjectType(type)) return row;
    for (const field of Object.values(type.getFields())) {
      const get = () => this.value(number, field.name, field.type);
      Object.defineProperty(row, field.name, { get, enumerable: true });
    }
    return row;
  }

  /** If the manner is odd, it may throw, or be a promise, a method or an Error. */
  value(number: number, fieldName: string, type: GraphQLOutputType): unknown {
    const random = randomOf(number * 7919 + hash(fieldName));
    const isListed = number >= listed;
    const value = this.#draw(type, random, isListed);
    if (!this.#manner.isOdd) return value;
    const kind = random.upTo(40);
    const message = `odd ${fieldName} ${number}`;
    if (kind === 0) throw new Error(message);
    if (kind === 1) return new Error(message);
    if (kind === 2 && isNullable(type) && !isListed) return Promise.resolve(value);
    if (kind === 3 && isNullable(type) && !isListed) return Promise.reject(new Error(message));
    if (kind === 4 && this.#manner.fields === 'properties') return () => value;
    return value;
  }

  #draw(type: GraphQLOutputType, random: Random, isListed: boolean): unknown {
    const nullable = getNullableType(type);
    if (isNullable(type) && random.chance(0.1)) return null;
    if (isListType(nullable)) {
      const items = Array.from({ length: random.upTo(3) }, () => this.#draw(nullable.ofType, random, true));
      if (!this.#manner.isOdd) return items;
      if (random.chance(0.05)) return new Set(items);
      if (isListed || !isNullable(nullable.ofType)) return items;
      return items.map((item) => (random.chance(0.03) ? Promise.resolve(item) : item));
    }
    const named = getNamedType(nullable);
    if (named.name === 'Kind') return random.pick(['ONE', 'TWO', ...(this.#manner.isOdd ? ['NEITHER'] : [])]);
    if (named.name === 'Int') return random.upTo(9);
    const number = random.upTo(1_000_000) + (isListed ? listed : 0);
    if (!isObjectType(named) && !isAbstractType(named)) return `leaf ${number}`;
    const possible = isAbstractType(named)
      ? this.#schema.getPossibleTypes(named).map(({ name }) => name)
      : [named.name];
    return this.row(random.pick(possible), number);
  }
}

/** A promise where null is allowed does not reject. */
function isNullable(type: GraphQLOutputType): boolean {
  return getNullableType(type) === type;
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
}

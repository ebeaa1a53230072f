/**
 * Schemas of any size, with kinds, guards and connections like large public ones. A set of twenty types has eleven
 * objects, four inputs, two enums, and one each of interface, union and scalar. Each type leads to types all over the
 * schema, so that a hidden part has effects everywhere.
 */
import { buildSchema, type GraphQLSchema } from 'graphql';
import { directiveTypeDefs, type GuardViewer } from '../../../src/authorization/guard.ts';

/** The number of scopes. Each hides or shows a part of the schema. */
const scopes = 16;
const fieldsOfObject = 8;

const kinds = {
  Object: 11,
  Input: 4,
  Enum: 2,
  Interface: 1,
  Union: 1,
  Scalar: 1,
} as const;
type Kind = keyof typeof kinds;

/** A schema with about this many types of its own. */
export function schemaOf(types: number): GraphQLSchema {
  return buildSchema([directiveTypeDefs({ roles: ['USER', 'ADMIN'] }), ...new World(types).lines()].join('\n'));
}

/** A viewer with every scope except some: each number below 2 ** 16 is another set of rights. */
export function viewerWithout(without: number): GuardViewer {
  const held = Array.from({ length: scopes }, (_, scope) => `part${scope}`).filter(
    (_, scope) => !((without >> scope) & 1),
  );
  return { id: `viewer${without}`, roles: ['USER'], scopes: held };
}

class World {
  readonly #counts: Readonly<Record<Kind, number>>;
  /** A fixed sequence, so that each run has the same schemas. Source: Numerical Recipes, 7.1. */
  #state = 1;

  constructor(types: number) {
    const twentieths = Math.round(types / 20);
    this.#counts = Object.fromEntries(
      Object.entries(kinds).map(([kind, share]) => [kind, share * twentieths]),
    ) as Record<Kind, number>;
  }

  *lines(): Generator<string> {
    const roots = this.#each('Object').filter((at) => at % 4 === 0);
    yield `type Query { ${roots.map((at) => `object${at}(id: ID!, filter: ${this.#any('Input')}): Object${at} @authenticated`).join('\n')} }`;
    yield `type Mutation { ${roots.map((at) => `change${at}(input: ${this.#any('Input')}!): Object${at} @authenticated`).join('\n')} }`;
    for (const at of this.#each('Object')) yield this.#object(at);
    for (const at of this.#each('Interface'))
      yield `interface Interface${at} { id: ID!, interface${at}: Interface${at} }`;
    for (const at of this.#each('Union')) yield `union Union${at} = ${this.#members().join(' | ')}`;
    for (const at of this.#each('Input')) yield this.#input(at);
    for (const at of this.#each('Enum')) yield `enum Enum${at} @authenticated { A${at} B${at} C${at} D${at} }`;
    for (const at of this.#each('Scalar')) yield `scalar Scalar${at} @authenticated`;
  }

  #object(at: number): string {
    const implemented = `Interface${at % this.#counts.Interface}`;
    // A field returns each enum and each scalar, because a guard on an unused one is refused.
    const leaf = at % 3 === 0 ? `Scalar${Math.floor(at / 3) % this.#counts.Scalar}` : `Enum${at % this.#counts.Enum}`;
    const fields = Array.from({ length: fieldsOfObject - 5 }, (_, field) => {
      const guard = field === 0 ? `@requiresScopes(scopes: [["part${this.#upTo(scopes)}"]])` : '';
      return `to${field}(first: Int, after: String, by: ${this.#any('Input')}): [${this.#any('Object')}!] ${guard}`;
    });
    return `type Object${at} implements ${implemented} @requiresScopes(scopes: [["part${this.#upTo(scopes)}"]]) {
      id: ID!
      ${implemented.replace('I', 'i')}: ${implemented}
      leaf: ${leaf}
      union: ${this.#any('Union')}
      secret: String @requiresRole(roles: [ADMIN])
      ${fields.join('\n')}
    }`;
  }

  #input(at: number): string {
    return `input Input${at} {
      id: ID
      text: String = "none" @settableBy(scopes: [["part${this.#upTo(scopes)}"]])
      enum: ${this.#any('Enum')}
      number: Int = 1
      ${at % 2 === 0 ? '' : `within: ${this.#any('Input')}`}
    }`;
  }

  #members(): string[] {
    return [...new Set(Array.from({ length: 4 }, () => this.#any('Object')))];
  }

  #each(kind: Kind): number[] {
    return Array.from({ length: this.#counts[kind] }, (_, at) => at);
  }

  #any(kind: Kind): string {
    return `${kind}${this.#upTo(this.#counts[kind])}`;
  }

  #upTo(end: number): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((this.#state / 2 ** 32) * end);
  }
}

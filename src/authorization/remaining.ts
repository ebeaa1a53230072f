/**
 * What is left of a schema when some of it is denied: what is of no use then goes as well, until all that is left is of
 * use. The time that it takes grows with what goes, and not with how far one thing leads to another.
 */
import {
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLField,
  type GraphQLFieldMap,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import { typesOf } from './read-schema.ts';

export type Holder = GraphQLObjectType | GraphQLInterfaceType;
export type Field = GraphQLField<unknown, unknown>;
export type Input = GraphQLArgument | GraphQLInputField;

/** A type, a field, an argument, an input field, or that a type belongs to a union or an interface. */
interface Part {
  /** What it is a part of. */
  readonly whole: Part | undefined;
  /** The whole goes with it; otherwise, with the last of its kind. */
  readonly isVital: boolean;
  /** What goes with it. */
  readonly users: Part[];
  /** How many parts it lives on. */
  livesOn: number;
}

/** How the parts of a schema depend on one another, whoever asks. */
export class Parts {
  readonly schema: GraphQLSchema;
  readonly types: readonly GraphQLNamedType[];
  readonly #ofElement = new Map<GraphQLNamedType | Field | Input, Part>();
  readonly #ofCoordinate = new Map<string, Part>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
    this.types = typesOf(schema);
    for (const type of this.types)
      this.#ofElement.set(type, { whole: undefined, isVital: false, users: [], livesOn: 0 });
    for (const type of this.types) this.#connect(type, this.of(type) as Part);
  }

  /** Undefined: nothing can take it away. */
  of(element: GraphQLNamedType | Field | Input): Part | undefined {
    return this.#ofElement.get(element);
  }

  /** Undefined for anything but a field of an object type, an argument of one, or an input field. */
  at(coordinate: string): Part | undefined {
    return this.#ofCoordinate.get(coordinate);
  }

  /** Types that have nothing to live on, whatever is denied. */
  bare(): Part[] {
    return this.types.flatMap((type) => {
      const part = this.of(type);
      return part?.livesOn === 0 && !isLeafType(type) ? [part] : [];
    });
  }

  #connect(type: GraphQLNamedType, part: Part): void {
    if (isUnionType(type)) for (const member of type.getTypes()) this.#part(part, member);
    if (isObjectType(type)) for (const implemented of type.getInterfaces()) this.#part(this.of(implemented), type);
    if (isObjectType(type)) {
      for (const field of Object.values(type.getFields())) this.#addField(`${type.name}.${field.name}`, field, part);
    } else if (isInterfaceType(type)) {
      // It lives on the types that implement it, and its fields are as theirs.
      for (const field of Object.values(type.getFields()))
        this.#ofElement.set(field, this.#part(undefined, field.type));
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        this.#add(`${type.name}.${field.name}`, field, this.#part(part, field.type, isRequiredInputField(field)));
      }
    }
  }

  #addField(coordinate: string, field: Field, holder: Part): void {
    const part = this.#add(coordinate, field, this.#part(holder, field.type));
    for (const arg of field.args) {
      const isRequired = isRequiredArgument(arg);
      this.#add(`${coordinate}(${arg.name}:)`, arg, this.#part(isRequired ? part : undefined, arg.type, isRequired));
    }
  }

  #add(coordinate: string, element: Field | Input, part: Part): Part {
    this.#ofElement.set(element, part);
    this.#ofCoordinate.set(coordinate, part);
    return part;
  }

  #part(whole: Part | undefined, type: GraphQLType, isVital = false): Part {
    const part: Part = { whole, isVital, users: none, livesOn: 0 };
    this.of(getNamedType(type))?.users.push(part);
    if (whole) whole.livesOn++;
    return part;
  }
}

/** Of all but types. */
const none: Part[] = [];

export class Remaining {
  readonly #parts: Parts;
  readonly #gone = new Set<Part>();
  /** How many of those are gone that a part lives on. */
  readonly #lost = new Map<Part, number>();

  /** @param denied coordinates of object fields, arguments and input fields. */
  constructor(parts: Parts, denied: readonly string[]) {
    this.#parts = parts;
    this.#remove([...parts.bare(), ...denied.flatMap((coordinate) => parts.at(coordinate) ?? [])]);
    // An interface is judged by its fields last: the fewer types implement it, the more fields they share.
    const interfaces = parts.types.filter(isInterfaceType);
    let bare: Part[];
    do {
      bare = interfaces
        .filter(
          (type) => this.has(type) && !Object.values(type.getFields()).some((field) => this.hasField(type, field)),
        )
        .flatMap((type) => parts.of(type) ?? []);
      this.#remove(bare);
    } while (bare.length > 0);
  }

  has(element: GraphQLNamedType | Field | Input): boolean {
    const part = this.#parts.of(element);
    return !part || !this.#gone.has(part);
  }

  /** An interface has its fields, and their arguments, where each type has them that implements it. */
  hasField(type: Holder, field: Field): boolean {
    return this.has(field) && this.#isShared(type, ({ [field.name]: own }) => own);
  }

  hasArgument(type: Holder, field: Field, arg: GraphQLArgument): boolean {
    return (
      this.has(arg) && this.#isShared(type, (fields) => fields[field.name]?.args.find(({ name }) => name === arg.name))
    );
  }

  /** The guards, and all that can stand in a schema only, are no client's to use. */
  hasDirective(directive: GraphQLDirective): boolean {
    if (isSpecifiedDirective(directive)) return true;
    return (
      directive.locations.some((location) => executable.has(location)) &&
      directive.args.every((arg) => !isRequiredArgument(arg) || this.has(getNamedType(arg.type)))
    );
  }

  #isShared(type: Holder, own: (fields: GraphQLFieldMap<unknown, unknown>) => Field | Input | undefined): boolean {
    if (!isInterfaceType(type)) return true;
    const { objects } = this.#parts.schema.getImplementations(type);
    return objects.every((object) => {
      const element = own(object.getFields());
      return !this.has(object) || !element || this.has(element);
    });
  }

  #remove(parts: readonly Part[]): void {
    const going = [...parts];
    for (let part = going.pop(); part; part = going.pop()) {
      if (this.#gone.has(part)) continue;
      this.#gone.add(part);
      for (const user of part.users) going.push(user);
      const { whole, isVital } = part;
      if (!whole) continue;
      const lost = (this.#lost.get(whole) ?? 0) + 1;
      this.#lost.set(whole, lost);
      if (isVital || lost === whole.livesOn) going.push(whole);
    }
  }
}

/** Where a directive can stand in a document. Source: GraphQL specification, ExecutableDirectiveLocation. */
const executable: ReadonlySet<string> = new Set([
  ...['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD'],
  ...['FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT', 'VARIABLE_DEFINITION'],
]);

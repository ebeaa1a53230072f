/**
 * What is left of a schema when some of it is denied. Parts that become useless go too, until every part left is of
 * use. The time grows with what goes, not with the length of the chains between parts.
 */
import {
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLField,
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
import { typesOf } from '../policy/read-schema.ts';

export type Holder = GraphQLObjectType | GraphQLInterfaceType;
export type Field = GraphQLField<unknown, unknown>;
export type Input = GraphQLArgument | GraphQLInputField;

/** A type, a field, an argument or an input field; or the membership of a type in a union or an interface. */
interface Part {
  /** What it is a part of. */
  readonly whole: Part | undefined;
  /** If true, the whole goes when this part goes. If not, the whole goes when all such parts are gone. */
  readonly isVital: boolean;
  /** The parts that go when this part goes. */
  readonly users: Part[];
  /** How many parts this part needs one of. */
  livesOn: number;
  /** The fields of an object or an interface. */
  readonly fields: Part[];
}

/** A field of an interface. */
interface SharedField {
  readonly holder: Part;
  readonly part: Part;
}

/** How the parts of a schema depend on one another. The viewer makes no difference. */
export class Parts {
  readonly schema: GraphQLSchema;
  readonly types: readonly GraphQLNamedType[];
  readonly #ofElement = new Map<GraphQLNamedType | Field | Input, Part>();
  readonly #ofCoordinate = new Map<string, Part>();
  readonly #shared = new Map<Part, SharedField[]>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
    this.types = typesOf(schema);
    for (const type of this.types)
      this.#ofElement.set(type, { whole: undefined, isVital: false, users: [], livesOn: 0, fields: [] });
    for (const type of this.types) this.#connect(type, this.of(type) as Part);
    for (const type of this.types.filter(isInterfaceType)) this.#share(type, this.of(type) as Part);
  }

  /** Undefined: nothing can remove it. */
  of(element: GraphQLNamedType | Field | Input): Part | undefined {
    return this.#ofElement.get(element);
  }

  /** Undefined for anything but a field of an object type, an argument of one, or an input field. */
  at(coordinate: string): Part | undefined {
    return this.#ofCoordinate.get(coordinate);
  }

  /** The interface fields that this field implements or is. */
  sharedBy(field: Part): readonly SharedField[] {
    return this.#shared.get(field) ?? [];
  }

  /** Types that lack what they need, whatever is denied. */
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
      // An interface needs an implementing type, and its fields follow those of the implementing types.
      for (const field of Object.values(type.getFields())) {
        const own = this.#part(undefined, field.type);
        this.#ofElement.set(field, own);
        part.fields.push(own);
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        this.#add(`${type.name}.${field.name}`, field, this.#part(part, field.type, isRequiredInputField(field)));
      }
    }
  }

  #addField(coordinate: string, field: Field, holder: Part): void {
    const part = this.#add(coordinate, field, this.#part(holder, field.type));
    holder.fields.push(part);
    for (const arg of field.args) {
      const isRequired = isRequiredArgument(arg);
      this.#add(`${coordinate}(${arg.name}:)`, arg, this.#part(isRequired ? part : undefined, arg.type, isRequired));
    }
  }

  #share(type: GraphQLInterfaceType, holder: Part): void {
    const fields = type.getFields();
    for (const sharer of [type, ...this.schema.getImplementations(type).objects]) {
      const own = sharer.getFields();
      for (const field of Object.values(fields)) {
        const part = this.of(own[field.name] as Field);
        if (!part) continue;
        const shared = this.#shared.get(part) ?? [];
        this.#shared.set(part, shared);
        shared.push({ holder, part: this.of(field) as Part });
      }
    }
  }

  #add(coordinate: string, element: Field | Input, part: Part): Part {
    this.#ofElement.set(element, part);
    this.#ofCoordinate.set(coordinate, part);
    return part;
  }

  #part(whole: Part | undefined, type: GraphQLType, isVital = false): Part {
    const part: Part = { whole, isVital, users: none, livesOn: 0, fields: none };
    this.of(getNamedType(type))?.users.push(part);
    if (whole) whole.livesOn++;
    return part;
  }
}

/** Only types have users and fields. */
const none: Part[] = [];

export class Remaining {
  readonly #parts: Parts;
  readonly #gone = new Set<Part>();
  /** By part: how many of the parts that it needs are gone. */
  readonly #lost = new Map<Part, number>();

  /** By a field of an interface: how many of the remaining objects lack that field. */
  readonly #lacking = new Map<Part, number>();
  /** By an interface: how many of its fields are hidden. */
  readonly #hidden = new Map<Part, number>();
  /** Interfaces that may have lost every field. */
  #suspects: Set<Part>;

  /** @param denied coordinates of object fields, arguments and input fields. */
  constructor(parts: Parts, denied: readonly string[]) {
    this.#parts = parts;
    this.#suspects = new Set(parts.types.filter(isInterfaceType).flatMap((type) => parts.of(type) ?? []));
    this.#remove([...parts.bare(), ...denied.flatMap((coordinate) => parts.at(coordinate) ?? [])]);
    // The fields of interfaces are judged last: the fewer types implement an interface, the more fields they share.
    while (this.#suspects.size > 0) {
      const bare = [...this.#suspects].filter((part) => (this.#hidden.get(part) ?? 0) === part.fields.length);
      this.#suspects = new Set();
      this.#remove(bare);
    }
  }

  has(element: GraphQLNamedType | Field | Input): boolean {
    const part = this.#parts.of(element);
    return !part || !this.#gone.has(part);
  }

  /** An interface keeps a field or an argument if every remaining type that implements it keeps it. */
  hasField(type: Holder, field: Field): boolean {
    const part = this.#parts.of(field);
    return this.has(field) && !(isInterfaceType(type) && part && this.#lacking.get(part));
  }

  hasArgument(type: Holder, field: Field, arg: GraphQLArgument): boolean {
    if (!this.has(arg) || !isInterfaceType(type)) return this.has(arg);
    return this.#parts.schema.getImplementations(type).objects.every((object) => {
      const own = object.getFields()[field.name]?.args.find(({ name }) => name === arg.name);
      return !this.has(object) || !own || this.has(own);
    });
  }

  /** No client can use the guards, or another directive that can stand in a schema only. */
  hasDirective(directive: GraphQLDirective): boolean {
    if (isSpecifiedDirective(directive)) return true;
    return (
      directive.locations.some((location) => executable.has(location)) &&
      directive.args.every((arg) => !isRequiredArgument(arg) || this.has(getNamedType(arg.type)))
    );
  }

  #remove(parts: readonly Part[]): void {
    const going = [...parts];
    for (let part = going.pop(); part; part = going.pop()) {
      if (this.#gone.has(part)) continue;
      this.#gone.add(part);
      this.#recount(part);
      for (const user of part.users) going.push(user);
      const { whole, isVital } = part;
      if (!whole) continue;
      const lost = (this.#lost.get(whole) ?? 0) + 1;
      this.#lost.set(whole, lost);
      if (isVital || lost === whole.livesOn) going.push(whole);
    }
  }

  /** Counts again for interfaces once a part has gone: a field, or an object with all that it lacked. */
  #recount(part: Part): void {
    for (const shared of this.#parts.sharedBy(part)) {
      if (shared.part === part) {
        if (!this.#lacking.get(part)) this.#hide(shared, 1);
      } else if (part.whole && !this.#gone.has(part.whole)) {
        this.#lack(shared, 1);
      }
    }
    for (const field of part.fields) {
      if (!this.#gone.has(field)) continue;
      for (const shared of this.#parts.sharedBy(field)) if (shared.part !== field) this.#lack(shared, -1);
    }
  }

  #lack(field: SharedField, by: 1 | -1): void {
    const before = this.#lacking.get(field.part) ?? 0;
    this.#lacking.set(field.part, before + by);
    const changes = before === 0 || before + by === 0;
    if (changes && !this.#gone.has(field.part)) this.#hide(field, by);
  }

  #hide({ holder }: SharedField, by: 1 | -1): void {
    const hidden = (this.#hidden.get(holder) ?? 0) + by;
    this.#hidden.set(holder, hidden);
    if (hidden === holder.fields.length) this.#suspects.add(holder);
  }
}

/** Where a directive can stand in a document. Source: GraphQL specification, ExecutableDirectiveLocation. */
const executable: ReadonlySet<string> = new Set([
  ...['QUERY', 'MUTATION', 'SUBSCRIPTION', 'FIELD'],
  ...['FRAGMENT_DEFINITION', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT', 'VARIABLE_DEFINITION'],
]);

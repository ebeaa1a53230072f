/** Hands back the object that it is given, so that a class can put private fields on it. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field is put on an object
    return object;
  }
}

export interface Stamps<Value> {
  read(object: unknown): Value | undefined;
  write(object: object, value: Value): void;
}

/**
 * Keeps a value on objects of others, by a private field: no copy takes it along, nobody else can read or write it, and it
 * lives as long as its object. A WeakMap would keep the object, and all that hangs on it, until the next full collection.
 */
export function stamps<Value>(): Stamps<Value> {
  class Stamp extends Given {
    #value: Value;

    constructor(object: object, value: Value) {
      super(object);
      this.#value = value;
    }

    static read(object: unknown): Value | undefined {
      return typeof object === 'object' && object !== null && #value in object ? object.#value : undefined;
    }

    static write(object: object, value: Value): void {
      if (#value in object) object.#value = value;
      else new Stamp(object, value);
    }
  }
  return Stamp;
}

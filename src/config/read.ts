/** Reads a table from an environment, and collects every fault. */
import { customCleanEnv, EnvError, makeExactValidator } from 'envalid';
import {
  isKey,
  type Key,
  keysOf,
  type NameIn,
  namesIn,
  refuse,
  type Table,
  type TextOf,
  type ValuesOf,
} from './key.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Fault {
  key: string;
  fault: string;
}

/** Returns the text of a file. */
export type ReadText = (file: string) => string;

export interface Reading<Whole extends Table> {
  readonly values: ValuesOf<Whole>;
  /** In the table's order. */
  faults(): Fault[];
  isSet(name: NameIn<Whole>): boolean;
  /** Whether a default replaced a faulty value. Rules between this key and another are not checked then. */
  isFaulty(name: NameIn<Whole>): boolean;
  /** Reports a fault under the key that gave the value. If a file held the value, that is the file's key. */
  report(name: NameIn<Whole>, fault: string): void;
}

/** An empty variable counts as unset. A faulty value is reported, and its default is taken. */
export function readTable<Whole extends Table>(table: Whole, env: Environment, readText: ReadText): Reading<Whole> {
  const keys = keysOf(table);
  const given = new Given(keys, env, readText);
  const specs = keys.map(({ name, type }) => [name, makeExactValidator(readable(type.parse))({ default: undefined })]);
  const cleaned: Record<string, unknown> = customCleanEnv(given.texts, Object.fromEntries(specs), (all) => all, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) {
        if (!(error instanceof EnvError)) throw error;
        given.report(name, error.message);
      }
    },
  });
  const defaults = new Defaults(keys, given.texts, cleaned);
  const order = namesIn(table) as readonly string[];
  const placeOf = ({ key }: Fault) => (order.includes(key) ? order.indexOf(key) : order.length);
  return {
    values: valuesOf(table, (key) => cleaned[key.name] ?? defaults.valueOf(key)) as ValuesOf<Whole>,
    faults: () => given.faults.toSorted((one, other) => placeOf(one) - placeOf(other)),
    isSet: (name) => given.isSet(name),
    isFaulty: (name) => given.faults.some(({ key }) => key === given.sourceOf(name)),
    report: (name, fault) => given.report(name, fault),
  };
}

/** The texts that are set, by key. */
class Given {
  readonly texts: Record<string, string> = {};
  readonly faults: Fault[] = [];
  readonly #env: Environment;
  /** By the key whose value the file holds. */
  readonly #files = new Map<string, { key: string; file: string }>();

  constructor(keys: readonly Key[], env: Environment, readText: ReadText) {
    this.#env = env;
    for (const { name, type, file } of keys) {
      const own = type.asWritten ? env[name] : env[name]?.trim();
      const text = file && env[file.name]?.trim() ? this.#fromFile(name, file.name, readText) : own;
      if (text) this.texts[name] = text;
    }
  }

  isSet(name: string): boolean {
    return name in this.texts || Boolean(this.#env[name]?.trim());
  }

  sourceOf(name: string): string {
    return this.#files.get(name)?.key ?? name;
  }

  report(name: string, fault: string): void {
    const from = this.#files.get(name);
    this.faults.push(from ? { key: from.key, fault: `"${from.file}" ${fault}` } : { key: name, fault });
  }

  /** Drops the line end that editors put after a secret. */
  #fromFile(name: string, key: string, readText: ReadText): string | null {
    if (this.#env[name]) {
      this.faults.push({ key, fault: `is set beside ${name}. Write one of them.` });
      return null;
    }
    const file = this.#env[key]?.trim() ?? '';
    this.#files.set(name, { key, file });
    try {
      const text = readText(file).replace(/\r?\n$/, '');
      if (text === '') this.report(name, 'is empty. Write the value into it.');
      return text;
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      this.report(name, `cannot be read (${code}). Write the path of a file that can.`);
      return null;
    }
  }
}

/** The default of each key. It applies where nothing valid is set. */
class Defaults {
  readonly #keys: readonly Key[];
  readonly #textOf: TextOf;

  constructor(
    keys: readonly Key[],
    texts: Readonly<Record<string, string>>,
    cleaned: Readonly<Record<string, unknown>>,
  ) {
    this.#keys = keys;
    this.#textOf = (name) => (cleaned[name] === undefined ? this.#default(this.#keyOf(name)) : texts[name]) ?? '';
  }

  valueOf(key: Key): unknown {
    const text = this.#default(key);
    return text === null ? null : key.type.parse(text);
  }

  #default({ default: given }: Key): string | null {
    if (given === null || typeof given === 'string') return given;
    if ('from' in given) return given.from(this.#textOf);
    return given[this.#textOf('NODE_ENV') === 'production' ? 'production' : 'development'];
  }

  #keyOf(name: string): Key {
    const found = this.#keys.find((key) => key.name === name);
    if (!found) throw new Error(`A default follows ${name}, which is no key of this table.`);
    return found;
  }
}

/** Node reads bytes that are not UTF-8 as U+FFFD. Several secrets would become one, which is easier to guess. */
function readable<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    const isLossy = text.includes('\ufffd');
    refuse(isLossy ? 'holds bytes that are not UTF-8. Write it in UTF-8, a random secret in Base64.' : null);
    return parse(text);
  };
}

function valuesOf(table: Table, read: (key: Key) => unknown): unknown {
  const entries = Object.entries(table).map(([property, node]) => [
    property,
    isKey(node) ? read(node) : valuesOf(node, read),
  ]);
  return Object.fromEntries(entries);
}

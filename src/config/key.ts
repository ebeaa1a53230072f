/** A key of the environment: its name, its accepted values, its default and a sentence. */
import { EnvError } from 'envalid';

/** Says what is wrong with a value and what to write instead; null if nothing is. */
export type Check = (text: string) => string | null;

export interface KeyType<Value> {
  /** Names the accepted values in the documents. */
  readonly words: string;
  /** @throws EnvError that says what is wrong with a text, and what to write instead. */
  readonly parse: (text: string) => Value;
  /** True: spaces around the text belong to the value. */
  readonly asWritten?: boolean;
}

/**
 * Text as the environment would spell it. The documents show a default that follows other keys by an example and in
 * words.
 */
export type Default =
  | string
  | { readonly development: string; readonly production: string }
  | { readonly from: (textOf: TextOf) => string; readonly shown: string; readonly words: string };

/** Returns the text of a key: what is set, or the default if nothing valid is set. */
export type TextOf = (name: string) => string;

interface Told {
  /** One sentence. */
  readonly says: string;
  /** What an operator would regret not to know. */
  readonly more?: string;
  /** The page of docs/ that tells the rest. */
  readonly see?: string;
}

interface KeyParts<Value> extends Told {
  readonly type: KeyType<Value>;
}

/** Another key, with the path of a file that holds the value. Container secrets are given this way. */
export interface FileKey<Name extends string> extends Told {
  readonly name: Name;
}

export interface Key<Name extends string = string, Value = unknown> extends KeyParts<Value> {
  readonly name: Name;
  /** Null: the value is null where nothing is set. */
  readonly default: Default | null;
  /** Describes what happens without a value, if there is no default. */
  readonly without?: string;
  /** What .env.example shows, if there is no default. */
  readonly example?: string;
  readonly file?: FileKey<Name>;
}

export function key<const Name extends string, Value>(
  name: Name,
  parts: KeyParts<Value> & { readonly default: Default },
): Key<Name, Value> {
  return { name, ...parts };
}

interface OptionalParts<Value, FileName extends string> extends KeyParts<Value> {
  readonly without: string;
  readonly example?: string;
  readonly file?: FileKey<FileName>;
}

/** A key whose value is null where nothing is set. */
export function optional<const Name extends string, Value, const FileName extends string = never>(
  name: Name,
  parts: OptionalParts<Value, FileName>,
): Key<Name | FileName, Value | null> {
  return { name, default: null, ...parts };
}

/** Keys, grouped as the configuration is. */
export interface Table {
  readonly [property: string]: Key | Table;
}

/** The values that reading a table gives. */
export type ValuesOf<Node> =
  Node extends Key<string, infer Value> ? Value : { readonly [Property in keyof Node]: ValuesOf<Node[Property]> };

export type NameIn<Node> =
  Node extends Key<infer Name> ? Name : { [Property in keyof Node]: NameIn<Node[Property]> }[keyof Node];

export function isKey(node: Key | Table): node is Key {
  return typeof node.name === 'string';
}

export function keysOf(table: Table): Key[] {
  return Object.values(table).flatMap((node) => (isKey(node) ? [node] : keysOf(node)));
}

/** Every variable name that is read, those of files included, in the table's order. */
export function namesIn<Whole extends Table>(table: Whole): readonly NameIn<Whole>[] {
  return keysOf(table).flatMap(({ name, file }) => (file ? [name, file.name] : [name])) as NameIn<Whole>[];
}

/** A type that takes every text in which the check finds no fault. */
export function checked(words: string, check: Check, asWritten = false): KeyType<string> {
  const parse = (text: string): string => {
    refuse(check(text));
    return text;
  };
  return { words, parse, asWritten };
}

/** @throws EnvError if there is a fault. */
export function refuse(fault: string | null): void {
  if (fault !== null) throw new EnvError(fault);
}

/** Refuses options that `createGuard` would otherwise ignore. A slip in them must not leave anything open. */
import { inspect } from 'node:util';
import { type GraphQLSchema, isObjectType } from 'graphql';
import { defaultLimits } from './compile-limits.ts';
import type { GuardOptions } from './options.ts';
import { isRootType } from './root-types.ts';

type Check = (value: unknown, name: string, schema: GraphQLSchema) => void;

/** By option: the check that refuses its value. Only `viewer` is mandatory. */
const checks: Readonly<Record<keyof GuardOptions<unknown>, Check>> = {
  viewer: isFunction,
  policies: isMap,
  owners: isOwners,
  reads: isMap,
  guards: isGuards,
  rows: isRows,
  scopes: isListOfStrings,
  foreignRows: isListOfTypes,
  denial: isOneOf('filter', 'reject', 'report'),
  denialErrors: isOneOf('once', 'each'),
  compile: isLimits,
  requestId: isFunction,
  introspection: isOneOf('full', 'visible'),
  onDenial: isFunction,
};

/** @throws TypeError for the first option that is unknown or has a wrong value. The message says what to write. */
export function checkOptions(schema: GraphQLSchema, options: unknown): void {
  if (!isObject(options)) {
    throw new TypeError(
      'createGuard needs options: write `createGuard(schema, { viewer: (context) => context.viewer })`.',
    );
  }
  refuseUnknown('option', Object.keys(options), Object.keys(checks));
  if (options.viewer === undefined) {
    throw new TypeError('createGuard needs the option `viewer`: a function that tells of a context who is asking.');
  }
  for (const [name, check] of Object.entries(checks)) {
    if (options[name] !== undefined) check(options[name], name, schema);
  }
}

function isFunction(value: unknown, name: string): void {
  if (typeof value !== 'function') refuse(name, value, 'a function');
}

function isOneOf(...known: readonly string[]): Check {
  const choice = known
    .map((one) => `\`${one}\``)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  return (value, name) => {
    if (!known.includes(value as string))
      throw new TypeError(`There is no ${name} \`${String(value)}\`: write ${choice}.`);
  };
}

function isMap(value: unknown, name: string): asserts value is Record<string, unknown> {
  if (!isPlain(value))
    refuse(name, value, 'a plain object by name, such as `{ name: … }`: no list, no Map, no instance');
}

function isOwners(value: unknown, name: string, schema: GraphQLSchema): void {
  isMap(value, name);
  for (const [type, lookUp] of Object.entries(value)) {
    if (!isObjectType(schema.getType(type))) {
      throw new TypeError(
        `\`owners\` names \`${type}\`, which is no object type of the schema: correct it, or leave it out.`,
      );
    }
    if (typeof lookUp !== 'function') refuse(`owners.${type}`, lookUp, 'a function, `async (ids, context) => owners`');
  }
}

const rowOptions = ['of', 'ask', 'now', 'idType', 'tenantType', 'unproved', 'onRow'];

function isRows(value: unknown, name: string): void {
  isMap(value, name);
  refuseUnknown('option of `rows`', Object.keys(value), rowOptions);
  isMap(value.of, 'rows.of');
  isFunction(value.ask, 'rows.ask');
  if (value.now !== undefined) isFunction(value.now, 'rows.now');
  if (value.onRow !== undefined) isFunction(value.onRow, 'rows.onRow');
  if (value.unproved !== undefined)
    isOneOf('hide', 'strict', 'report')(value.unproved, 'rows.unproved', undefined as never);
  for (const option of ['idType', 'tenantType']) {
    const type = value[option];
    if (type !== undefined && !(typeof type === 'string' && /^[a-z][a-z0-9_ ]*$/.test(type)))
      refuse(`rows.${option}`, type, 'the name of a type of PostgreSQL, such as `uuid` or `bigint`');
  }
}

function isGuards(value: unknown, name: string): void {
  isMap(value, name);
  for (const [coordinate, guards] of Object.entries(value)) {
    if (typeof guards !== 'string')
      refuse(`guards['${coordinate}']`, guards, "directives in a text, such as '@public'");
  }
}

function isListOfStrings(value: unknown, name: string): void {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    refuse(name, value, "a list of strings, such as `['task:read']`");
  }
}

function isListOfTypes(value: unknown, name: string, schema: GraphQLSchema): void {
  isListOfStrings(value, name);
  for (const type of value as readonly string[]) {
    const found = schema.getType(type);
    if (isObjectType(found) && !isRootType(schema, found)) continue;
    throw new TypeError(
      `\`${name}\` names \`${type}\`, which is no object type of rows in the schema: correct it, or leave it out.`,
    );
  }
}

function isLimits(value: unknown, name: string): void {
  if (value === false) return;
  if (!isPlain(value))
    refuse(name, value, 'false, or an object of bounds; to compile by the default bounds, leave it out');
  refuseUnknown('bound of `compile`', Object.keys(value), Object.keys(defaultLimits));
  for (const [bound, limit] of Object.entries(value)) {
    const isTime = bound === 'milliseconds';
    if (typeof limit !== 'number' || !(limit > 0) || !(isTime ? Number.isFinite(limit) : Number.isSafeInteger(limit))) {
      refuse(`compile.${bound}`, limit, `a ${isTime ? 'finite' : 'whole'} number above 0`);
    }
  }
}

function refuseUnknown(kind: string, names: readonly string[], known: readonly string[]): void {
  for (const name of names.filter((one) => !known.includes(one))) {
    const start = name.slice(0, 4).toLowerCase();
    const meant = known.find((one) => one.toLowerCase().startsWith(start));
    const hint = meant && start.length > 3 ? ` Did you mean \`${meant}\`?` : '';
    const all = known.map((one) => `\`${one}\``).join(', ');
    throw new TypeError(`There is no ${kind} \`${name}\`.${hint} There are ${all}.`);
  }
}

function refuse(name: string, value: unknown, wanted: string): never {
  throw new TypeError(
    `The option \`${name}\` must be ${wanted}; it is ${inspect(value, { depth: 0, maxArrayLength: 3, maxStringLength: 50, breakLength: Number.POSITIVE_INFINITY })}.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is a literal or has no prototype. Then it holds its own names alone. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

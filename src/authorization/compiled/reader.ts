/**
 * Reads rows into the response without calls: fields that are properties of their rows, as deep as they go. Most of
 * what a list takes is here. Whatever graphql-js might answer in another way is a doubt.
 *
 * The code that makes an object is generated, so that the engine knows its shape. Nothing that a client wrote is in it
 * but response keys, which are names by the grammar (see flatten.ts), quoted.
 */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLID,
  GraphQLInt,
  type GraphQLLeafType,
  type GraphQLNamedOutputType,
  GraphQLNonNull,
  type GraphQLOutputType,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { isOwnId, ownerIn } from '../rules/owner-id.ts';
import { ownerPath } from '../vocabulary/owner.ts';
import { isAbandoned } from './denied-rows.ts';
import type { FlatField } from './flatten.ts';
import type { LowerScope } from './lower.ts';
import { type Reading, readingOf } from './resolver-readings.ts';
import type { Run } from './run.ts';
import type { Place } from './selected-field.ts';

/** Where it cannot answer, it tells the run of a doubt and goes on, so that no promise is left alone. */
export type Read = (value: unknown, run: Run) => unknown;

export interface Reader {
  readonly read: Read;
  /** Whether denials may depend on rows: then `run.place` and `run.viewerId` are needed. */
  readonly asksRows: boolean;
  /** What is denied whatever the row, and not read at all. */
  readonly denied: readonly ReadPlace[];
}

export type ReadPlace = Pick<Place, 'field' | 'nodes' | 'guarded' | 'path'>;

/** Properties that compiled code must not take for fields. */
export const unreadable: ReadonlySet<string> = new Set(['length', '__proto__']);

class NotReadable extends Error {}

/** How what a field returns is read; null, if something beneath it takes a call. `path`: the field's own. */
export function readerOf(
  flat: FlatField,
  path: readonly string[],
  scope: LowerScope & { readonly rootType: string },
): Reader | null {
  const denied: ReadPlace[] = [];
  let asksRows = false;
  try {
    if (!flat.field || !flat.branches) return null;
    const read = typeReader(flat.field.type, flat, path);
    return { read, asksRows, denied };
  } catch (error) {
    if (error instanceof NotReadable) return null;
    throw error;
  }

  function typeReader(type: GraphQLOutputType, of: FlatField, at: readonly string[], reading?: Reading): Read {
    if (isNonNullType(type)) {
      const read = typeReader(type.ofType, of, at, reading);
      return (value, run) => read(value, run) ?? doubt(run);
    }
    if (isListType(type)) return listReader(typeReader(type.ofType, of, [...at, '@'], reading), at.length);
    const named = type as GraphQLNamedOutputType;
    if (isLeafType(named)) return leafReader(named, reading);
    const [selected, ...others] = of.branches ?? [];
    if (!selected || others.length > 0 || !isObjectType(named) || named.isTypeOf) throw new NotReadable();
    if (named.name === scope.rootType) throw new NotReadable();
    return objectReader(selected[1], at);
  }

  function objectReader(fields: readonly FlatField[], at: readonly string[]): Read {
    const owners: string[] = [];
    const reads: Read[] = [];
    const places: ReadPlace[] = [];
    const writers: ((value: string) => unknown)[] = [];
    const helpers: string[] = [];
    const members = fields.map((selected, i) => {
      const { type, field, nodes } = selected;
      const key = JSON.stringify(selected.key);
      if (!field) return `${key}: ${JSON.stringify(type.name)}`;
      const guard = scope.guardedField(selected);
      const verdict = guard && scope.verdictOf(guard.requirement);
      if (guard?.takesGuardedInputs || unreadable.has(field.name)) throw new NotReadable();
      const guarded = verdict?.allows === true ? null : guard;
      const place = { field, nodes, guarded, path: [...at, selected.key] };
      if (guarded && isNonNullType(field.type)) throw new NotReadable();
      if (verdict?.allows === false) {
        denied.push(place);
        return `${key}: null`;
      }
      reads[i] = fieldReader(selected, field, place);
      places[i] = place;
      const property = `row[${JSON.stringify(field.name)}]`;
      const resolve = scope.resolverOf(selected);
      const ready = resolve ? null : readyTest(field.type);
      const written = ready ? null : writerOf(field.type, readingOf(resolve));
      if (written) {
        writers[i] = written;
        helpers.push(`const write${i} = ${writerCode(i, !isNonNullType(field.type))};`);
      }
      let value = `reads[${i}](${property}, run)`;
      if (ready) value = `(value = ${property}, ${ready}) ? value : reads[${i}](value, run)`;
      else if (written) value = `write${i}(${property}, run)`;
      if (!guarded) return `${key}: ${value}`;
      if (verdict?.allows !== null) throw new NotReadable();
      const test = ownerTest(verdict.open);
      if (!owners.includes(test)) owners.push(test);
      return `${key}: isOwner${owners.indexOf(test)} ? ${value} : deny(places[${i}], run)`;
    });
    asksRows ||= owners.length > 0;
    const code = `${helpers.join('\n')}
      return (row, run) => {
        if (row === null || row === undefined) return null;
        if (typeof row !== 'object' || row instanceof Error || isAbandoned(row)) return doubt(run);
        if (isForeign(row)) return doubt(run);
        ${owners.map((test, i) => `let isOwner${i} = false; try { isOwner${i} = ${test}; } catch { doubt(run); }`).join('\n')}
        let value;
        return { ${members.join(', ')} };
      };`;
    const known = { reads, writers, places, deny, doubt, isAbandoned, isForeign, isOwnId, ownerIn };
    return new Function(...Object.keys(known), code)(...Object.values(known));
  }

  function fieldReader(selected: FlatField, field: Place['field'], { path: own }: ReadPlace): Read {
    const resolve = scope.resolverOf(selected);
    const reading = readingOf(resolve);
    if ((resolve && !reading) || scope.isMethod(field)) throw new NotReadable();
    const read = typeReader(field.type, selected, own, reading);
    const isPreloaded = reading?.kind === 'preloaded';
    return (value, run) => {
      if (typeof value === 'function') return method(run, field);
      if (isPreloaded && (value === null || value === undefined)) return doubt(run);
      return read(value, run);
    };
  }
}

/** Names of an enum, one after the other. */
const maxCompared = 8;

/** In generated code: whether the row is the viewer's own, as the rules of `open` decide it (rules/owner.ts). It may throw. */
function ownerTest(open: Requirement): string {
  const alternatives = open.map((alternative) =>
    alternative.map((condition) => {
      if (condition.kind !== 'owner') throw new NotReadable();
      const path = ownerPath(condition.field);
      const owner = path.length === 1 ? `row[${JSON.stringify(path[0])}]` : `ownerIn(row, ${JSON.stringify(path)})`;
      return `isOwnId(${owner}, run.viewerId)`;
    }),
  );
  return `run.viewerId !== null && (${alternatives.map((each) => each.join(' && ')).join(' || ')})`;
}

function deny({ path, guarded, nodes }: ReadPlace, run: Run): null {
  const place = path.map((step, i) => (step === '@' ? (run.place[i] as number) : step));
  if (guarded) run.denied.push({ guarded, nodes, path: place });
  return null;
}

/** @param at how deep in the response its items stand. */
function listReader(read: Read, at: number): Read {
  return (items, run) => {
    if (items === null || items === undefined) return null;
    if (!Array.isArray(items)) {
      // Other iterables may be read once only, and graphql-js has to read them then.
      isAbandoned(items);
      return doubt(run);
    }
    const list: unknown[] = [];
    for (let i = 0; i < items.length; i++) {
      run.place[at] = i;
      list.push(read(items[i], run));
    }
    return list;
  };
}

function leafReader(type: GraphQLLeafType, reading: Reading | undefined): Read {
  const convert = reading?.kind === 'converted' ? reading.convert : null;
  return (value, run) => {
    if (value === null || value === undefined) return null;
    try {
      const made = convert ? convert(value) : value;
      if (made === null || made === undefined) return null;
      if (typeof made === 'object' && (made instanceof Error || isAbandoned(made))) return doubt(run);
      const serialized = type.serialize(made);
      if (serialized !== null && serialized !== undefined && !Number.isNaN(serialized)) return serialized;
    } catch {
      // graphql-js will meet it again, and report it.
    }
    return doubt(run);
  };
}

/** As graphql-js makes them. A program may replace one, and then a call has to tell. */
const ownSerializers: ReadonlyMap<GraphQLLeafType, GraphQLLeafType['serialize']> = new Map(
  [GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt].map((scalar) => [scalar, scalar.serialize]),
);

/** In generated code: whether `value` goes into the response as it is, which most do. Null: a call has to tell. */
function readyTest(type: GraphQLOutputType): string | null {
  if (!isNonNullType(type)) {
    const test = readyTest(new GraphQLNonNull(type));
    return test && `value === null || ${test}`;
  }
  const named = type.ofType;
  if (isLeafType(named) && !isEnumType(named) && ownSerializers.get(named) !== named.serialize) return null;
  if (named === GraphQLString || named === GraphQLID) return `typeof value === 'string'`;
  if (named === GraphQLBoolean) return `typeof value === 'boolean'`;
  // 32 bits.
  if (named === GraphQLInt) return `typeof value === 'number' && value === (value | 0)`;
  if (!isEnumType(named) || named.serialize !== GraphQLEnumType.prototype.serialize) return null;
  const names = named.getValues().map(({ name, value }) => (name === value ? name : null));
  if (names.length > maxCompared || names.includes(null)) return null;
  return names.map((name) => `value === ${JSON.stringify(name)}`).join(' || ');
}

/** What makes of a text how it goes into the response, which is a text, or a call has to tell; null, where there are no leaves. */
function writerOf(type: GraphQLOutputType, reading: Reading | null | undefined): ((value: string) => unknown) | null {
  const named = isNonNullType(type) ? type.ofType : type;
  if (!isLeafType(named) || reading?.kind === 'preloaded') return null;
  const convert = reading?.kind === 'converted' ? reading.convert : null;
  if (!convert) return (value) => named.serialize(value);
  const isText = named === GraphQLString || named === GraphQLID;
  if (isText && ownSerializers.get(named) === named.serialize) return convert;
  return (value) => {
    const made = convert(value);
    return typeof made === 'string' ? named.serialize(made) : null;
  };
}

/** A function of each field's own, which the engine optimizes for what that field calls. What is no text, a call has to tell. */
function writerCode(i: number, isNullable: boolean): string {
  return `(value, run) => {
    ${isNullable ? 'if (value === null) return null;' : ''}
    if (typeof value === 'string') {
      try {
        const written = writers[${i}](value);
        if (typeof written === 'string') return written;
      } catch {}
    }
    return reads[${i}](value, run);
  }`;
}

/** It is to be called; the next time the operation is compiled, it will be. */
function method(run: Run, field: Place['field']): null {
  run.parts.methods.add(field);
  return doubt(run);
}

function doubt(run: Run): null {
  run.doubted = true;
  return null;
}

/**
 * Turns an operation and its verdicts into a schema and a document that are safe for graphql-jit. graphql-jit writes
 * its input into JavaScript: a client's literals could become code, and joined names can collide. A getter that throws
 * can end the process.
 *
 * So response keys are all that reaches it of a client's text, and by the grammar they are names. Arguments,
 * variables, fragments and conditions are settled before. Every resolver and every row passes through run.ts and
 * denied-rows.ts.
 */

import {
  type DocumentNode,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLLeafType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  type GraphQLTypeResolver,
  GraphQLUnionType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionNode,
} from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import type { GuardedField } from '../deciding/guarded-field.ts';
import type { Verdict } from '../deciding/verdict.ts';
import { listLevels } from '../request/selections.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { Doubt, isAbandoned, readRows } from './denied-rows.ts';
import { type FlatField, NotFlat } from './flatten.ts';
import type { Reading } from './resolver-readings.ts';
import { type Accept, type Run, resolveField, resolveType } from './run.ts';
import { type Link, type Place, type Resolver, RowDenial, type RowRule } from './selected-field.ts';

export interface LowerScope {
  readonly verdictOf: (requirement: Requirement) => Verdict;
  readonly guardedField: (field: FlatField) => GuardedField | null;
  readonly resolverOf: (field: FlatField) => Resolver | undefined;
  readonly readingOf: (field: FlatField) => Reading | undefined;
}

export type ReadPlace = Pick<Place, 'field' | 'nodes' | 'guarded' | 'path'>;

/** Properties that compiled code must not take for fields. */
const unreadable: ReadonlySet<string> = new Set(['length', '__proto__']);

export interface Lowered {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  /** By name: the leaf types of the operation. */
  readonly leaves: ReadonlyMap<string, GraphQLLeafType>;
  /** Places that are denied whatever the row, and not read. */
  readonly denied: readonly ReadPlace[];
}

/** Where fields stand. */
interface Position {
  readonly typeName: string;
  readonly link: Link | undefined;
  readonly path: readonly string[];
  /** Whether the type is known beforehand, here and everywhere above. */
  readonly isCertain: boolean;
  /** Collects the rules for the rows here. Null where rows cannot be asked beforehand. */
  readonly rules: Map<Requirement, RowRule> | null;
}

/** A denied field becomes a property that no row has. */
const deniedLeaf = new GraphQLScalarType({ name: '__Denied' });

/** @throws NotFlat for what compiled code could not answer as graphql-js does. */
export function lower(root: readonly FlatField[], rootType: string, scope: LowerScope): Lowered {
  const fields = new Map<string, Record<string, GraphQLFieldConfig<unknown, Run>>>();
  const types = new Map<string, GraphQLObjectType>();
  const leaves = new Map<string, GraphQLLeafType>([[deniedLeaf.name, deniedLeaf]]);
  const conversions = new Map<Place['field'], GraphQLLeafType>();
  const denied: ReadPlace[] = [];
  let names = 0;

  const query = objectType(rootType);
  const nodes = lowerFields(root, { typeName: rootType, link: undefined, path: [], isCertain: true, rules: null });
  const schema = new GraphQLSchema({ query, types: [...types.values()], assumeValid: true });
  return { schema, document: documentOf(nodes), leaves, denied };

  function lowerFields(selected: readonly FlatField[], at: Position): FieldNode[] {
    return selected.map((flat) => {
      return flat.field ? lowerField(flat, flat.field, at) : fieldNode(flat.key, '__typename');
    });
  }

  function lowerField(flat: FlatField, field: Place['field'], at: Position): FieldNode {
    const { key, type, nodes } = flat;
    const link = { key, typename: type.name, prev: at.link };
    const guard = scope.guardedField(flat);
    const verdict = guard && scope.verdictOf(guard.requirement);
    const guarded = verdict?.allows === true && !guard?.takesGuardedInputs ? null : guard;
    const path = [...at.path, key];
    const own = scope.resolverOf(flat);
    const place: Place = {
      type,
      field,
      nodes,
      resolve: own,
      link,
      path,
      guarded,
      askedOfParent: at.rules,
    };

    if (verdict?.allows === false && !guard?.takesGuardedInputs && at.isCertain) {
      if (isNonNullType(field.type)) throw new NotFlat('What is denied takes its parent with it.');
      denied.push(place);
      return fieldNode(key, addField(at.typeName, { type: deniedLeaf }));
    }
    const { returned, selected, rules } = lowerReturned(flat, place, at);
    const reading = scope.readingOf(flat);
    const isNamed = at.link && !unreadable.has(field.name);
    const isLeaf = isNamed && (!own || reading?.kind === 'converted') && isLeafType(getNullableType(field.type));
    if (isLeaf && (!guarded || mark(key, place, verdict, at))) {
      const type = reading?.kind === 'converted' ? convertedType(place, reading.convert) : returned;
      addField(at.typeName, { type }, field.name);
      return fieldNode(key, field.name);
    }
    // A missing row breaks the non-null, and graphql-js answers then. Rows with rules are asked by a call.
    const isPreloaded = isNamed && reading?.kind === 'preloaded' && isSingleNonNull(field.type);
    if (isPreloaded && !guarded && rules.size === 0) {
      addField(at.typeName, { type: returned }, field.name);
      return fieldNode(key, field.name, selected);
    }
    const [rowRules, lists] = [[...rules.values()], listLevels(field.type).length];
    const resolve = fieldResolver(place, (value, { parts }) =>
      readRows(value, lists, rowRules, parts.operation.context),
    );
    return fieldNode(key, addField(at.typeName, { type: returned, resolve }), selected);
  }

  /** The type that a field returns, with its selected fields and the rules for its rows. */
  function lowerReturned(flat: FlatField, place: Place, at: Position) {
    const { type } = place.field;
    const named = getNamedType(type);
    const rules = new Map<Requirement, RowRule>();
    if (isLeafType(named)) {
      leaves.set(named.name, named);
      return { returned: type, selected: [], rules };
    }
    const below = { link: place.link, path: [...place.path, ...listLevels(type)] };
    const branches = [...(flat.branches ?? [])];
    for (const [member] of branches) {
      if (member.isTypeOf) throw new NotFlat('Its type is asked for each value.');
      // The type is read without a look at the row.
      if (member.name === rootType) throw new NotFlat('It returns its root type.');
    }
    if (!isAbstractType(named)) {
      const selected = branches.flatMap(([{ name }, inner]) =>
        lowerFields(inner, { ...below, typeName: name, isCertain: at.isCertain, rules }),
      );
      return { returned: rewrap(type, objectType(named.name)), selected, rules };
    }
    const isCertain = at.isCertain && branches.length === 1;
    const selected = branches.map(([{ name }, inner]) =>
      fragmentNode(name, lowerFields(inner, { ...below, typeName: name, isCertain, rules: null })),
    );
    const union = new GraphQLUnionType({
      name: `__U${names++}`,
      types: branches.map(([{ name }]) => objectType(name)),
      resolveType: typeResolverOf(place, named),
    });
    return { returned: rewrap(type, union), selected, rules };
  }

  /** Whether the rows here can be asked for the field beforehand. If so, the rule is added. */
  function mark(key: string, { guarded, field, nodes }: Place, verdict: Verdict | null, { rules }: Position): boolean {
    if (!guarded || guarded.takesGuardedInputs || !rules || isNonNullType(field.type)) return false;
    if (verdict?.allows !== null || !verdict.open.flat().every(({ kind }) => kind === 'owner')) return false;
    const asked = rules.get(guarded.requirement) ?? { rule: verdict.rule, marks: new Map<string, RowDenial>() };
    rules.set(guarded.requirement, asked);
    const denial = asked.marks.get(field.name) ?? new RowDenial();
    asked.marks.set(field.name, denial);
    denial.fields.set(key, { guarded, nodes });
    return true;
  }

  /** The type of a leaf that is converted from what the row holds. */
  function convertedType({ field }: Place, convert: (value: unknown) => unknown): GraphQLOutputType {
    const leaf = getNullableType(field.type) as GraphQLLeafType;
    let type = conversions.get(field);
    if (!type) {
      // graphql-js answers what is converted to null, and does not ask the scalar.
      const serialize = (value: unknown) => leaf.serialize(convert(value) ?? unanswered());
      type = new GraphQLScalarType({ name: `__C${names++}`, serialize });
      conversions.set(field, type);
      leaves.set(type.name, type);
    }
    return rewrap(field.type, type);
  }

  function addField(typeName: string, config: GraphQLFieldConfig<unknown, Run>, name = `__g${names++}`): string {
    const known = fields.get(typeName) ?? {};
    known[name] = config;
    fields.set(typeName, known);
    return name;
  }

  function objectType(name: string): GraphQLObjectType {
    let type = types.get(name);
    if (!type) {
      const isTypeOf = name === rootType ? undefined : isRow;
      type = new GraphQLObjectType({ name, fields: () => fields.get(name) ?? {}, isTypeOf });
      types.set(name, type);
    }
    return type;
  }
}

// These functions are made outside `lower`, so that compiled code does not keep that schema alive.

function fieldResolver(place: Place, accept: Accept): GraphQLFieldResolver<unknown, Run> {
  return (parent, _args, run, info) => resolveField(place, { parent, accept }, run, info.path);
}

function unanswered(): never {
  throw new Doubt();
}

function typeResolverOf(place: Place, abstract: GraphQLAbstractType): GraphQLTypeResolver<unknown, Run> {
  return (value, run, { path }) => resolveType(place, { value, abstract }, run, path);
}

/**
 * Whether compiled code may read the properties of the value. graphql-js waits for promises, calls functions, and
 * refuses aliases on foreign rows.
 */
function isRow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isForeign(value) && !isAbandoned(value);
}

/** The lists and non-nulls of a type, around another type. */
function rewrap(type: GraphQLOutputType, named: GraphQLOutputType): GraphQLOutputType {
  if (isNonNullType(type)) return new GraphQLNonNull(rewrap(type.ofType, named) as never);
  return isListType(type) ? new GraphQLList(rewrap(type.ofType, named)) : named;
}

function isSingleNonNull(type: GraphQLOutputType): boolean {
  return isNonNullType(type) && isObjectType(type.ofType);
}

function nameNode(value: string) {
  return { kind: Kind.NAME, value } as const;
}

function fieldNode(key: string, name: string, selections: readonly SelectionNode[] = []): FieldNode {
  const selectionSet = { kind: Kind.SELECTION_SET, selections } as const;
  return {
    kind: Kind.FIELD,
    alias: nameNode(key),
    name: nameNode(name),
    ...(selections.length > 0 && { selectionSet }),
  };
}

function fragmentNode(typeName: string, selections: readonly SelectionNode[]): SelectionNode {
  const typeCondition = { kind: Kind.NAMED_TYPE, name: nameNode(typeName) } as const;
  return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function documentOf(selections: readonly SelectionNode[]): DocumentNode {
  const selectionSet = { kind: Kind.SELECTION_SET, selections } as const;
  const operation = { kind: Kind.OPERATION_DEFINITION, operation: OperationTypeNode.QUERY, selectionSet } as const;
  return { kind: Kind.DOCUMENT, definitions: [operation] };
}

/**
 * The type of a row decides which guards it meets. A row of another service tells its type by `__typename` alone. The
 * client can name every other key, and this one too if an alias says so.
 */
import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import type { Executions } from '../deciding/executions.ts';
import { after, type MaybePromise } from '../rules/evaluate.ts';
import { maskedFault } from '../rules/fault.ts';
import { isForeign } from '../rules/foreign-rows.ts';
import { askingInfo, toldType, toldWhether } from './told-types.ts';

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** By the resolver that replaced it: the author's resolver of a type. */
const authors = new WeakMap<TypeResolver, TypeResolver | null>();

/** Compiled code asks this resolver itself, for rows that are not foreign. Null: `__typename` tells the type. */
export function authorsTypeResolver({ resolveType }: GraphQLAbstractType): TypeResolver | null {
  const known = resolveType && authors.get(resolveType);
  return known === undefined ? (resolveType ?? null) : known;
}

/** Changes the types of `guarded`. `foreignRows` names types whose rows are foreign though nothing marks them. */
export function guardTypeResolvers(
  guarded: GraphQLSchema,
  foreignRows: readonly string[],
  executions: Executions,
): void {
  for (const type of Object.values(guarded.getTypeMap())) {
    if (isAbstractType(type)) {
      const author = type.resolveType;
      const possible = guarded.getPossibleTypes(type);
      const mayBeForeign = possible.some(({ name }) => foreignRows.includes(name));
      const asksTypes = possible.some(({ isTypeOf }) => isTypeOf);
      type.resolveType = (value, context, info, abstract) => {
        const custom = author ?? executions.operation(context, info).args?.typeResolver ?? defaultTypeResolver;
        const row = toldRow(value, mayBeForeign, info);
        const told = custom(row, context, asksTypes ? askingInfo(info) : info, abstract ?? type);
        return after(told as MaybePromise<unknown>, (name) => toldType(name, { value, type, abstract, info }));
      };
      if (!mayBeForeign) authors.set(type.resolveType, author ?? null);
    } else if (isObjectType(type) && type.isTypeOf) {
      const { isTypeOf, name } = type;
      const isForeignType = foreignRows.includes(name);
      type.isTypeOf = (value, context, info) => {
        const answer = isTypeOf(toldRow(value, isForeignType, info), context, info);
        return after(answer, (whether) => toldWhether(whether, { value, typeName: name, info }));
      };
    }
  }
}

/** The row. A foreign row shows its `__typename` alone. */
function toldRow(value: unknown, mayBeForeign: boolean, info: GraphQLResolveInfo | undefined): unknown {
  const isHidden = typeof value === 'object' && value !== null && (mayBeForeign || isForeign(value));
  if (!isHidden) return value;
  return new Proxy(value, {
    get: (row, key) => readTold(row, key, info),
    has: (row, key) => readTold(row, key, info) !== undefined,
    ownKeys: (row) => readTold(row, 'its keys', info) as [],
  });
}

/**
 * @param info graphql-jit leaves it out where it calls `isTypeOf`. It is unknown then what the client named
 * `__typename`.
 */
function readTold(row: object, key: string | symbol, info: GraphQLResolveInfo | undefined): unknown {
  if (key === '__typename' && info && renamesTypeName(info)) {
    throw new GraphQLError(
      'An operation must not give another field the name `__typename`: it tells the type of a row.',
      {
        nodes: info.fieldNodes,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  }
  if ((key === '__typename' && info) || typeof key === 'symbol') return Reflect.get(row, key);
  const place = info ? ` at \`${info.parentType}.${info.fieldName}\`` : '';
  const message =
    `The type of a row${place} cannot be told by \`${key}\`: another service keyed the row by the client's aliases. ` +
    (info
      ? 'Tell it by `__typename`.'
      : 'This executor does not tell `isTypeOf` of the operation: use `guard.execute`.');
  throw maskedFault(new TypeError(message));
}

const renaming = new WeakMap<OperationDefinitionNode, boolean>();

function renamesTypeName({ operation, fragments }: GraphQLResolveInfo): boolean {
  let renames = renaming.get(operation);
  if (renames === undefined) {
    renames = false;
    for (const definition of [operation, ...Object.values(fragments)]) {
      visit(definition, {
        [Kind.FIELD]: ({ alias, name }) => {
          if (alias?.value === '__typename' && name.value !== '__typename') renames = true;
        },
      });
    }
    renaming.set(operation, renames);
  }
  return renames;
}

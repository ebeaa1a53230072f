/** The expectations of the permission matrix and of the tables of types and inputs, as questions to a guard. */
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
} from 'graphql';
import { nouns } from '../../../src/api/nouns.ts';
import type { Guard } from '../../../src/authorization/guard.ts';
import { allScopes, scopesOfRole } from '../../../src/users/scopes.ts';
import { answerTo, columns, denialOf, type Row, rows } from '../../e2e/permission-matrix.table.ts';
import { type Allows, anyone, type Column, signedIn, type Target } from '../../nouns/noun-table.ts';
import { tables } from '../../nouns/tables.ts';
import { type Context, typesReached } from './mutation-check.world.ts';

export interface Expectation {
  /** A text such as `Task.notes, other: USER without a scope`. */
  readonly told: string;
  /** The coordinates that it asks for. Skip it if the guard requires the same there as another guard. */
  readonly coordinates: readonly string[];
  readonly document: DocumentNode;
  readonly variableValues: Record<string, unknown>;
  readonly viewer: Context['viewer'];
  isMet(result: ExecutionResult): boolean;
}

/** What each type asks of whoever is given one: those of every noun, and what the tables of nouns say. */
export const reached: Readonly<Record<string, Allows>> = Object.assign(
  { InputError: anyone, Node: signedIn, PageInfo: signedIn },
  ...tables.map((table) => table.reached),
);

/** The guarded inputs of all nouns. */
export const supplied: NonNullable<(typeof tables)[number]['supplied']> = Object.assign(
  {},
  ...tables.map((table) => table.supplied),
);

/** @param schema the server's. */
export function expectationsOf(schema: GraphQLSchema): Expectation[] {
  return [...ofMatrix(schema), ...ofTypes(schema), ...ofInputs()];
}

/** The first expectation that a guard does not meet; null if it meets all. */
export async function firstUnmet(guard: Guard, expected: readonly Expectation[]): Promise<Expectation | null> {
  for (const one of expected) {
    const { document, variableValues, viewer } = one;
    if (!one.isMet(await guard.execute({ document, variableValues, contextValue: { viewer } }))) return one;
  }
  return null;
}

/** Without cells that services decide: `0`, and the rows of a list. */
function ofMatrix(schema: GraphQLSchema): Expectation[] {
  return rows.flatMap((row) => {
    const { query, path } = questionOf(row, schema);
    const document = parse(query);
    return columns.flatMap((column): Expectation[] => {
      const answer = answerTo(row, column);
      const { cell } = answer;
      if (cell === '0') return [];
      const isMet =
        cell === '+' || cell === 'E'
          ? isAllowed
          : ({ errors = [] }: ExecutionResult) =>
              errors.length === 1 && isSame(errors[0]?.toJSON(), denialOf(answer, path));
      const asking = asked(row.coordinate, { ...row, name: column.name, viewer: askerOf(column) });
      return [{ ...asking, coordinates: [row.coordinate], document, isMet }];
    });
  });
}

function ofTypes(schema: GraphQLSchema): Expectation[] {
  return typesReached(schema).flatMap((type) => {
    const fields = isInterfaceType(type) ? [] : Object.values(type.getFields());
    const places = fields.map(({ name, type }) => [name, `${name} ${selectionOf(type)}`] as const);
    return [['__typename', '__typename'] as const, ...places].flatMap(([name, selection]) => {
      const coordinate = `${type.name}.${name}`;
      const allows = reached[coordinate] ?? reached[type.name];
      const query = `query ($id: ID!) { reach${type.name}(id: $id) { ${selection} } }`;
      return allows ? ofAllows({ coordinate, query, allows }, [coordinate, `Query.reach${type.name}`]) : [];
    });
  });
}

function ofInputs(): Expectation[] {
  return Object.entries(supplied).flatMap(([coordinate, { query, allows }]) =>
    ofAllows({ coordinate, query, allows }, [coordinate]),
  );
}

function ofAllows(
  { coordinate, query, allows }: { coordinate: string; query: string; allows: Allows },
  coordinates: readonly string[],
): Expectation[] {
  const document = parse(query);
  return askers.flatMap((viewer) =>
    (['own', 'other'] as const).map((target) => {
      const { roles: [role = null] = [], scopes = [] } = viewer ?? {};
      const mayPass = allows({ role, scopes, owns: target === 'own' });
      const name = viewer ? `${role} with ${scopes.join(' ')}` : 'nobody';
      const asking = asked(coordinate, { name, viewer, target });
      return { ...asking, coordinates, document, isMet: (result) => isAllowed(result) === mayPass };
    }),
  );
}

/**
 * Nobody; and each role with all scopes, none, one, and all but one. No account has some of these. They tell two guards
 * apart even if all present accounts pass both.
 */
const askers = [
  null,
  ...(['USER', 'ADMIN'] as const).flatMap((role) =>
    [allScopes, [], ...allScopes.flatMap((scope) => [[scope], allScopes.filter((other) => other !== scope)])].map(
      (scopes) => ({ id: 'ada', roles: [role], scopes }),
    ),
  ),
];

function askerOf({ account, scopes }: Column): Context['viewer'] {
  const role = account === 'admin' ? 'ADMIN' : 'USER';
  return account && { id: account, roles: [role], scopes: scopes ?? scopesOfRole[role] };
}

/** @param noun whose table says what is expected. */
function asked(
  coordinate: string,
  { name, viewer, target, noun }: { name: string; viewer: Context['viewer']; target: Target; noun?: string },
) {
  const holder = target === 'other' ? 'bob' : (viewer?.id ?? 'ada');
  return {
    told: `${coordinate}, ${target}: ${name}`,
    variableValues: { id: `${prefixOf(coordinate, noun)}_${holder}` },
    viewer,
  };
}

/** That of its type; of the noun where its type is none; of an account where the noun is not found by an id. */
function prefixOf(coordinate: string, noun?: string): string | undefined {
  const [type] = coordinate.split('.');
  const found = nouns.filter(({ find }) => find);
  const ofType = nouns.some(({ name }) => name === type) ? type : noun;
  return (found.find(({ name }) => name === ofType) ?? found[0])?.idPrefix;
}

function isAllowed({ errors }: ExecutionResult): boolean {
  return errors === undefined;
}

/** `expected` may leave members out. */
function isSame(actual: object | undefined, expected: { path: unknown; extensions: unknown }): boolean {
  const { path, extensions } = (actual ?? {}) as typeof expected;
  return JSON.stringify([path, extensions]) === JSON.stringify([expected.path, expected.extensions]);
}

/** Asks for a field of an object through `node`, or where its rows are, as in the permission matrix. */
function questionOf(
  { coordinate, target }: Pick<Row, 'coordinate' | 'target'>,
  schema: GraphQLSchema,
): { query: string; path: string[] } {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!field) throw new Error(`There is no ${coordinate}`);
  const selection = selectionOf(field.type);
  const question = tables.find(({ noun }) => noun === typeName)?.question;
  if (question) return question(`${fieldName} ${selection}`, target);
  if (typeName !== 'Query' && typeName !== 'Mutation') {
    const query = `query ($id: ID!) { node(id: $id) { ... on ${typeName} { ${fieldName} ${selection} } } }`;
    return { query, path: ['node', fieldName] };
  }
  const given = field.args.filter(isRequiredArgument).map(({ name, type }) => `${name}: ${literalOf(type)}`);
  const call = `${fieldName}${given.length > 0 ? `(${given.join(', ')})` : ''} ${selection}`;
  const variable = call.includes('$id') ? '($id: ID!)' : '';
  return { query: `${typeName.toLowerCase()} ${variable} { ${call} }`, path: [fieldName] };
}

function selectionOf(type: GraphQLOutputType): string {
  return isCompositeType(getNamedType(type)) ? '{ __typename }' : '';
}

/** A valid value; every id is the variable. */
function literalOf(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${literalOf(nullable.ofType)}]`;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map(({ name, type }) => `${name}: ${literalOf(type)}`).join(', ')} }`;
  }
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name ?? '';
  return { ID: '$id', Boolean: 'true' }[nullable.name] ?? '"text"';
}

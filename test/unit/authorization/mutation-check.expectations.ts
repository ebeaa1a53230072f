/** What the permission matrix and the tables of types and inputs expect of a guard, question by question. */
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
} from 'graphql';
import type { Guard } from '../../../src/authorization/guard.ts';
import { allScopes, scopesOfRole } from '../../../src/users/scopes.ts';
import { type Column, columns, denialOf, type Row, rows } from '../../e2e/permission-matrix.table.ts';
import { type Allows, reached, supplied } from './mutation-check.table.ts';
import { type Context, typesReached } from './mutation-check.world.ts';

export interface Expectation {
  /** Such as `Task.notes, other: USER without a scope`. */
  readonly told: string;
  /** What it asks for. It need not be asked of a guard that requires the same there as another does. */
  readonly coordinates: readonly string[];
  readonly document: DocumentNode;
  readonly variableValues: Record<string, unknown>;
  readonly viewer: Context['viewer'];
  isMet(result: ExecutionResult): boolean;
}

/** @param schema the server's. */
export function expectationsOf(schema: GraphQLSchema): Expectation[] {
  return [...ofMatrix(schema), ...ofTypes(schema), ...ofInputs()];
}

/** The first that a guard does not meet; null if it meets them all. */
export async function firstUnmet(guard: Guard, expected: readonly Expectation[]): Promise<Expectation | null> {
  for (const one of expected) {
    const { document, variableValues, viewer } = one;
    if (!one.isMet(await guard.execute({ document, variableValues, contextValue: { viewer } }))) return one;
  }
  return null;
}

/** But where the services decide: `0`, and which rows a list shows. */
function ofMatrix(schema: GraphQLSchema): Expectation[] {
  return rows.flatMap((row) => {
    const { query, path } = questionOf(row, schema);
    const document = parse(query);
    return columns.flatMap((column, i): Expectation[] => {
      const cell = row.cells[i];
      if (cell === undefined || cell === '0') return [];
      const isMet =
        cell === '+' || cell === 'E'
          ? isAllowed
          : ({ errors = [] }: ExecutionResult) =>
              errors.length === 1 && isSame(errors[0]?.toJSON(), denialOf(row, cell, path));
      const asking = asked(row.coordinate, { name: column.name, viewer: askerOf(column), target: row.target });
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
 * Nobody; and each role with all scopes, none, one, and all but one. No account has some of these: so what two guards
 * ask for is told apart, though today all who pass one pass the other.
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

/** An event of one's own is asked for by its account. */
const idPrefixes: Readonly<Record<string, string>> = { User: 'user', SecurityEvent: 'user', Session: 'session' };

function asked(
  coordinate: string,
  { name, viewer, target }: { name: string; viewer: Context['viewer']; target: Row['target'] },
) {
  const holder = target === 'other' ? 'bob' : (viewer?.id ?? 'ada');
  return {
    told: `${coordinate}, ${target}: ${name}`,
    variableValues: { id: `${idPrefixes[coordinate.split('.')[0] ?? ''] ?? 'task'}_${holder}` },
    viewer,
  };
}

function isAllowed({ errors }: ExecutionResult): boolean {
  return errors === undefined;
}

/** `expected` may leave members out. */
function isSame(actual: object | undefined, expected: { path: unknown; extensions: unknown }): boolean {
  const { path, extensions } = (actual ?? {}) as typeof expected;
  return JSON.stringify([path, extensions]) === JSON.stringify([expected.path, expected.extensions]);
}

/** A field of an object is asked for by `node`, or where its rows are, as in the permission matrix. */
function questionOf(
  { coordinate, target }: Pick<Row, 'coordinate' | 'target'>,
  schema: GraphQLSchema,
): { query: string; path: string[] } {
  const [typeName = '', fieldName = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!field) throw new Error(`There is no ${coordinate}`);
  const selection = selectionOf(field.type);
  if (typeName === 'SecurityEvent') {
    const nodes = `{ nodes { ${fieldName} ${selection} } }`;
    return target === 'other'
      ? { query: `{ auditEvents ${nodes} }`, path: ['auditEvents'] }
      : {
          query: `query ($id: ID!) { node(id: $id) { ... on User { securityEvents ${nodes} } } }`,
          path: ['node', 'securityEvents'],
        };
  }
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

/** Something that will do; every id is the variable. */
function literalOf(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${literalOf(nullable.ofType)}]`;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(isRequiredInputField);
    return `{ ${fields.map(({ name, type }) => `${name}: ${literalOf(type)}`).join(', ')} }`;
  }
  return { ID: '$id', Boolean: 'true', Role: 'ADMIN' }[nullable.name] ?? '"text"';
}

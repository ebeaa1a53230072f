import {
  GraphQLError,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  isInputType,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardSchema } from '../../../../src/api/schema.ts';
import { coerceVariables } from '../../../../src/authorization/request/variables.ts';
import { costOf } from '../../../../src/server/pipeline/cost.ts';
import { toClientError } from '../../../../src/server/pipeline/format-error.ts';

const { schema } = guardSchema({ denial: 'filter' });

/** The messages that a client sees for errors with this code of Apollo Server. */
function told(errors: readonly GraphQLError[], code: string): string[] {
  return errors.map((error) => {
    const { message, nodes, source, positions, originalError } = error;
    const client = toClientError(
      new GraphQLError(message, { nodes, source, positions, originalError, extensions: { code } }),
    );
    expect(toClientError(client)).toBe(client);
    expect(client.locations).toEqual(error.locations);
    expect(client.extensions).toEqual({ code });
    return client.message;
  });
}

function toldOfLiteral(source: string, of: GraphQLSchema = schema): string[] {
  return told(validate(of, parse(source)), 'GRAPHQL_VALIDATION_FAILED');
}

function operationOf(source: string): OperationDefinitionNode {
  return parse(source).definitions[0] as OperationDefinitionNode;
}

function toldOfVariables(source: string, variables: Record<string, unknown>, of: GraphQLSchema = schema): string[] {
  const { errors = [] } = coerceVariables(operationOf(source), { schema: of, variableValues: variables });
  return told(errors, 'BAD_USER_INPUT');
}

const login = 'mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }';
const withLiteral = (input: string) => `mutation { login(input: ${input}) { errors { code } } }`;

describe('errors of variables say what is wrong and where, without a value', () => {
  it.each([
    [
      { identifier: 'a', password: 'hunter2', x: 1 },
      'Variable "$input" got an invalid value; Field "x" is not defined by type "LoginInput".',
    ],
    [
      { identifier: 'hunter2' },
      'Variable "$input" got an invalid value; Field "password" of required type "String!" was not provided.',
    ],
    [
      { identifier: 'a', password: ['hunter2; " at "input.identifier"; '] },
      'Variable "$input" got an invalid value at "input.password"; String cannot represent a non string value.',
    ],
    [
      { identifier: 'a', password: 'hunter2', scopes: ['a', { ' at "input.scopes[7]"': 'hunter2' }] },
      'Variable "$input" got an invalid value at "input.scopes[1]"; String cannot represent a non string value.',
    ],
    ['hunter2', 'Variable "$input" got an invalid value; Expected type "LoginInput" to be an object.'],
    [
      { identifier: 'a', password: 'b', 'hunter2"; Field "x': 1 },
      'Variable "$input" got an invalid value; The value is not of the type that is expected here.',
    ],
    [null, 'Variable "$input" of non-null type "LoginInput!" must not be null.'],
  ])('%j', (input, message) => {
    expect(toldOfVariables(login, { input })).toEqual([message]);
  });

  it('also when the client sent a long one', () => {
    const long = `hunter2${'x'.repeat(10_000)}`;
    expect(toldOfVariables(login, { input: { identifier: 'a', password: [long] } })).toEqual([
      'Variable "$input" got an invalid value at "input.password"; String cannot represent a non string value.',
    ]);
    expect(toldOfVariables(login, { input: { identifier: 'a', password: 'b', [long]: 1 } })).toEqual([
      'Variable "$input" got an invalid value; The value is not of the type that is expected here.',
    ]);
    const name = 'n'.repeat(2000);
    expect(
      toldOfVariables(`query ($${name}: Int) { tasks(first: $${name}) { totalCount } }`, { [name]: long }),
    ).toEqual(['A variable got an invalid value.']);
  });

  it('also for a value of an enum', () => {
    const query = 'query ($role: [Role!]) { users(filter: { role: $role }) { totalCount } }';
    expect(toldOfVariables(query, { role: ['hunter2" does not exist in "Role" enum. hunter2'] })).toEqual([
      'Variable "$role" got an invalid value at "role[0]"; Value does not exist in "Role" enum.',
    ]);
    expect(toldOfVariables(query, { role: ['ADMIM'] })).toEqual([
      'Variable "$role" got an invalid value at "role[0]"; Value does not exist in "Role" enum.',
    ]);
  });
});

describe('errors of literals say what is wrong, without a value', () => {
  it.each([
    ['{ identifier: "a", password: ["hunter2"] }', 'String cannot represent a non string value.'],
    ['{ identifier: "a", password: hunter2 }', 'String cannot represent a non string value.'],
    ['{ identifier: "a", password: null }', 'Expected value of type "String!", found null.'],
    ['"hunter2"', 'Expected value of type "LoginInput!".'],
    ['{ password: "hunter2" }', 'Field "LoginInput.identifier" of required type "String!" was not provided.'],
    [
      '{ identifier: "a", pasword: "", password: "hunter2" }',
      'Field "pasword" is not defined by type "LoginInput". Did you mean "password"?',
    ],
  ])('%s', (input, message) => {
    expect(toldOfLiteral(withLiteral(input))).toEqual([message]);
  });

  it('also when the document cannot be parsed', () => {
    const attempt = (input: string) => {
      try {
        parse(withLiteral(input));
      } catch (error) {
        return told([error as GraphQLError], 'GRAPHQL_PARSE_FAILED');
      }
      throw new Error('It was parsed.');
    };
    expect(attempt('{ password "hunter2" }')).toEqual(['Syntax Error: Expected ":", found String.']);
    expect(attempt('{ password: "x" """hunter2\n" """ }')).toEqual(['Syntax Error: Expected Name, found BlockString.']);
    expect(attempt('{ password: "x"hunter2 }')).toEqual(['Syntax Error: Expected ":", found "}".']);
    expect(attempt('{ password: "x"y hunter2 }')).toEqual(['Syntax Error: Expected ":", found Name.']);
  });

  it('also when a variable in them makes them invalid', () => {
    const source = `mutation ($a: String = "b") {
      login(input: { identifier: $a, password: "hunter2" }) { errors { code } }
    }`;
    expect(toldOfLiteral(source)).toEqual([]);
    const document = parse(source);
    let error: unknown;
    try {
      costOf(schema, document, operationOf(source), { a: null });
    } catch (thrown) {
      error = thrown;
    }
    expect(toClientError(error).message).toBe('Argument "input" has an invalid value.');
  });
});

describe('no type reveals a value', () => {
  const literals = ['"hunter2"', '"""hunter2"""', 'hunter2', '["hunter2"]', '[[hunter2]]', '{ hunter: "hunter2" }'];
  const values = ['hunter2', ['hunter2'], [['hunter2']], { hunter: 'hunter2' }, { toJSON: 'hunter2' }];
  const numbers = [471108150, 47110815000, 4711.0815, -471108.15];

  const careless = new GraphQLScalarType({
    name: 'Careless',
    parseValue: (value) => {
      throw new GraphQLError(`Careless cannot represent ${JSON.stringify(value)}`);
    },
    parseLiteral: (node) => {
      const nodes = node.kind === Kind.STRING ? [] : [node];
      throw new GraphQLError(`Expected something else than ${JSON.stringify(node)}`, { nodes });
    },
  });
  const throwing = new GraphQLScalarType({
    name: 'Throwing',
    parseValue: (value) => {
      throw new Error(JSON.stringify(value));
    },
    parseLiteral: (node) => {
      if (node.kind === Kind.INT) return undefined;
      throw new Error(JSON.stringify(node));
    },
  });
  const oneOf = new GraphQLInputObjectType({
    name: 'OneOf',
    isOneOf: true,
    fields: { a: { type: GraphQLString }, b: { type: GraphQLString } },
  });
  const types = Object.values(schema.getTypeMap())
    .filter((type) => isInputType(type))
    // These scalars only occur in directives, and accept any value.
    .filter(({ name }) => !['Scope', 'Policy', 'Relation'].includes(name))
    .concat(careless, throwing, oneOf)
    .map((type) => [type.name, type] as const);

  it.each(types)('%s', (name, type: GraphQLInputType) => {
    const query = new GraphQLObjectType({
      name: 'OnlyQuery',
      fields: { field: { type: GraphQLString, args: { value: { type } } } },
    });
    const only = new GraphQLSchema({ query });
    const messages = [
      ...[...literals, ...numbers].flatMap((literal) => toldOfLiteral(`{ field(value: ${literal}) }`, only)),
      ...[...values, ...numbers].flatMap((value) =>
        toldOfVariables(`query ($v: ${name}) { field(value: $v) }`, { v: value }, only),
      ),
    ];
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).not.toMatch(/hunter2|4711/);
  });
});

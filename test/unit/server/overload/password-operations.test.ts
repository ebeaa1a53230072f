import { buildASTSchema, getNamedType, getOperationAST, isInputObjectType, parse } from 'graphql';
import { expect, it } from 'vitest';
import { readTypeDefs } from '../../../../src/api/type-defs.ts';
import { hashesPassword, passwordFields, signsIn } from '../../../../src/server/overload/password-operations.ts';

function asked(text: string) {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (!operation) throw new Error(text);
  return { hashes: hashesPassword(document, operation), signsIn: signsIn(operation) };
}

it('are those whose input holds a password', () => {
  const fields = Object.values(buildASTSchema(readTypeDefs()).getMutationType()?.getFields() ?? {});
  const withPassword = fields.filter(({ args }) =>
    args.some(({ type }) => {
      const input = getNamedType(type);
      return isInputObjectType(input) && Object.keys(input.getFields()).some((name) => /password$/i.test(name));
    }),
  );
  expect(new Set(withPassword.map(({ name }) => name))).toEqual(passwordFields);
});

it.each([
  'mutation { login(input: {}) { token } }',
  'mutation { other: createTask { id } mine: register { id } }',
  'mutation { ... { ... on Mutation { login } } }',
])('are found with a sign-in, under an alias and in an inline fragment: %s', (text) => {
  expect(asked(text)).toEqual({ hashes: true, signsIn: true });
});

it.each(['mutation { changePassword { id } }', 'mutation { ...F } fragment F on Mutation { login { token } }'])(
  'are found where they do not sign in by themselves: %s',
  (text) => {
    expect(asked(text)).toEqual({ hashes: true, signsIn: false });
  },
);

it.each(['mutation { createTask { login: id } }', 'query { login }', '{ tasks { nodes { id } } }'])(
  'are no others: %s',
  (text) => {
    expect(asked(text).hashes).toBe(false);
  },
);

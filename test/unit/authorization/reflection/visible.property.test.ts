import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import fc from 'fast-check';
import {
  buildClientSchema,
  type ExecutionResult,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isRequiredInputField,
  isSpecifiedScalarType,
  isUnionType,
  parse,
  validate,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../../../src/authorization/guard.ts';
import { rule } from '../../../../src/authorization/rules/shield.ts';
import { policyMeanings, randomOf, type Viewer, viewerOf } from '../differential.world.ts';
import { vocabulary } from '../harness.ts';
import { expectedFor, type WiderWorld, widerWorldOf } from './visible.world.ts';

interface Context {
  viewer: Viewer | null;
  /** The possible types of rows, if there are several. */
  types: ReadonlySet<string>;
}

/** The viewer owns every row, and its number is even, so that conditions on rows always hold. */
function guardOf(world: WiderWorld) {
  const plain = makeExecutableSchema({ typeDefs: [vocabulary, world.sdl] });
  const schema = mapSchema(plain, {
    [MapperKind.OBJECT_FIELD]: (config) => ({
      ...config,
      resolve: (_parent: unknown, _args: unknown, context: Context, info: GraphQLResolveInfo) =>
        rowsOf(info.returnType, info.schema, context),
    }),
  });
  expect(validateSchema(schema)).toEqual([]);
  const guard = createGuard<Context>(schema, {
    viewer: (context) => context.viewer,
    introspection: 'visible',
    policies: {
      even: rule()((parent) => policyMeanings.even(parent)),
      trusted: rule({ cache: 'contextual' })((_p, _a, { viewer }) => policyMeanings.trusted(viewer)),
    },
  });
  return guard;
}

function rowsOf(type: GraphQLResolveInfo['returnType'], schema: GraphQLSchema, context: Context): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [rowsOf(nullable.ofType, schema, context)];
  const named = getNamedType(nullable);
  if (named.name === 'Kind') return 'ONE';
  if (named.name === 'Int') return 1;
  if (!isCompositeType(named)) return 'leaf';
  const possible = isAbstractType(named) ? schema.getPossibleTypes(named) : [named];
  const chosen = possible.findLast(({ name }) => context.types.has(name)) ?? possible[0];
  return { __typename: chosen?.name, ownerId: context.viewer?.id, number: 0 };
}

/** Written like `expectedFor`. */
function coordinatesOf(schema: GraphQLSchema): Set<string> {
  const found = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (!isSpecifiedScalarType(type)) found.add(type.name);
    if (!('getFields' in type)) continue;
    for (const field of Object.values(type.getFields())) {
      found.add(`${type.name}.${field.name}`);
      const args: readonly GraphQLArgument[] = 'args' in field ? field.args : [];
      for (const arg of args) found.add(`${type.name}.${field.name}(${arg.name}:)`);
    }
  }
  return found;
}

/** A literal with every field, to some depth. */
function literalOf(type: GraphQLInputType, depth: number): string {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return '1';
  const fields = Object.values(named.getFields()).filter((field) => depth > 0 || isRequiredInputField(field));
  return `{ ${fields.map((field) => `${field.name}: ${literalOf(field.type, depth - 1)}`).join(', ')} }`;
}

/**
 * Selects all fields of a type, to some depth. Below a mutation it avoids interfaces, which would also demand the
 * guards of hidden types.
 */
function selectionOf(type: GraphQLNamedType, schema: GraphQLSchema, depth: number, root: string): string {
  if (!isCompositeType(type)) return '';
  const isPassed = isUnionType(type) || (isAbstractType(type) && root === 'mutation');
  const fields = isPassed ? [] : Object.values(type.getFields());
  const selected = fields.map((field) => {
    const returned = getNamedType(field.type);
    if (isCompositeType(returned) && depth === 0) return '';
    const args = field.args.map((arg) => `${arg.name}: ${literalOf(arg.type, 2)}`);
    const given = args.length > 0 ? `(${args.join(', ')})` : '';
    return `${type.name}_${field.name}: ${field.name}${given} ${selectionOf(returned, schema, depth - 1, root)}`;
  });
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const spread = members.map((member) => `... on ${member.name} ${selectionOf(member, schema, depth, root)}`);
  return `{ __typename ${selected.join(' ')} ${spread.join(' ')} }`;
}

const runs = 100;

describe('what introspection shows of a random schema', () => {
  it(`is valid, all that may be asked, and all of that, over ${runs} random schemas`, { timeout: 300_000 }, () => {
    const seen = { shown: 0, hidden: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (seed) => {
        const random = randomOf(seed);
        const world = widerWorldOf(random);
        const guard = guardOf(world);
        const all = coordinatesOf(guard.schema);
        const ask = (query: string, contextValue: Context) =>
          guard.execute({ document: parse(query), contextValue }) as ExecutionResult;
        for (let viewers = 0; viewers < 4; viewers++) {
          const viewer = viewerOf(random);
          const told = `${world.sdl}\n${JSON.stringify(viewer)}`;
          const expected = expectedFor(world, viewer);
          const context = { viewer, types: expected };
          const isEmpty = !expected.has('Query');

          // The shown schema is consistent.
          const introspected = ask(getIntrospectionQuery(), context);
          expect(introspected.errors, told).toBeUndefined();
          const client = buildClientSchema(introspected.data as never);
          expect(validateSchema(client), told).toEqual([]);

          // It is what the drawn guards leave.
          const actual = coordinatesOf(client);
          const stand = isEmpty ? ['Query', 'Query._empty'] : [];
          expect([...actual].sort(), told).toEqual([...expected, ...stand].sort());

          // Everything that is shown can be asked for with every argument, because the viewer owns every row.
          const asked = { query: isEmpty ? null : client.getQueryType(), mutation: client.getMutationType() };
          for (const [operation, root] of Object.entries(asked)) {
            if (!root) continue;
            const query = `${operation} ${selectionOf(root, client, 2, operation)}`;
            expect(validate(guard.schema, parse(query)), told).toEqual([]);
            expect(ask(query, context).errors, `${query}\n${told}`).toBeUndefined();
          }
          seen.shown += actual.size;
          seen.hidden += all.size - actual.size;
        }
      }),
      { numRuns: runs },
    );
    // Without hidden parts, the test would prove nothing.
    expect(Math.min(seen.shown, seen.hidden)).toBeGreaterThan(runs * 20);
  });
});

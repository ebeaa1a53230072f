import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import fc from 'fast-check';
import {
  defaultFieldResolver,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isObjectType,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../../src/authorization/guard.ts';
import { rule } from '../../../src/authorization/shield.ts';
import {
  decide,
  policyMeanings,
  queryOf,
  type Random,
  type Row,
  randomOf,
  type Viewer,
  viewerOf,
  type World,
  worldOf,
} from './differential.world.ts';
import { vocabulary } from './harness.ts';

interface Context {
  viewer: Viewer | null;
}

/** A random query does not use every variable. */
const validRules = specifiedRules.filter((one) => one !== NoUnusedVariablesRule);

const variableValues = { set: 1, yes: true };

/** Rows are numbered as they are first resolved, so that both executions see the same. */
function schemaOf(world: World): GraphQLSchema {
  const schema = makeExecutableSchema({ typeDefs: [vocabulary, world.sdl] });
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName) => ({
      ...config,
      resolve: (parent: Partial<Row>, _args: unknown, _context: Context, info: GraphQLResolveInfo) =>
        drawValue(info.returnType, info.schema, randomOf((parent?.number ?? 0) * 7919 + hash(fieldName))),
    }),
  });
}

function drawValue(type: GraphQLResolveInfo['returnType'], schema: GraphQLSchema, random: Random): unknown {
  const isNullable = getNullableType(type) === type;
  if (isNullable && random.chance(0.1)) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return Array.from({ length: random.upTo(3) }, () => drawValue(nullable.ofType, schema, random));
  }
  const named = getNamedType(nullable);
  if (named.name === 'Kind') return random.pick(['ONE', 'TWO']);
  if (named.name === 'Int') return random.upTo(9);
  const number = random.upTo(1_000_000);
  if (!isObjectType(named) && !isAbstractType(named)) return `leaf ${number}`;
  const possible = isAbstractType(named) ? schema.getPossibleTypes(named).map(({ name }) => name) : [named.name];
  return { __typename: random.pick(possible), ownerId: random.pick(['u1', 'u2']), number } satisfies Row;
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7);
}

/** The reference: the same schema, unguarded, with a plain question in front of each resolver. */
function referenceSchema(world: World, schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName, typeName) => ({
      ...config,
      resolve: (parent: Partial<Row>, args: Record<string, unknown>, context: Context, info: GraphQLResolveInfo) => {
        const call = { parent, suppliesArgument: 'x' in args };
        const decision = decide(world, [typeName, fieldName], context.viewer, call);
        if (decision === 'allowed') return (config.resolve ?? defaultFieldResolver)(parent, args, context, info);
        throw new GraphQLError(decision === 'row' ? 'row' : 'viewer', {
          extensions: { code: context.viewer ? 'FORBIDDEN' : 'UNAUTHENTICATED' },
        });
      },
    }),
  });
}

interface Answer {
  data: unknown;
  errors: string[];
}

/** What the reference reports once for each row, told once for each selected field where the viewer decides. */
function referenceAnswer(result: ExecutionResult): Answer {
  const errors = (result.errors ?? []).map(({ message, path, extensions }) => {
    if (message !== 'row' && message !== 'viewer') return `other: ${message}`;
    return `${extensions.code} ${path?.map((key) => (message === 'viewer' && typeof key === 'number' ? '@' : key)).join('.')}`;
  });
  return { data: result.data, errors: [...new Set(errors)].sort() };
}

function engineAnswer(result: ExecutionResult): Answer {
  const errors = (result.errors ?? []).map(({ message, path, extensions }) =>
    extensions.requires ? `${extensions.code} ${path?.join('.')}` : `other: ${message}`,
  );
  return { data: result.data, errors: errors.sort() };
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as unknown;

/** Each run is one random schema, asked by several viewers. */
const runs = 300;

describe('the engine against a naive reference written from the contract', () => {
  it(`gives the same data and the same errors, over ${runs} random schemas`, { timeout: 300_000 }, () => {
    const seen = { denials: 0, rows: 0, questions: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (seed) => {
        const random = randomOf(seed);
        const world = worldOf(random);
        const schema = schemaOf(world);
        const guard = createGuard<Context>(schema, {
          viewer: (context) => context.viewer,
          policies: {
            even: rule()((parent) => policyMeanings.even(parent)),
            trusted: rule({ cache: 'contextual' })((_p, _a, { viewer }) => policyMeanings.trusted(viewer)),
          },
        });
        const reference = referenceSchema(world, schema);
        for (let question = 0; question < 4; question++) {
          const query = queryOf(world, random);
          const document = parse(query);
          expect(validate(schema, document, validRules)).toEqual([]);
          const contextValue = { viewer: viewerOf(random) };
          const expected = referenceAnswer(
            execute({ schema: reference, document, contextValue, variableValues }) as ExecutionResult,
          );
          const actual = engineAnswer(guard.execute({ document, contextValue, variableValues }) as ExecutionResult);
          const told = `${query}\n${world.sdl}\n${JSON.stringify(contextValue)}`;
          expect(actual.errors, told).toEqual(expected.errors);
          expect(plain(actual.data), told).toEqual(plain(expected.data));
          seen.questions++;
          seen.denials += expected.errors.length;
          seen.rows += expected.errors.filter((line) => /\.\d+\./.test(line)).length;
        }
      }),
      { numRuns: runs },
    );
    // A world in which nothing is denied would prove nothing.
    expect(seen.denials).toBeGreaterThan(seen.questions);
    expect(seen.rows).toBeGreaterThan(0);
  });
});

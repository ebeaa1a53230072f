import { randomInt } from 'node:crypto';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import fc from 'fast-check';
import {
  defaultFieldResolver,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, type Guard, type GuardOptions } from '../../../src/authorization/guard.ts';
import { rule } from '../../../src/authorization/rules/shield.ts';
import { dataOf, type Manner } from './differential.data.ts';
import {
  decide,
  policyMeanings,
  queryOf,
  type Row,
  randomOf,
  type Viewer,
  viewerOf,
  type World,
  worldOf,
} from './differential.world.ts';

interface Context {
  viewer: Viewer | null;
}

/** A random query does not use every variable. */
const validRules = specifiedRules.filter((one) => one !== NoUnusedVariablesRule);

/** The reference: the same schema without guards, with a plain check before each resolver. */
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

/** The reference reports a denial for each row. If the viewer decides, this reports it once for each selected field. */
function referenceAnswer(result: ExecutionResult): Answer {
  const errors = (result.errors ?? []).map((error) => {
    const { message, path, extensions } = error;
    if (message !== 'row' && message !== 'viewer') return otherError(error);
    return `${extensions.code} ${path?.map((key) => (message === 'viewer' && typeof key === 'number' ? '@' : key)).join('.')}`;
  });
  return { data: result.data, errors: [...new Set(errors)].sort() };
}

function engineAnswer(result: ExecutionResult): Answer {
  const errors = (result.errors ?? []).map((error) =>
    error.extensions.requires ? `${error.extensions.code} ${error.path?.join('.')}` : otherError(error),
  );
  return { data: result.data, errors: errors.sort() };
}

function otherError({ message, path, nodes }: GraphQLError): string {
  return `other: ${message} at ${path?.join('.')}, ${nodes?.map(({ loc }) => loc?.start).join()}`;
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as unknown;

function guardOf(schema: GraphQLSchema, compile: GuardOptions<Context>['compile']): Guard {
  return createGuard<Context>(schema, {
    viewer: (context) => context.viewer,
    policies: {
      even: rule()((parent) => policyMeanings.even(parent)),
      trusted: rule({ cache: 'contextual' })((_p, _a, { viewer }) => policyMeanings.trusted(viewer)),
    },
    ...(compile !== undefined && { compile }),
  });
}

/** Each run has one random schema and several viewers. */
const runs = 50;
const manners: readonly [string, Manner][] = [
  ['resolvers', { fields: 'resolvers', isOdd: false }],
  ['properties', { fields: 'properties', isOdd: false }],
  ['resolvers that throw, wait and return strange things', { fields: 'resolvers', isOdd: true }],
  ['properties that throw, wait and hold strange things', { fields: 'properties', isOdd: true }],
];

describe('the engine, compiled and not, against a naive reference written from the contract', () => {
  it.each(manners)('gives the same data and the same errors, on %s', { timeout: 300_000 }, async (_, manner) => {
    const seen = { denials: 0, rows: 0, questions: 0, compiled: 0, given: 0 };
    const property = fc.asyncProperty(fc.integer({ min: 1 }), async (seed) => {
      const random = randomOf(seed);
      const world = worldOf(random);
      const { schema, rootValue } = dataOf(world, manner);
      const interpreting = guardOf(schema, false);
      const compiling = guardOf(schema, { hotAfter: 1, milliseconds: 1_000_000 });
      const reference = referenceSchema(world, schema);
      for (let question = 0; question < 4; question++) {
        const document = parse(queryOf(world, random));
        expect(validate(schema, document, validRules)).toEqual([]);
        // The second viewer uses code that was compiled for the first.
        for (let asker = 0; asker < 2; asker++) {
          const contextValue = { viewer: viewerOf(random) };
          const variableValues = { set: 1, yes: random.chance(0.7) };
          const args = { document, contextValue, variableValues, rootValue };
          const expected = referenceAnswer(await execute({ schema: reference, ...args }));
          const told = `${document.loc?.source.body}\n${world.sdl}\n${JSON.stringify({ contextValue, variableValues })}`;
          for (const guard of [interpreting, compiling, compiling, compiling]) {
            const actual = engineAnswer(await guard.execute(args));
            const engine = guard === compiling ? 'compiling' : 'interpreting';
            expect(actual.errors, `${engine}\n${told}`).toEqual(expected.errors);
            expect(plain(actual.data), `${engine}\n${told}`).toEqual(plain(expected.data));
          }
          seen.questions++;
          seen.denials += expected.errors.length;
          seen.rows += expected.errors.filter((line) => /\.\d+\./.test(line)).length;
        }
      }
      seen.compiled += compiling.compiled?.answers ?? 0;
      seen.given += compiling.compiled?.doubts ?? 0;
    });
    const seed = randomInt(2 ** 31);
    console.info(`seed ${seed}`);
    await fc.assert(property, { numRuns: runs, seed });
    // Without denials or compiled answers, the test would prove nothing.
    expect(seen.denials).toBeGreaterThan(seen.questions);
    expect(seen.rows).toBeGreaterThan(0);
    expect(seen.compiled).toBeGreaterThan(seen.questions / 10);
  });
});

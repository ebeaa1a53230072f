/**
 * Proves every guard of the schema. Each is removed and weakened in turn. Then the server must refuse to start, or a
 * hand-written expectation about the schema must fail.
 */
import { buildASTSchema, type DocumentNode, getNamedType, print, resolveSchemaCoordinate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardSchema } from '../../../src/api/schema.ts';
import { readTypeDefs } from '../../../src/api/type-defs.ts';
import { type Guard, GuardError } from '../../../src/authorization/guard.ts';
import { type Expectation, expectationsOf, firstUnmet, reached, supplied } from './mutation-check.expectations.ts';
import {
  guardsIn,
  type Mutant,
  type Occurrence,
  weakened,
  withoutGuard,
  withoutGuardsOfTypes,
} from './mutation-check.mutants.ts';
import { guardOfRows, typesReached } from './mutation-check.world.ts';

const typeDefs = readTypeDefs();
const schema = buildASTSchema(typeDefs);
const expected = expectationsOf(schema);
const occurrences = guardsIn(typeDefs).map((occurrence) => ({ ...occurrence, told: print(occurrence.guard) }));

/**
 * Two views of the schema: as it is, and with open types. An operation must demand by itself what it needs, whatever
 * type it returns. The same holds for every field that returns a list.
 */
const views = [
  { of: (document: DocumentNode) => document, concerns: () => true },
  {
    of: withoutGuardsOfTypes,
    concerns: ({ coordinates }: Expectation) =>
      coordinates.every((coordinate) => /^(Query\.(?!reach)|Mutation\.)/.test(coordinate) || isOfList(coordinate)),
  },
].map((view) => ({ ...view, original: guardOfRows(view.of(typeDefs)) }));

function isOfList(coordinate: string): boolean {
  const found = resolveSchemaCoordinate(schema, coordinate);
  return found?.kind === 'Field' && getNamedType(found.field.type).name.endsWith('Connection');
}

/** Whether the server refuses to start with this schema. */
function isRefused(mutant: DocumentNode): boolean {
  try {
    guardSchema({ denial: 'filter' }, mutant);
    return false;
  } catch (error) {
    if (error instanceof GuardError) return true;
    throw error;
  }
}

/** The coordinates at which two guards differ. */
function differences(one: Guard, other: Guard): Set<string> {
  const coordinates = new Set([...one.requirements.keys(), ...other.requirements.keys()]);
  const text = (guard: Guard, coordinate: string) => JSON.stringify(guard.requirements.get(coordinate));
  return new Set([...coordinates].filter((coordinate) => text(one, coordinate) !== text(other, coordinate)));
}

/**
 * What detects a mutant: the server's refusal, the first failing expectation, or that it requires the same everywhere.
 */
async function noticed({ typeDefs: mutant }: Mutant, known: readonly Expectation[]): Promise<string | null> {
  if (isRefused(mutant)) return 'refused';
  let isSame = true;
  for (const { of, concerns, original } of views) {
    const guard = guardOfRows(of(mutant));
    const changed = differences(original, guard);
    isSame &&= changed.size === 0;
    const asked = known.filter((one) => concerns(one) && one.coordinates.some((at) => changed.has(at)));
    const unmet = await firstUnmet(guard, asked);
    if (unmet) return unmet.told;
  }
  return isSame ? 'the same' : null;
}

describe('the hand-written expectations', () => {
  it('hold for the schema, and for its operations without the guards of types', async () => {
    for (const { concerns, original } of views) {
      expect((await firstUnmet(original, expected.filter(concerns)))?.told).toBeUndefined();
    }
  });

  it('cover every type that can be reached, and no other', () => {
    const names = Object.keys(reached).map((coordinate) => coordinate.split('.')[0]);
    const types = typesReached(schema).map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(types.sort());
  });

  it('cover every guarded input', () => {
    const inputs = guardsIn(typeDefs).filter(({ guard }) => guard.name.value === 'settableBy');
    expect(Object.keys(supplied).sort()).toEqual(inputs.map(({ at }) => at).sort());
  });
});

describe('the tested guards', () => {
  it('are those of every type and of every operation', () => {
    const found = new Set(occurrences.map(({ at }) => at));
    const operations = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    const missing = [...typesReached(schema).map(({ name }) => name), ...operations].filter((at) => !found.has(at));
    expect(missing).toEqual([]);
  });

  it.each(['User.isActive', 'UserEdge', ...Object.keys(supplied).slice(0, 1)])(
    'are told of as unproved where nothing is written about them: %s',
    async (at) => {
      const { guard } = occurrences.find((occurrence) => occurrence.at === at) as Occurrence;
      const mutant = withoutGuard(typeDefs, guard);
      expect(await noticed(mutant, expected)).toContain(at);
      const silent = expected.filter(({ coordinates }) => !coordinates.some((one) => one.startsWith(at)));
      expect(silent.length).toBeLessThan(expected.length);
      expect(await noticed(mutant, silent)).toBeNull();
    },
  );
});

describe('a guard', () => {
  it.each(occurrences)('$told of $at cannot be removed unnoticed', async ({ guard }) => {
    // A guard whose removal changes nothing would be redundant.
    expect(await noticed(withoutGuard(typeDefs, guard), expected)).not.toBeOneOf([null, 'the same']);
  });

  it.each(occurrences)('$told of $at cannot be weakened unnoticed', async ({ guard }) => {
    for (const mutant of weakened(typeDefs, guard)) {
      expect(await noticed(mutant, expected), mutant.change).not.toBeNull();
    }
  });
});

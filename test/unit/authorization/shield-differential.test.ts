import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { type ExecutionResult, execute, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard, type DenialEvent } from '../../../src/authorization/guard.ts';
import {
  type Context,
  drawFrom,
  drawQuery,
  drawViewer,
  drawWorld,
  schemaOf,
  type World,
} from './shield-differential.world.ts';
import { applyMiddleware, shield } from './shielded.ts';

type Value = Record<string, unknown> | unknown[] | null | undefined;

const plain = (result: ExecutionResult): { data: Value; paths: (string | number)[][] } =>
  JSON.parse(JSON.stringify({ data: result.data, paths: (result.errors ?? []).map(({ path }) => path) }));

/**
 * The path of the null for a denial: its own, or that of a parent which it nulled. `"@"` stands for every item.
 *
 * @param unguarded the answer without any denial.
 */
function nullsOf(path: readonly (string | number)[], data: Value, unguarded: Value, at = ''): string[] {
  if (unguarded === null || unguarded === undefined) return [];
  if (data === null || data === undefined) return [at];
  const [key, ...rest] = path;
  // A value where an error says that there is none.
  if (key === undefined) return [`${at} is served`];
  const keys = key === '@' ? Object.keys(data) : [String(key)];
  const child = (of: Value, name: string) => (of as Record<string, Value>)[name];
  return keys.flatMap((name) => nullsOf(rest, child(data, name), child(unguarded, name), `${at}.${name}`));
}

function deniedIn({ data, paths }: ReturnType<typeof plain>, unguarded: Value): string[] {
  return [...new Set(paths.flatMap((path) => nullsOf(path, data, unguarded)))].sort();
}

/** Denials that depend on the viewer alone are reported once, without row numbers. */
function checkPaths(denials: readonly DenialEvent[], world: World): void {
  const paths = denials.map(({ denial }) => (denial.path ?? []).join('.'));
  expect(new Set(paths).size).toBe(paths.length);
  for (const { coordinate, denial } of denials) {
    const hasNumbers = denial.path?.some((key) => typeof key === 'number');
    if (!world.readsRow.get(coordinate)) expect(hasNumbers, coordinate).toBe(false);
    if (hasNumbers) expect(denial.path, coordinate).not.toContain('@');
  }
}

const schemas = 200;
const questions = 6;

describe('the engine against graphql-shield', () => {
  it('gives the same data, and denies the same', { timeout: 300_000 }, async () => {
    const seed = randomInt(2 ** 31);
    console.info(`seed ${seed}`);
    const seen = { denials: 0, once: 0, rows: 0, served: 0, compiled: 0 };

    const property = fc.asyncProperty(fc.gen(), async (gen) => {
      const draw = drawFrom(gen);
      const world = drawWorld(draw);
      const schema = schemaOf(world, draw.number());
      const shielded = applyMiddleware(schema, shield(world.tree, { fallbackRule: world.fallbackRule }));
      const denials: DenialEvent[] = [];
      const guard = createGuard<Context>(schema, {
        viewer: ({ viewer }) => viewer,
        policies: world.policies,
        onDenial: (event) => denials.push(event as DenialEvent),
        // Compiled at the second execution.
        compile: { hotAfter: 1, milliseconds: 1_000_000 },
      });
      for (let question = 0; question < questions; question++) {
        const viewer = drawViewer(draw);
        const query = drawQuery(draw, schema);
        const document = parse(query);
        const told = `${query}\n${world.sdl}\n${JSON.stringify(viewer)}`;
        expect(validate(schema, document)).toEqual([]);
        // A new context for each, because graphql-shield keeps verdicts in it.
        const unguarded = plain(await execute({ schema, document, contextValue: { viewer } }));
        expect(unguarded.paths).toEqual([]);
        const expected = plain(await execute({ schema: shielded, document, contextValue: { viewer } }));
        for (let time = 0; time < 2; time++) {
          const contextValue = { viewer };
          const actual = plain(await guard.execute({ document, contextValue }));
          expect(actual.data, told).toEqual(expected.data);
          expect(deniedIn(actual, unguarded.data), told).toEqual(deniedIn(expected, unguarded.data));
          // Events after the answer belong to the same execution.
          checkPaths(
            denials.filter(({ context }) => context === contextValue),
            world,
          );
          seen.once += actual.paths.filter((path) => path.includes('@')).length;
          seen.rows += actual.paths.filter((path) => path.some((key) => typeof key === 'number')).length;
          seen.served += Number(actual.paths.length === 0);
        }
        seen.denials += expected.paths.length;
      }
      seen.compiled += guard.compiled?.answers ?? 0;
    });
    await fc.assert(property, {
      numRuns: schemas,
      seed,
      interruptAfterTimeLimit: 120_000,
      markInterruptAsFailure: true,
    });
    // If nothing or everything is denied, the test proves nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(schemas / 10);
  });
});

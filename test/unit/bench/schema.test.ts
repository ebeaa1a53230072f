import { validateSchema } from 'graphql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGuard } from '../../../src/authorization/guard.ts';
import { conditionsNow } from '../../bench/conditions.ts';
import { readPlan } from '../../bench/schema/plan.ts';
import { report } from '../../bench/schema/report.ts';
import { growthOf, type Measured } from '../../bench/schema/results.ts';
import { schemaOf, viewerWithout } from '../../bench/schema/world.ts';

describe('the report on schemas', () => {
  const measured = (types: number, ...times: number[]): Measured => ({
    types,
    samples: times.map((time) => ({
      ...{ guard: time, first: time, longestTurn: time, later: time },
      ...{ kept: 1, introspection: 1, plain: 1 },
    })),
  });

  function reportOf(...all: Measured[]): string {
    const { settings } = readPlan([]) as NonNullable<ReturnType<typeof readPlan>>;
    const conditions = conditionsNow({ gatewright: '0.1.0' });
    return report({ conditions, loadAtEnd: 1, seconds: 1, settings, measured: all });
  }

  it('takes what a type costs within a round', () => {
    expect(growthOf('first', measured(500, 10, 20), measured(1000, 20, 80))).toEqual({ median: 1.5, min: 1, max: 2 });
  });

  it('says whether the target is met', () => {
    expect(reportOf(measured(500, 1), measured(2000, 99))).toContain('It is met.');
    expect(reportOf(measured(500, 1), measured(2000, 101))).toContain('It is missed.');
    expect(reportOf(measured(500, 101))).not.toMatch(/It is (met|missed)/);
  });
});

describe('the schemas that are measured', () => {
  const schema = schemaOf(200);

  it('are valid, guarded, and of the size that is asked for', () => {
    expect(validateSchema(schema)).toEqual([]);
    const own = Object.keys(schema.getTypeMap()).filter((name) => /^[A-Z][a-z]+\d+$/.test(name));
    expect(own).toHaveLength(200);
  });

  it('hide something else from each set of rights', () => {
    const guard = createGuard<{ viewer: ReturnType<typeof viewerWithout> }>(schema, { viewer: ({ viewer }) => viewer });
    const shown = [1, 2, 3].map((without) => guard.visibleSchema({ viewer: viewerWithout(without) }));
    expect(new Set(shown).size).toBe(3);
  });
});

describe('the plan of schemas', () => {
  afterEach(() => vi.restoreAllMocks());

  it('leaves the committed figures alone where it is quick', () => {
    expect(readPlan(['--quick'])?.output).toBeNull();
    expect(readPlan([])?.output).toMatch(/docs.benchmarks$/);
  });

  it('is refused with a word for what it does not know', () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(readPlan(['--rounds', '0'])).toBeNull();
    expect(told.mock.calls.join()).toContain('--rounds 0 will not do');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allOf,
  anyOf,
  type Condition,
  given,
  isNothing,
  isViewerOnly,
  keyOf,
  never,
  nothing,
  type Requirement,
  viewerPart,
} from '../../../../src/authorization/contract/requirement.ts';

const name = fc.constantFrom('a', 'b', 'c');
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ kind: 'authenticated' }),
  name.map((n): Condition => ({ kind: 'scope', name: n })),
  name.map((n): Condition => ({ kind: 'role', name: n })),
  name.map((n): Condition => ({ kind: 'policy', name: n, viewerOnly: n === 'a' })),
  name.map((field): Condition => ({ kind: 'owner', field })),
  name.map((id): Condition => ({ kind: 'ownerOf', type: 'T', id })),
);
const requirement: fc.Arbitrary<Requirement> = fc
  .array(fc.array(condition, { maxLength: 3 }), { maxLength: 3 })
  .map((alternatives) => anyOf(alternatives));

/** A world in which some conditions hold. A viewer with a scope, a role or a row is signed in. */
const world = fc
  .uniqueArray(condition, { selector: keyOf })
  .map((held) => new Set(held.map(keyOf)))
  .map((held) => {
    const somebody = [...held].some((key) => !key.startsWith('policy'));
    return somebody ? held.add('authenticated') : held;
  });

function holds(alternatives: Requirement, held: ReadonlySet<string>): boolean {
  return alternatives.some((alternative) => alternative.every((one) => held.has(keyOf(one))));
}

describe('the algebra of requirements', () => {
  it('has `nothing` and `never` at its ends', () => {
    fc.assert(
      fc.property(requirement, (r) => {
        expect(allOf(r, nothing)).toEqual(r);
        expect(anyOf(r, never)).toEqual(r);
        expect(allOf(r, never)).toEqual(never);
        expect(anyOf(r, nothing)).toEqual(nothing);
      }),
    );
  });

  it('holds exactly when its words say, in every world', () => {
    fc.assert(
      fc.property(requirement, requirement, world, (r, s, held) => {
        expect(holds(allOf(r, s), held)).toBe(holds(r, held) && holds(s, held));
        expect(holds(anyOf(r, s), held)).toBe(holds(r, held) || holds(s, held));
      }),
    );
  });

  it('has one form for one meaning, whatever the order and repetition', () => {
    fc.assert(
      fc.property(requirement, requirement, requirement, (r, s, t) => {
        expect(allOf(r, s)).toEqual(allOf(s, r));
        expect(anyOf(r, s)).toEqual(anyOf(s, r));
        expect(allOf(r, allOf(s, t))).toEqual(allOf(allOf(r, s), t));
        expect(allOf(r, r)).toEqual(r);
        expect(allOf(r, anyOf(r, s))).toEqual(r);
      }),
    );
  });

  it('keeps no alternative that asks for more than another', () => {
    fc.assert(
      fc.property(requirement, (r) => {
        const keys = r.map((alternative) => new Set(alternative.map(keyOf)));
        for (const a of keys) expect(keys.filter((b) => b.isSubsetOf(a))).toHaveLength(1);
      }),
    );
  });

  it('leaves exactly what is open when some conditions are known', () => {
    fc.assert(
      fc.property(requirement, world, (r, held) => {
        const open = given(r, (one) => (isViewerOnly(one) ? held.has(keyOf(one)) : undefined));
        expect(open.flat().some(isViewerOnly)).toBe(false);
        expect(holds(open, held)).toBe(holds(r, held));
      }),
    );
  });

  it('never asks more of the viewer than the whole does', () => {
    fc.assert(
      fc.property(requirement, world, (r, held) => {
        expect(viewerPart(r).flat().every(isViewerOnly)).toBe(true);
        if (holds(r, held)) expect(holds(viewerPart(r), held)).toBe(true);
      }),
    );
  });

  it('knows what is open to every viewer', () => {
    fc.assert(
      fc.property(requirement, (r) => {
        expect(isNothing(r)).toBe(holds(r, new Set()));
      }),
    );
  });

  it('says that an owner is signed in', () => {
    expect(viewerPart([[{ kind: 'owner', field: 'ownerId' }]])).toEqual([[{ kind: 'authenticated' }]]);
  });
});

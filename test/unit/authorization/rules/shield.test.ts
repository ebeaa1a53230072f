import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { evaluate, type Outcome } from '../../../../src/authorization/rules/evaluate.ts';
import {
  allow,
  and,
  chain,
  deny,
  inputRule,
  not,
  openRule,
  or,
  race,
  rule,
} from '../../../../src/authorization/rules/shield.ts';

const call = { parent: { own: true }, args: { a: 1 }, context: {}, info: {} };
const yes = rule()(() => true);
const no = rule()(() => false);
const later = rule()(async () => true);
const says = rule()(() => 'because');
const errs = rule()(() => new Error('because'));
const crashes = rule()(() => {
  throw new Error('crash');
});
const crashesLater = rule()(async () => {
  throw new Error('crash');
});

describe('graphql-shield', () => {
  it('loads on this Node, in one copy', () => {
    const require = createRequire(import.meta.url);
    expect(require('graphql-shield').rule).toBe(rule);
  });

  it('judges arguments by a schema, where a rule of it does', async () => {
    const small = (limit: number) => inputRule()((yup) => yup.object({ a: yup.number().max(limit) }));
    expect(await evaluate(small(1), call)).toBe(true);
    expect(await evaluate(small(0), call)).toBeInstanceOf(Error);
  });

  it('is not mended for the whole process', () => {
    const require = createRequire(import.meta.url);
    expect(require('node:util')).not.toHaveProperty('isUndefined');
  });

  it('hands out objects whose inside is known', () => {
    for (const made of [yes, and(yes), or(yes), not(yes), chain(yes), race(yes), allow, deny]) {
      expect(openRule(made)).not.toBeNull();
    }
    expect(openRule({ resolve: () => true })).toBeNull();
    expect(openRule(null)).toBeNull();
  });
});

describe('a rule', () => {
  it.each([
    ['true', yes, true],
    ['false', no, false],
    ['a string', says, new Error('because')],
    ['an Error', errs, new Error('because')],
    ['undefined', rule()(() => undefined as never), false],
    ['1', rule()(() => 1 as never), false],
    ['"true" in an object', rule()(() => ({ valueOf: () => true }) as never), false],
    ['a promise of false', rule()(async () => false), false],
    ['a promise of true', later, true],
  ] as const)('that answers %s', async (_, made, outcome) => {
    expect(await evaluate(made, call)).toEqual(outcome);
  });

  it('is given the parent, the arguments, the context and the info', () => {
    const given: unknown[] = [];
    void evaluate(
      rule()((...all) => Boolean(given.push(...all))),
      call,
    );
    expect(given).toEqual([call.parent, call.args, call.context, call.info]);
  });

  it('that answers at once is decided at once, however it is joined', () => {
    for (const made of [yes, and(yes, yes), or(no, yes), not(no), chain(yes), race(no, yes), allow]) {
      expect(evaluate(made, call)).toBe(true);
    }
    expect(evaluate(and(yes, later), call)).toBeInstanceOf(Promise);
  });

  it.each<[string, Parameters<typeof evaluate>[0], Outcome]>([
    ['and of all', and(yes, later), true],
    ['and of one that denies', and(yes, no), false],
    ['and of one that says why', and(yes, says, no), new Error('because')],
    ['or of one', or(no, later), true],
    ['or of none', or(no, says), new Error('because')],
    ['chain up to a denial', chain(no, crashes), false],
    ['race up to a permission', race(yes, crashes), true],
    ['not', not(yes), false],
    ['not of an error', not(errs), true],
    ['not, with an error of its own', not(yes, 'never'), new Error('never')],
    ['allow', allow, true],
    ['deny', deny, false],
    ['not deny', not(deny), true],
    ['an empty or', or(), false],
  ])('%s', async (_, made, outcome) => {
    expect(await evaluate(made, call)).toEqual(outcome);
  });

  it.each([
    ['alone', crashes],
    ['later', crashesLater],
    ['under not', not(crashes)],
    ['under not, later', not(crashesLater)],
    ['in or, before one that allows', or(crashes, yes)],
    ['in and', and(yes, crashesLater)],
    ['in race', race(crashes, yes)],
    ['under two nots', not(not(crashes))],
  ] as const)('that throws is a fault %s', async (_, made) => {
    await expect((async () => evaluate(made, call))()).rejects.toThrow('crash');
  });
});

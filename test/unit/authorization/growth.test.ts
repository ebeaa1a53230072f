import { buildSchema, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createGuard, type GuardOptions } from '../../../src/authorization/guard.ts';
import { anonymous, type Context, guardOf, vocabulary } from './harness.ts';

/** How often the fields of a type are read. Time is not measured, because a busy machine would distort it. */
function looksIn(run: () => unknown): number {
  const spies = [GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType].map((kind) =>
    vi.spyOn(kind.prototype, 'getFields'),
  );
  try {
    run();
    return spies.reduce((looks, spy) => looks + spy.mock.calls.length, 0);
  } finally {
    vi.restoreAllMocks();
  }
}

/** A schema with a number of something. */
interface Large {
  sdl: string;
  options?: Partial<GuardOptions<Context>>;
}

const each = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => line(at)).join('\n');

const guarded: Record<string, (count: number) => Large> = {
  'enums and scalars that are guarded': (count) => ({
    sdl: `
      type Query { a: Int @public }
      ${each(count, (at) => `type T${at} @public { e: E${at}, s: S${at} }`)}
      ${each(count, (at) => `enum E${at} @authenticated { A } scalar S${at} @authenticated`)}
    `,
  }),
  'inputs that lead to a guarded one': (count) => ({
    sdl: `
      type Query { a(input: I0): Int @public }
      ${each(count, (at) => `input I${at} { next: I${at + 1} }`)}
      input I${count} { secret: Int @settableBy(roles: [ADMIN]) }
    `,
  }),
  'enum values that read a field': (count) => ({
    sdl: `
      type Query { a(by: By): Thing @public }
      type Thing @authenticated { a: Int }
      enum By { ${each(count, (at) => `V${at}`)} }
      ${each(count, (at) => `type T${at} @public { id: ID } input I${at} { a: Int }`)}
    `,
    options: { reads: Object.fromEntries(Array.from({ length: count }, (_, at) => [`By.V${at}`, ['Thing.a']])) },
  }),
};

const shown: Record<string, (count: number) => string> = {
  'objects that lead to a hidden one': (count) => `
    type Query { a: Int @public, t: T0 @public }
    ${each(count, (at) => `type T${at} @public { next: T${at + 1} }`)}
    type T${count} @authenticated { a: Int }
  `,
  'inputs that lead to a hidden one': (count) => `
    type Query { a(input: I0): Int @public }
    ${each(count, (at) => `input I${at} { next: I${at + 1} }`)}
    input I${count} { a: Int @settableBy(roles: [ADMIN]) }
  `,
  'interfaces that lead to a hidden one': (count) => `
    type Query { a: Int @public, t: I0 @public }
    ${each(count, (at) => `interface I${at} { next: I${at + 1} } type T${at} implements I${at} @public { next: I${at + 1}, own: Int }`)}
    interface I${count} { a: Int }
    type T${count} implements I${count} @authenticated { a: Int }
  `,
  'fields of one interface that lead to a hidden one': (count) => `
    type Query { a: Int @public, t: Node @public }
    interface Node { ${each(count, (at) => `f${at}: I${at}`)} }
    type Leaf implements Node @public { own: Int, ${each(count, (at) => `f${at}: I${at}`)} }
    ${each(count, (at) => `interface I${at} { next: I${at + 1} } type T${at} implements I${at} @public { next: I${at + 1}, own: Int }`)}
    interface I${count} { a: Int }
    type T${count} implements I${count} @authenticated { a: Int }
  `,
};

/** Twice as many must take twice as long. Code that reads all of them for each would take four times as long. */
function expectTwice(looksInSome: number, looksInTwice: number): void {
  expect(looksInSome).toBeGreaterThan(100);
  expect(looksInTwice / looksInSome).toBeLessThan(2.2);
}

describe('twice as many take twice as long', () => {
  it.each(Object.entries(guarded))('%s, where a guard is made', (_, largeOf) => {
    const looks = (count: number) => {
      const { sdl, options } = largeOf(count);
      const schema = buildSchema(`${vocabulary}\n${sdl}`);
      return looksIn(() => createGuard<Context>(schema, { viewer: ({ viewer }) => viewer, ...options }));
    };
    expectTwice(looks(100), looks(200));
  });

  it.each(Object.entries(shown))('%s, where a schema is shown', (_, sdlOf) => {
    const looks = (count: number) => {
      const guard = guardOf(sdlOf(count));
      return looksIn(() => guard.visibleSchema({ viewer: anonymous }));
    };
    expectTwice(looks(100), looks(200));
  });

  it('coordinates that are explained', () => {
    const looks = (count: number) => {
      const guard = guardOf(`type Query { a(${each(count, (at) => `a${at}: Int`)}): Int @public }`);
      return looksIn(() => [...guard.requirements.keys()].map((coordinate) => guard.explain(coordinate)));
    };
    expect(looks(100)).toBe(0);
  });
});

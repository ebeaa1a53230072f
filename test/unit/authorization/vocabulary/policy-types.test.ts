/** What must not compile. `tsc` is the test: each line that compiles against expectation fails `npm run check`. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createGuard, type GuardOptions, type GuardViewer } from '../../../../src/authorization/guard.ts';
import {
  allow,
  and,
  chain,
  inputRule,
  not,
  or,
  rule,
  type ShieldRule,
} from '../../../../src/authorization/rules/shield.ts';
import { ask, denialsOf, guardOf, user } from '../harness.ts';

interface Context {
  readonly viewer: GuardViewer | null;
  readonly now: Date;
}

interface Row {
  readonly ownerId: string;
}

const viewer: GuardOptions<Context>['viewer'] = (context) => context.viewer;

describe('a policy', () => {
  it('knows the context of the guard that it is written in', () => {
    const options: GuardOptions<Context> = {
      viewer,
      policies: {
        inline: rule('inline')((_parent, _args, context) => {
          expectTypeOf(context).toEqualTypeOf<Context>();
          return context.now.getDay() !== 0;
        }),
        joined: and(
          not(
            rule()((_parent, _args, context) => {
              expectTypeOf(context).toEqualTypeOf<Context>();
              return context.viewer === null;
            }),
          ),
          allow,
        ),
        // @ts-expect-error the context has no such property
        wrong: rule()((_parent, _args, context) => context.user === null),
      },
    };
    expect(Object.keys(options.policies ?? {})).toEqual(['inline', 'joined', 'wrong']);
  });

  it('takes its types from its function', () => {
    const owns = rule('owns')(
      (row: Row, _args: unknown, context: Pick<Context, 'viewer'>) => row.ownerId === context.viewer?.id,
    );
    expectTypeOf(owns).toEqualTypeOf<ShieldRule<Pick<Context, 'viewer'>>>();
    expectTypeOf(owns).toExtend<ShieldRule<Context>>();
    expectTypeOf<ShieldRule<Context>>().not.toExtend<typeof owns>();
  });

  it('is told its types', () => {
    const may = rule<Context, Row, { id: string }>('may', { cache: 'no_cache' })((row, args, context) => {
      expectTypeOf(row).toEqualTypeOf<Row>();
      expectTypeOf(args).toEqualTypeOf<{ id: string }>();
      expectTypeOf(context).toEqualTypeOf<Context>();
      return row.ownerId === args.id;
    });
    expectTypeOf(may).toEqualTypeOf<ShieldRule<Context>>();
    // @ts-expect-error what it is not told of the parent and the arguments, it must not assume
    rule<Context>()((row, args) => row.ownerId === args.id);
  });

  it('keeps the context it reads when it is joined', () => {
    const byDay = rule()((_p: unknown, _a: unknown, context: Context) => context.now.getDay() === 1);
    expectTypeOf(or(byDay, chain(byDay, allow), not(byDay, 'Not on Mondays.'))).toEqualTypeOf<ShieldRule<Context>>();
    const other = rule<{ user: string }>()((_parent, _args, { user: name }) => name === 'ada');
    // @ts-expect-error the two read different contexts
    and(byDay, other);
    // @ts-expect-error another server's
    expectTypeOf<GuardOptions<Context>>({ viewer, policies: { other } });
  });

  it('answers with a boolean, a text, an Error, or a promise of one', () => {
    const answers = [
      rule()(() => true),
      rule()(() => 'Because.'),
      rule()(() => new Error('Because.')),
      rule()(async () => false),
      // @ts-expect-error a number denies
      rule()(() => 1),
      // @ts-expect-error so does undefined, which an optional chain gives
      rule<Context>()((_parent, _args, context) => context.viewer?.roles.includes('ADMIN')),
      // @ts-expect-error so does the row that was looked up
      rule()(async () => ({ id: '1' })),
    ];
    expect(answers).toHaveLength(7);
  });

  it('has a cache that cannot hand one row’s verdict to another', () => {
    const made = [
      rule({ cache: 'contextual' })(() => true),
      rule('named', { cache: 'no_cache' })(() => true),
      // @ts-expect-error refused at the start as well
      rule({ cache: 'strict' })(() => true),
      // @ts-expect-error
      rule('named', { cache: () => 'key' })(() => true),
    ];
    expect(made).toHaveLength(4);
  });

  it('is a rule', () => {
    const policies: NonNullable<GuardOptions<Context>['policies']> = {
      input: inputRule()((yup) => yup.object({ id: yup.string().required() })),
      // @ts-expect-error a function is none
      plain: () => true,
      // @ts-expect-error neither is a verdict
      verdict: true,
    };
    expect(Object.keys(policies)).toHaveLength(3);
  });

  it('is asked with what its types say', async () => {
    const policies = {
      mine: rule<Pick<Context, 'viewer'>, Row, { sign: string }>()(
        ({ ownerId }, { sign }, context) => ownerId === context.viewer?.id && sign === '+',
      ),
    };
    const sdl =
      'type Query { row: Row @public } type Row @public { value(sign: String): Int @policy(policies: [["mine"]]) }';
    const guard = guardOf(sdl, { Query: { row: () => ({ ownerId: 'u1', value: 1 }) } }, { policies });
    const query = '{ row { a: value(sign: "+") b: value(sign: "-") } }';
    const result = await ask(guard, user(), query);
    expect([result.data, denialsOf(result)]).toEqual([{ row: { a: 1, b: null } }, ['FORBIDDEN row.b']]);
    expect(denialsOf(await ask(guard, user({ id: 'u2' }), query))).toEqual(['FORBIDDEN row.a', 'FORBIDDEN row.b']);
  });
});

it('the names of policies can be a type, and each then has its rule', () => {
  type PolicyName = 'open' | 'mine';
  const policies = {
    open: allow,
    mine: rule()((row, _args, context) => row.ownerId === context.viewer?.id),
  } satisfies Record<PolicyName, ShieldRule<Context>>;
  expectTypeOf(createGuard<Context>)
    .parameter(1)
    .toExtend<{ policies?: object }>();
  expectTypeOf(policies).toExtend<NonNullable<GuardOptions<Context>['policies']>>();
  // @ts-expect-error `mine` has no rule
  const lacking = { open: allow } satisfies Record<PolicyName, ShieldRule<Context>>;
  expect([Object.keys(policies), Object.keys(lacking)]).toEqual([['open', 'mine'], ['open']]);
});

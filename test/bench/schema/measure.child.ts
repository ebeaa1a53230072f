/** Measures one schema in a process of its own, so that each size is measured as after a start. */
import { executeSync, type GraphQLSchema, getIntrospectionQuery, parse, validateSchema } from 'graphql';
import { createGuard, type Guard } from '../../../src/authorization/guard.ts';
import { answer } from '../child.ts';
import { median } from '../statistics.ts';
import type { Sample } from './results.ts';
import { schemaOf, viewerWithout } from './world.ts';

/** Each number is another set of rights. */
const others = [3, 12, 48, 192, 768, 3072, 12_288];

answer<{ types: number }, Sample>(async ({ types }) => {
  const schema = schemaOf(types);
  if (validateSchema(schema).length > 0) throw new Error(`A schema of ${types} types is not valid.`);
  const made = timed(() =>
    createGuard<{ viewer: ReturnType<typeof viewerWithout> }>(schema, {
      viewer: ({ viewer }) => viewer,
      introspection: 'visible',
    }),
  );
  const guard = made.result;
  // A server has done this before its first answer.
  validateSchema(guard.schema);
  const turns = watchTurns();
  const first = await timedUntilDone(() => visibleTo(guard, 1));
  const longestTurn = turns.end();
  check(schema, first.result);
  const kept = timed(() => visibleTo(guard, 1));
  if (kept.result !== first.result) throw new Error('The same rights were shown another schema.');
  const later: number[] = [];
  for (const without of others) later.push((await timedUntilDone(() => visibleTo(guard, without))).milliseconds);
  const document = parse(getIntrospectionQuery());
  const introspected = timed(() =>
    guard.execute({ document, contextValue: { viewer: viewerWithout(others.at(-1) ?? 0) } }),
  );
  const plain = timed(() => executeSync({ schema, document }));
  return {
    guard: made.milliseconds,
    first: first.milliseconds,
    longestTurn,
    later: median(later),
    kept: kept.milliseconds,
    introspection: introspected.milliseconds,
    plain: plain.milliseconds,
  };
});

function visibleTo(guard: Guard, without: number) {
  return guard.visibleSchema({ viewer: viewerWithout(without) });
}

/** Some of the schema must be hidden, and most shown. Otherwise the figures would mean nothing. */
function check(whole: GraphQLSchema, visible: GraphQLSchema): void {
  if (validateSchema(visible).length > 0) throw new Error('What is shown is not valid.');
  const [all, shown] = [whole, visible].map((schema) => Object.keys(schema.getTypeMap()).length) as [number, number];
  if (shown >= all || shown < all / 2) throw new Error(`${shown} of ${all} types are shown.`);
}

interface Timed<Result> {
  readonly milliseconds: number;
  readonly result: Result;
}

/** Milliseconds of processor time, garbage collection included, because nothing waits here. */
function timed<Result>(run: () => Result): Timed<Result> {
  const before = process.cpuUsage();
  const result = run();
  return { milliseconds: processorTimeSince(before), result };
}

async function timedUntilDone<Result>(run: () => Result | PromiseLike<Result>): Promise<Timed<Result>> {
  const before = process.cpuUsage();
  const result = await run();
  return { milliseconds: processorTimeSince(before), result };
}

function processorTimeSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The longest time in which other requests would have had no turn, in milliseconds. */
function watchTurns(): { end: () => number } {
  let [last, longest] = [performance.now(), 0];
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(turn, 1);
  return {
    end: () => {
      turn();
      clearInterval(timer);
      return longest;
    },
  };
}

/** One schema in a process of its own, so that each size is measured as after a start. */
import { executeSync, type GraphQLSchema, getIntrospectionQuery, parse, validateSchema } from 'graphql';
import { createGuard, type Guard } from '../../../src/authorization/guard.ts';
import { answer } from '../child.ts';
import { median } from '../statistics.ts';
import type { Sample } from './results.ts';
import { schemaOf, viewerWithout } from './world.ts';

/** Each is another set of rights. */
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
  // As a server has done before it answers anything.
  validateSchema(guard.schema);
  const first = timed(() => visibleTo(guard, 1));
  check(schema, first.result);
  const kept = timed(() => visibleTo(guard, 1));
  if (kept.result !== first.result) throw new Error('The same rights were shown another schema.');
  const later = median(others.map((without) => timed(() => visibleTo(guard, without)).milliseconds));
  const document = parse(getIntrospectionQuery());
  const introspected = timed(() =>
    guard.execute({ document, contextValue: { viewer: viewerWithout(others.at(-1) ?? 0) } }),
  );
  const plain = timed(() => executeSync({ schema, document }));
  return {
    guard: made.milliseconds,
    first: first.milliseconds,
    later,
    kept: kept.milliseconds,
    introspection: introspected.milliseconds,
    plain: plain.milliseconds,
  };
});

function visibleTo(guard: Guard, without: number): GraphQLSchema {
  return guard.visibleSchema({ viewer: viewerWithout(without) }) as GraphQLSchema;
}

/** Something must be hidden, and most be shown, or the figures would mean nothing. */
function check(whole: GraphQLSchema, visible: GraphQLSchema): void {
  if (validateSchema(visible).length > 0) throw new Error('What is shown is not valid.');
  const [all, shown] = [whole, visible].map((schema) => Object.keys(schema.getTypeMap()).length) as [number, number];
  if (shown >= all || shown < all / 2) throw new Error(`${shown} of ${all} types are shown.`);
}

/** Milliseconds of the processors, garbage collection included: nothing waits here. */
function timed<Result>(run: () => Result): { milliseconds: number; result: Result } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { milliseconds: (user + system) / 1000, result };
}

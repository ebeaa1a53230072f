/** Tells of denials: a log line and a count each. */
import type { DenialEvent } from '../authorization/guard.ts';
import type { GraphQLContext } from '../graphql/context.ts';

export interface DenialCounter {
  /** How often, by schema coordinate. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  record(event: DenialEvent<GraphQLContext>): void;
}

export function denialCounter(): DenialCounter {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    counts,
    get total() {
      return total;
    },
    record: ({ coordinate, denial, viewerId, operationName, operationHash, context }) => {
      total++;
      counts.set(coordinate, (counts.get(coordinate) ?? 0) + 1);
      context.log.info(
        {
          coordinate,
          code: denial.extensions.code,
          requires: denial.requires,
          viewerId,
          operationName: operationName?.slice(0, 100) ?? null,
          operationHash,
        },
        'denied',
      );
    },
  };
}

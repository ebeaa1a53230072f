/** Logs and counts denials. */
import { describeRequirement } from '../../authorization/contract/denial.ts';
import type { DenialEvent, DenialMode } from '../../authorization/guard.ts';
import type { GraphQLContext } from '../../graphql/context.ts';
import type { RequestHooks } from '../request/hooks.ts';

export interface DenialCounter {
  /** How many denials each schema coordinate had. */
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  record(event: DenialEvent<GraphQLContext>): void;
  readonly hooks: RequestHooks;
}

/**
 * @param mode in `report`, the lines say that nothing was denied. A rule that fails is an error there, not a denial.
 */
export function denialCounter(mode: DenialMode): DenialCounter {
  const counts = new Map<string, number>();
  let total = 0;
  const counter: DenialCounter = {
    counts,
    get total() {
      return total;
    },
    record: (event) => {
      const { coordinate, requirement, denial, fault, viewerId, operationName, operationHash, context } = event;
      const where = { viewerId, operationName: operationName?.slice(0, 100) ?? null, operationHash };
      if (fault !== undefined) {
        context.log.error({ err: fault, coordinate, ...where }, 'a rule failed');
        return;
      }
      total++;
      counts.set(coordinate, (counts.get(coordinate) ?? 0) + 1);
      const { code } = denial.extensions;
      const facts = { coordinate, code, requirement: describeRequirement(requirement), requires: denial.requires };
      context.log.info({ ...facts, ...where }, mode === 'report' ? 'would be denied' : 'denied');
    },
    hooks: { errors: (_scope, { denials }) => denials.forEach(counter.record) },
  };
  return counter;
}

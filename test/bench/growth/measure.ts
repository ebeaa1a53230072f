/** Times variants of one question in turn, so that a disturbance of the machine concerns all of them alike. */
import { type Reply, wrong } from '../login/client.ts';
import { median } from '../statistics.ts';
import { listOf, pageSize } from './questions.ts';

export interface Variant {
  /** A name such as a size, or a page. */
  readonly name: string;
  readonly send: () => Promise<Reply>;
}

export interface Comparison {
  readonly group: string;
  readonly title: string;
  /** The last variant is compared with the first. */
  readonly variants: readonly Variant[];
  /** How many rows an answer has. Default: at most a page. */
  readonly rows?: number | undefined;
  /** Whether each answer must equal the first. */
  readonly isSteady?: boolean | undefined;
}

export interface Amount {
  /** The most requests of one variant in one round. */
  readonly requests: number;
  /** The milliseconds after which a variant is not asked again. */
  readonly budget: number;
}

/** Requests of one variant before the others have their turn. */
const turn = 5;
const fewest = 3;

/**
 * The median latency of each variant, in milliseconds.
 *
 * @throws Error for a wrong answer.
 */
export async function measure({ variants, rows, isSteady }: Comparison, amount: Amount): Promise<number[]> {
  const runs = variants.map(() => ({ times: [] as number[], spent: 0, first: null as string | null }));
  const ask = async (index: number) => {
    const [variant, run] = [variants[index] as Variant, runs[index] as (typeof runs)[number]];
    const reply = await variant.send();
    const { nodes } = listOf(reply);
    const isRight = rows === undefined ? nodes.length <= pageSize : nodes.length === rows;
    if (!isRight) throw wrong(`${rows ?? 'a page of'} rows of "${variant.name}"`, reply);
    run.first ??= reply.text;
    if (isSteady && reply.text !== run.first) throw wrong('the same answer again', reply);
    return reply.milliseconds;
  };
  // Afterwards, compiled and cached code is the same for all.
  for (const index of variants.keys()) for (let times = 0; times < turn; times++) await ask(index);

  const isDone = ({ times, spent }: (typeof runs)[number]) =>
    times.length >= amount.requests || (spent >= amount.budget && times.length >= fewest);
  while (!runs.every(isDone)) {
    for (const [index, run] of runs.entries()) {
      for (let times = 0; times < turn && !isDone(run); times++) {
        const milliseconds = await ask(index);
        run.times.push(milliseconds);
        run.spent += milliseconds;
      }
    }
  }
  return runs.map(({ times }) => median(times));
}

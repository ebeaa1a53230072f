/** Whether the time of a refusal reveals who has an account: single logins with a wrong password, in random order. */
import { median } from '../statistics.ts';
import type { Accounts, Name } from './accounts.ts';
import { createClient } from './client.ts';
import { holm, type Interval, mannWhitney, medianDifference } from './comparison.ts';
import { checkInvalidCredentials, signIn } from './operations.ts';
import { type Random, randomOf, shuffled } from './random.ts';

export const groups = {
  username: 'a username',
  email: 'an e-mail address',
  unknownUsername: 'an unknown username',
  unknownEmail: 'an unknown e-mail address',
  closed: 'a closed account',
} as const;
export type Group = keyof typeof groups;

/** A difference in any pair would reveal something. */
export const pairs: readonly (readonly [Group, Group])[] = [
  ['username', 'unknownUsername'],
  ['email', 'unknownEmail'],
  ['closed', 'unknownUsername'],
  ['closed', 'username'],
];

/** Milliseconds. */
export interface Comparison {
  readonly one: Group;
  readonly other: Group;
  /** The difference of the medians, `one` less `other`. */
  readonly difference: number;
  /** 95 % confidence. */
  readonly interval: Interval;
  /** Mann-Whitney's, corrected by Holm over all comparisons. */
  readonly p: number;
  /** Whether p is below 0.05. */
  readonly told: boolean;
}

export interface Timing {
  readonly seed: number;
  /** The number of samples of each group. */
  readonly samples: number;
  /** Milliseconds. */
  readonly medians: Readonly<Record<Group, number>>;
  readonly comparisons: readonly Comparison[];
}

export interface TimingPlan {
  readonly seed: number;
  readonly samples: number;
}

export async function measureTiming(url: string, accounts: Accounts, { seed, samples }: TimingPlan): Promise<Timing> {
  const random = randomOf(seed);
  const identifiers = identifiersOf(accounts);
  const kinds = Object.keys(groups) as Group[];
  const measured: Record<Group, number[]> = {
    ...{ username: [], email: [], unknownUsername: [], unknownEmail: [], closed: [] },
  };
  const client = createClient(url);
  const once = async (group: Group): Promise<number> => {
    const of = identifiers[group];
    const identifier = of[Math.floor(random() * of.length)] as string;
    const reply = await client.send(signIn(identifier, wrongPassword));
    checkInvalidCredentials(reply);
    return reply.milliseconds;
  };
  try {
    for (const group of shuffled(repeated(kinds, warmUp), random)) await once(group);
    for (const group of shuffled(repeated(kinds, samples), random)) measured[group].push(await once(group));
  } finally {
    client.close();
  }
  return { seed, samples, ...judge(measured, random) };
}

/** The verdicts on the measured milliseconds. */
export function judge(
  measured: Readonly<Record<Group, readonly number[]>>,
  random: Random,
): Pick<Timing, 'medians' | 'comparisons'> {
  const medians = Object.fromEntries(
    Object.entries(measured).map(([group, values]) => [group, median(values)]),
  ) as Record<Group, number>;
  const corrected = holm(pairs.map(([one, other]) => mannWhitney(measured[one], measured[other])));
  const comparisons = pairs.map(([one, other], index): Comparison => {
    const p = corrected[index] as number;
    return {
      ...{ one, other, p, told: p < 0.05 },
      difference: medians[one] - medians[other],
      interval: medianDifference(measured[one], measured[other], random),
    };
  });
  return { medians, comparisons };
}

/** Logins of each group that do not count. */
const warmUp = 5;
const wrongPassword = 'the quick brown bench 8';

/** The same number for each group, so that every group repeats names equally often. */
function identifiersOf({ open, closed, unknown }: Accounts): Record<Group, readonly string[]> {
  const usernames = (names: readonly Name[]) => names.map(({ username }) => username);
  const emails = (names: readonly Name[]) => names.map(({ email }) => email);
  return {
    username: usernames(open),
    email: emails(open),
    unknownUsername: usernames(unknown),
    unknownEmail: emails(unknown),
    closed: usernames(closed),
  };
}

function repeated<Item>(items: readonly Item[], times: number): Item[] {
  return Array.from({ length: times }, () => items).flat();
}

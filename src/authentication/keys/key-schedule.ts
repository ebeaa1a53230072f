/**
 * Decides which key signs, and how long tokens of the other keys are accepted. Only the rows and the clock decide, so
 * every node reaches the same answer.
 */

export interface Scheduled {
  readonly kid: string;
  readonly signsFrom: Date;
  readonly retiredAt: Date | null;
}

/** When one key signs and verifies. */
export interface Term<Key> {
  readonly key: Key;
  /** When its last token has expired on every clock; null until another key is to follow. */
  readonly verifiesUntil: Date | null;
}

/** The difference between clocks that a token check allows, in seconds. */
export const leeway = 5;

/**
 * Seconds. A node learns of a new key within a minute, and its clock may be a minute behind. It may sign with the
 * former key that long.
 */
const margin = 120;

/**
 * The keys that are not retired, in the order in which they sign. A key stays in use after it is superseded, for the
 * lifetime of one token. `accessTokenTtl`: seconds.
 */
export function termsOf<Key extends Scheduled>(keys: readonly Key[], accessTokenTtl: number): Term<Key>[] {
  const inOrder = keys.filter(({ retiredAt }) => retiredAt === null).sort(inOrderOfSigning);
  const overlap = (accessTokenTtl + leeway + margin) * 1000;
  return inOrder.map((key, index) => {
    const successor = inOrder[index + 1];
    return { key, verifiesUntil: successor ? new Date(successor.signsFrom.getTime() + overlap) : null };
  });
}

/**
 * The last of `terms` (as `termsOf` gives them) that has begun. If none has begun, the one that begins first: a node's
 * clock can be behind that of the node that made the first key. Null if there are none.
 */
export function signingTerm<Key extends Scheduled>(terms: readonly Term<Key>[], now: Date): Term<Key> | null {
  return terms.findLast(({ key }) => key.signsFrom <= now) ?? terms[0] ?? null;
}

/** Whether tokens of the key are accepted. The key is published for the same time, from its creation on. */
export function isAccepted({ verifiesUntil }: Pick<Term<unknown>, 'verifiesUntil'>, now: Date): boolean {
  return verifiesUntil === null || now < verifiesUntil;
}

/** If two begin at once, the kid decides. It is compared by code units, because collations of databases differ. */
function inOrderOfSigning(one: Scheduled, other: Scheduled): number {
  return one.signsFrom.getTime() - other.signsFrom.getTime() || (one.kid < other.kid ? -1 : 1);
}

/**
 * Which key signs, and how long the tokens of the others are accepted. It follows from the rows and the clock alone,
 * so that every node comes to the same answer.
 */

export interface Scheduled {
  readonly kid: string;
  readonly signsFrom: Date;
  readonly retiredAt: Date | null;
}

/** One key's time. */
export interface Term<Key> {
  readonly key: Key;
  /** When its last token has expired on every clock; null as long as no key is to follow it. */
  readonly verifiesUntil: Date | null;
}

/** Seconds by which clocks may differ when a token is checked. */
export const leeway = 5;

/**
 * Seconds. A node hears of a new key within a minute at the latest, and its clock may be a minute behind: so long it
 * may sign with the former one.
 */
const margin = 120;

/**
 * The keys that are not retired, in the order in which they sign. Each stays in use until it has been superseded for
 * as long as a token lives. `accessTokenTtl`: seconds.
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
 * Of `terms`, as `termsOf` gives them, the last that has begun. Where none has, as on a node whose clock is behind that
 * of the node that made the first key, the one that begins first. Null if there are none.
 */
export function signingTerm<Key extends Scheduled>(terms: readonly Term<Key>[], now: Date): Term<Key> | null {
  return terms.findLast(({ key }) => key.signsFrom <= now) ?? terms[0] ?? null;
}

/** Whether the key's tokens are accepted. It is published as long as they are, from its creation on. */
export function isAccepted({ verifiesUntil }: Pick<Term<unknown>, 'verifiesUntil'>, now: Date): boolean {
  return verifiesUntil === null || now < verifiesUntil;
}

/** Of two that begin at once the kid decides; compared by code units, as no database's collation does. */
function inOrderOfSigning(one: Scheduled, other: Scheduled): number {
  return one.signsFrom.getTime() - other.signsFrom.getTime() || (one.kid < other.kid ? -1 : 1);
}

/**
 * When those that are refused may come again. To refuse takes time as well, and were all of a great crowd to come again
 * after a second, much of the time would go into refusing them once more.
 */

/** As many come again in a second, of all networks together, as long as they heed what they are told; so many of each. */
const returnsInSecond = 100;
const returnsOfNetwork = 10;
/** Seconds. */
const longest = 30;

/** @returns tells for the next one of a network that is refused how many seconds it is to wait: RFC 9110, 10.2.3. */
export function returns(): (network: string) => number {
  /** How many are to stay away, by network; and who of them may come again in a second, counted from the start. */
  const away = new Map<string, number>();
  const due = new Map<number, Map<string, number>>();

  function letReturn(now: number): void {
    for (const [second, networks] of due) {
      if (second > now) continue;
      due.delete(second);
      for (const [network, count] of networks) add(away, network, -count);
    }
  }

  return (network) => {
    const now = Math.floor(performance.now() / 1000);
    letReturn(now);
    const theirs = away.get(network) ?? 0;
    const networks = theirs === 0 ? away.size + 1 : away.size;
    const share = Math.max(returnsInSecond / networks, returnsOfNetwork);
    const seconds = Math.min(longest, 1 + Math.floor(theirs / share));
    add(away, network, 1);
    let then = due.get(now + seconds);
    if (!then) {
      then = new Map();
      due.set(now + seconds, then);
    }
    add(then, network, 1);
    return seconds;
  };
}

function add(counts: Map<string, number>, network: string, count: number): void {
  const sum = (counts.get(network) ?? 0) + count;
  if (sum > 0) counts.set(network, sum);
  else counts.delete(network);
}

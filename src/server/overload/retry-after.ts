/**
 * When refused requests may come again. Refusing takes time as well. If a great crowd came again after a second,
 * refusing it once more would take much of the time.
 */

/** How many requests come again in a second, over all networks, if clients obey; and for each network. */
const returnsInSecond = 100;
const returnsOfNetwork = 10;
/** Seconds. */
const longest = 30;

/** @returns a function that gives the seconds to wait for a network's next refused request: RFC 9110, 10.2.3. */
export function returns(): (network: string) => number {
  /** `away`: how many requests of each network stay away. `due`: how many may come again, by second of the process. */
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

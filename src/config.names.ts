/** Names in the environment that look like those of ours: nothing reads them, though somebody may think so. */
import { closestMatch } from 'leven';

type Environment = Readonly<Record<string, string | undefined>>;

/** Shorter names have many neighbours. */
const longName = 8;

/** One sentence for each variable that nobody reads and that may be meant as one of `keys` which is not set. */
export function misspeltNames(env: Environment, keys: readonly string[]): string[] {
  const known = new Set(keys);
  const missing = keys.filter((key) => !env[key]?.trim());
  return Object.keys(env).flatMap((name) => {
    if (known.has(name) || !env[name]?.trim()) return [];
    const maxDistance = name.length < longName ? 1 : 2;
    const meant = closestMatch(name.toUpperCase(), missing, { maxDistance });
    return meant ? [`${name} is set, but nothing reads it. Did you mean ${meant}?`] : [];
  });
}

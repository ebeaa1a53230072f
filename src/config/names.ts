/** Finds variables that resemble a key of this program. Nothing reads them, though the operator may think so. */
import leven, { closestMatch } from 'leven';

type Environment = Readonly<Record<string, string | undefined>>;

/** Names that begin or end like a key, and belong to other programs. */
const others: ReadonlySet<string> = new Set(['ACCESS_TOKEN', 'REFRESH_TOKEN']);
/** What Docker and Kubernetes set for another container, whatever its name. */
const ofContainer = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)$/;

/** Each of these lengths allows one mistake more. Short names resemble too many others. */
const lengthsOfMistakes = [6, 8, 11, 20];
/** If the similar key is set, the variable may belong to another program. So fewer mistakes are allowed. */
const mistakesBesideSet = 2;
/** Many programs put their name before their keys. This one does not. */
const ownPrefix = 'GATEWRIGHT_';
const mistakesInPrefix = 2;
/** Shorter names begin or end like too many others. */
const longPart = 8;

/** One sentence for each variable that nobody reads and that may be meant as one of `keys`. */
export function misspeltNames(env: Environment, keys: readonly string[]): string[] {
  const isSet = (name: string) => Boolean(env[name]?.trim());
  const unset = keys.filter((key) => !isSet(key));
  const ofFiles = keys.filter((key) => key.endsWith('_FILE')).map((key) => key.slice(0, -'_FILE'.length));
  return Object.keys(env).flatMap((name) => {
    const upper = name.toUpperCase();
    if (keys.includes(name) || !isSet(name) || others.has(upper) || ofContainer.test(upper)) return [];
    const told = `${name} is set, but nothing reads it.`;
    const ofFile = keys.find((key) => upper === `${key}_FILE`);
    if (ofFile) return [`${told} Set ${ofFile} itself: only ${ofFiles.join(' and ')} can be read from a file.`];
    const bare = withoutPrefix(upper);
    const meant =
      keys.find((key) => key === bare) ??
      shortened(bare, unset) ??
      misspelt(bare, keys, isSet) ??
      lengthened(bare, unset);
    if (meant) return [`${told} Did you mean ${meant}?`];
    return bare === upper ? [] : [`${told} No key begins with ${ownPrefix}: .env.example lists those that there are.`];
  });
}

/** The name without this program's prefix, which may be misspelt. */
function withoutPrefix(name: string): string {
  const [first = '', ...rest] = name.split('_');
  const isOurs = rest.length > 0 && leven(`${first}_`, ownPrefix) <= mistakesInPrefix;
  return isOurs ? rest.join('_') : name;
}

function misspelt(name: string, keys: readonly string[], isSet: (key: string) => boolean): string | undefined {
  const most = lengthsOfMistakes.filter((length) => name.length >= length).length;
  const near = keys.filter(
    (key) =>
      leven(name, key) <= (isSet(key) ? Math.min(most, mistakesBesideSet) : most) || isSameButForNumber(name, key),
  );
  return closestMatch(name, near);
}

/** Whether one is the other's singular or plural. */
function isSameButForNumber(name: string, key: string): boolean {
  const singular = (text: string) => text.replaceAll(/IES(?=_|$)/g, 'Y').replaceAll(/S(?=_|$)/g, '');
  return name.length >= longPart && singular(name) === singular(key);
}

/** The key that begins or ends with the name. */
function shortened(name: string, keys: readonly string[]): string | undefined {
  if (name.length < longPart || !name.includes('_')) return undefined;
  return keys.find((key) => key.startsWith(name) || key.endsWith(`_${name}`));
}

/** The longest key that the name begins with. */
function lengthened(name: string, keys: readonly string[]): string | undefined {
  const [longest] = keys
    .filter((key) => key.length >= longPart && name.startsWith(key))
    .sort((a, b) => b.length - a.length);
  return longest;
}

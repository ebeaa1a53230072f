/** Reads variables of an environment one by one, and gathers what is wrong with them. */
import { durationFault, parseDuration, parseRate, type Rate, rateFault } from './values.ts';

/** What is wrong with a value and what to write instead; null if nothing is. */
export type Check = (text: string) => string | null;

export interface ReaderOptions<Key> {
  /** The variables that are taken as they are written; the others without the spaces around them. */
  asWritten: ReadonlySet<Key>;
  /** Gives what a file holds. */
  readText: (file: string) => string;
}

/** An empty variable counts as unset. What is wrong is gathered in `faults`, and a fallback given instead. */
export function reader<Key extends string>(
  env: Readonly<Record<string, string | undefined>>,
  { asWritten, readText }: ReaderOptions<Key>,
) {
  const faults: { key: Key; fault: string }[] = [];
  const fault = (key: Key, text: string): void => void faults.push({ key, fault: text });
  const raw = (key: Key): string | null => (asWritten.has(key) ? env[key] : env[key]?.trim()) || null;

  function checked(key: Key, check: Check | undefined): string | null {
    const text = raw(key);
    const found = text !== null && (lossFault(text) ?? check?.(text));
    if (found) fault(key, found);
    return found ? null : text;
  }

  return {
    faults,
    fault,
    isSet: (key: Key): boolean => raw(key) !== null,
    /** A fallback was given instead: nothing can be said of how another value goes with it. */
    isFaulty: (key: Key): boolean => faults.some((found) => found.key === key),
    optional: checked,
    /** `fileKey` names a file that holds the value, as container secrets do. */
    optionalOrFile: (key: Key, fileKey: Key, check: Check): string | null => {
      const file = raw(fileKey);
      if (file === null) return checked(key, check);
      if (raw(key) !== null) {
        fault(fileKey, `is set beside ${key}. Write one of them.`);
        return null;
      }
      const { text, found } = fileText(file, readText, check);
      if (found) fault(fileKey, found);
      return text;
    },
    text: (key: Key, fallback: string, check?: Check): string => checked(key, check) ?? fallback,
    list: (key: Key, fallback: readonly string[], check: Check): readonly string[] => {
      const items = raw(key)
        ?.split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
      for (const item of items ?? []) {
        const found = check(item);
        if (found) fault(key, found);
      }
      return items ?? fallback;
    },
    oneOf: <T extends string>(key: Key, values: readonly T[], fallback: T): T => {
      const text = raw(key);
      const value = values.find((candidate) => candidate === text);
      if (text !== null && value === undefined) fault(key, `"${text}" is unknown. Write ${values.join(', or ')}.`);
      return value ?? fallback;
    },
    integer: (key: Key, fallback: number, min: number, max: number): number => {
      const text = checked(key, (found) =>
        /^\d{1,9}$/.test(found) && Number(found) >= min && Number(found) <= max
          ? null
          : `"${found}" will not do. Write a whole number from ${min} to ${max}.`,
      );
      return text === null ? fallback : Number(text);
    },
    duration: (key: Key, fallback: string, min: number, max: number): number => {
      const text = checked(key, (found) => durationFault(found, min, max));
      return parseDuration(text ?? fallback) as number;
    },
    rate: (key: Key, fallback: string): Rate => parseRate(checked(key, rateFault) ?? fallback) as Rate,
  };
}

/** Node puts U+FFFD in the place of bytes that are not UTF-8: several secrets would be one, and easier to guess. */
function lossFault(text: string): string | null {
  return text.includes('\ufffd')
    ? 'holds bytes that are not UTF-8. Write it in UTF-8, a random secret in Base64.'
    : null;
}

/** Without the line end that editors put after a secret. */
function fileText(file: string, readText: (file: string) => string, check: Check) {
  try {
    const text = readText(file).replace(/\r?\n$/, '');
    const found = text === '' ? 'is empty. Write the value into it.' : (lossFault(text) ?? check(text));
    return found ? { text: null, found: `"${file}" ${found}` } : { text, found: null };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { text: null, found: `"${file}" cannot be read (${code}). Write the path of a file that can.` };
  }
}

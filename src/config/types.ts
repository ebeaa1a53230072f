/** The types of values that keys take. */
import { emailFault, hostFault, originFault, proxyFault, publicUrlFault, withoutSlash } from './addresses.ts';
import { type Check, checked, type KeyType, refuse } from './key.ts';
import { durationFault, parseDuration, parseRate, type Rate, rateFault, weakSecretFault } from './values.ts';

const anything: Check = () => null;

export const text = checked('text', anything);
export const path = checked('a path', anything);
export const host = checked('an address', hostFault);
export const publicUrl = mapped(checked('an address with http or https', publicUrlFault), withoutSlash);
/** database.ts checks the address, because libpq's own variables complete it. */
export const databaseUrl = checked('an address with postgres', anything);
export const secret = checked('a secret of 32 bytes or more', weakSecretFault, true);
/** rules.ts checks the keys beside JWT_ALGORITHM. */
export const privateKeys = checked('PEM blocks', anything, true);
/** rules.ts checks these three by the names of the accounts. */
export const username = checked('a username', anything);
export const email = checked('an e-mail address', anything);
export const password = checked('a password', anything, true);

/** The shape of an e-mail address, where no room checks more. */
export const shapeOfEmail: Check = emailFault;

export const origins = list('origins, separated by commas', originFault);
export const proxies = list('addresses or networks, separated by commas', proxyFault);

export const rate: KeyType<Rate> = mapped(
  checked('1 to 1000000 in `1s` to `24d`', rateFault),
  (given) => parseRate(given) as Rate,
);

export const onOff = mapped(oneOf('on', 'off'), (word) => word === 'on');
export const yesNo = mapped(oneOf('yes', 'no'), (word) => word === 'yes');
export const isProduction = mapped(oneOf('development', 'production', 'test'), (word) => word === 'production');

export function oneOf<const Word extends string>(...words: readonly Word[]): KeyType<Word> {
  return {
    words: words.map((word) => `\`${word}\``).join(', '),
    parse: (given) => {
      const found = words.find((word) => word === given);
      refuse(found === undefined ? `"${given}" is unknown. Write ${words.join(', or ')}.` : null);
      return found as Word;
    },
  };
}

export function integer(min: number, max: number): KeyType<number> {
  const fault: Check = (given) =>
    /^\d{1,9}$/.test(given) && Number(given) >= min && Number(given) <= max
      ? null
      : `"${given}" will not do. Write a whole number from ${min} to ${max}.`;
  return mapped(checked(`${min} to ${max}`, fault), Number);
}

/** The value is in seconds. */
export function duration(min: string, max: string): KeyType<number> {
  const [least, most] = [min, max].map((limit) => parseDuration(limit) as number) as [number, number];
  const type = checked(`\`${min}\` to \`${max}\``, (given) => durationFault(given, least, most));
  return mapped(type, (given) => parseDuration(given) as number);
}

/** One fault covers every item. */
function list(words: string, check: Check): KeyType<readonly string[]> {
  return {
    words,
    parse: (given) => {
      const items = given.split(',').map((item) => item.trim());
      const written = items.filter((item) => item !== '');
      const faults = written.flatMap((item) => check(item) ?? []);
      refuse(faults.length > 0 ? faults.join(' ') : null);
      return written;
    },
  };
}

function mapped<From, To>(type: KeyType<From>, to: (value: From) => To): KeyType<To> {
  return { ...type, parse: (given) => to(type.parse(given)) };
}

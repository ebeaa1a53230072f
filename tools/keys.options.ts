/** The words after `npm run keys --`. */
import { parseArgs } from 'node:util';
import { durationFault, parseDuration } from '../src/config/values.ts';
import { jwksMaxAge } from '../src/server/http/jwks.ts';

export const usage = 'usage: npm run keys -- list | rotate [--now | --in 10m] | retire KID';

export type Command =
  | { is: 'help' }
  | { is: 'list' }
  /** `delay`: seconds until the new key signs. */
  | { is: 'rotate'; delay: number }
  | { is: 'retire'; kid: string };

const day = 86_400;
/** A thumbprint. */
const kidForm = /^[\w-]{43}$/;

/** The command, or a fault if it cannot be understood. */
export function readCommand(args: string[]): Command | { fault: string } {
  const [first, second, ...further] = args;
  // A kid may begin with a dash, like an option.
  if (first === 'retire' && second && kidForm.test(second) && further.length === 0)
    return { is: 'retire', kid: second };
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { now: { type: 'boolean' }, in: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) return { is: 'help' };
    const [name, kid, ...rest] = positionals;
    if (rest.length > 0 || (kid !== undefined && name !== 'retire')) throw new Error('there is a word too many');
    if (name !== 'rotate' && (values.now || values.in !== undefined)) {
      throw new Error('--now and --in belong to rotate');
    }
    if (name === 'list') return { is: 'list' };
    if (name === 'rotate') return { is: 'rotate', delay: delayOf(values) };
    if (name === 'retire' && kid) return { is: 'retire', kid };
    throw new Error(
      name === 'retire' ? 'retire needs a KID, as list shows them' : `unknown command ${name ?? ''}`.trim(),
    );
  } catch (error) {
    return { fault: (error as Error).message.split('\n')[0] as string };
  }
}

/** In seconds. Default: as long as two copies of the key set may be cached. */
function delayOf(values: { now?: boolean; in?: string }): number {
  if (values.now && values.in !== undefined) throw new Error('--now and --in exclude each other');
  if (values.now) return 0;
  if (values.in === undefined) return 2 * jwksMaxAge;
  const fault = durationFault(values.in, 0, 30 * day);
  if (fault) throw new Error(`--in ${fault}`);
  return parseDuration(values.in) as number;
}

/** Durations, limits and secrets, as the environment spells them. */

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads `900`, `900s`, `15m`, `2h` or `30d` in seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})\s*([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * units[(match[2] || 's') as keyof typeof units] : null;
}

/** `min` and `max` are in seconds. */
export function durationFault(text: string, min: number, max: number): string | null {
  const seconds = parseDuration(text);
  if (seconds === null) return `"${text}" is not a duration. Write seconds, or a number with s, m, h or d: 15m, 30d.`;
  if (seconds >= min && seconds <= max) return null;
  return `"${text}" is out of range. Write a duration from ${formatDuration(min)} to ${formatDuration(max)}.`;
}

/** A number of attempts in a number of seconds. */
export interface Rate {
  readonly points: number;
  readonly duration: number;
}

/** Reads `10/15m`; null if the text does not have that form. */
export function parseRate(text: string): Rate | null {
  const [, points, time = ''] = /^(\d{1,9})\s*\/\s*(.+)$/.exec(text) ?? [];
  const duration = parseDuration(time);
  return points === undefined || duration === null ? null : { points: Number(points), duration };
}

const maxRate = 1_000_000;

/** In seconds. Node's timers hold less than 25 days, and the limits of the embedded database expire by them. */
const maxWindow = 24 * units.d;

export function rateFault(text: string): string | null {
  const rate = parseRate(text);
  if (rate === null) return `"${text}" is not a limit. Write how many in how long, such as 10/15m.`;
  const { points, duration } = rate;
  if (points >= 1 && points <= maxRate && duration >= 1 && duration <= maxWindow) return null;
  return `"${text}" is out of range. Write from 1 to ${maxRate}, in from 1s to ${formatDuration(maxWindow)}.`;
}

function formatDuration(seconds: number): string {
  const unit = (['d', 'h', 'm'] as const).find((name) => seconds % units[name] === 0) ?? 's';
  return `${seconds / units[unit]}${unit}`;
}

const makeOne = 'Write random ones: `openssl rand -base64 48`.';

/** Source: RFC 7518, section 3.2 (a key at least as long as the hash). The secret is never quoted. */
export function weakSecretFault(secret: string): string | null {
  const bytes = Buffer.byteLength(secret);
  if (bytes < 32) return `has ${bytes} bytes; it needs 32 or more. ${makeOne}`;
  const weakness = weaknessOf(secret);
  return weakness && `is easily guessed: ${weakness}. ${makeOne}`;
}

/** Checks an administrator's password in production, and never quotes it. `username` is null if it is not known. */
export function weakPasswordFault(password: string, username: string | null): string | null {
  const advice = 'Write 12 characters or more that nobody would guess, or leave it out to make no administrator.';
  const { length } = [...password];
  if (length < 12) return `has ${length} ${length === 1 ? 'character' : 'characters'}. ${advice}`;
  const hasName = username !== null && password.toLowerCase().includes(username.toLowerCase());
  const weakness = hasName ? `it contains ADMIN_USERNAME, "${username}"` : weaknessOf(password);
  return weakness && `is easily guessed: ${weakness}. ${advice}`;
}

const placeholders = [
  'changeme',
  'replaceme',
  'yoursecret',
  'jwtsecret',
  'supersecret',
  'password',
  'example',
  'qwerty',
];

const minCharacters = 6;

/** Why a text is easy to guess; null if it is not. It quotes at most a word that everybody knows. */
function weaknessOf(text: string): string | null {
  const letters = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const placeholder = placeholders.find((each) => letters.includes(each));
  if (placeholder) return `it contains "${placeholder}"`;
  if (letters !== '' && '0123456789'.repeat(9).includes(letters)) return 'its digits are in their order';
  if (new Set(text).size < minCharacters) return `it has fewer than ${minCharacters} different characters`;
  return isRepetitive(text) ? 'it is one piece again and again' : null;
}

function isRepetitive(text: string): boolean {
  for (let length = 1; length <= Math.min(16, text.length / 2); length++) {
    if (
      text ===
      text
        .slice(0, length)
        .repeat(Math.ceil(text.length / length))
        .slice(0, text.length)
    )
      return true;
  }
  return false;
}

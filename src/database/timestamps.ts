/** Moments as PostgreSQL spells them. */

/** Timestamps are kept between these two moments. In these years every spelling reads the same. */
export const earliestTimestamp = new Date('1000-01-01T00:00:00.000Z');
export const latestTimestamp = new Date('9999-12-31T23:59:59.999Z');

/** Whether a timestamp column may hold the moment. Ask this for every moment that comes in. */
export function isStorableMoment(moment: Date): boolean {
  return moment >= earliestTimestamp && moment <= latestTimestamp;
}

/** A moment in a row: a Date in an entity, or the text for clients (ISO 8601, in UTC, with milliseconds). */
export type Moment = Date | string;

/** A `timestamptz` as the driver reads it. */
export function fromTimestamp(text: string): Date {
  return new Date(text);
}

/** The same moment as text for clients. Sessions are in UTC, so only the spelling differs. */
export function toIsoText(text: string): string {
  if (!text.endsWith('+00')) return fromTimestamp(text).toISOString();
  const date = text.slice(0, 10);
  // PostgreSQL drops the zeros at the end of a fraction, and a fraction of zero: 2026-11-25 05:54:45.21+00.
  switch (text.length) {
    case 26:
      return `${date}T${text.slice(11, 23)}Z`;
    case 25:
      return `${date}T${text.slice(11, 22)}0Z`;
    case 24:
      return `${date}T${text.slice(11, 21)}00Z`;
    case 22:
      return `${date}T${text.slice(11, 19)}.000Z`;
    default:
      return fromTimestamp(text).toISOString();
  }
}

/** For a comparison with a `timestamptz`. A moment beyond every stored one becomes infinite. */
export function toTimestamp(date: Date): string {
  if (date < earliestTimestamp) return '-infinity';
  if (date > latestTimestamp) return 'infinity';
  return date.toISOString();
}

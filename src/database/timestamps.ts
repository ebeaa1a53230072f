/** Moments as PostgreSQL spells them. */

/** The moments that timestamps are kept in: years that read the same in every spelling. */
export const earliestTimestamp = new Date('1000-01-01T00:00:00.000Z');
export const latestTimestamp = new Date('9999-12-31T23:59:59.999Z');

/** A `timestamptz` as the driver reads it. */
export function fromTimestamp(text: string): Date {
  return new Date(text);
}

/** For a comparison with a `timestamptz`: what no stored moment can lie beyond becomes infinite. */
export function toTimestamp(date: Date): string {
  if (date < earliestTimestamp) return '-infinity';
  if (date > latestTimestamp) return 'infinity';
  return date.toISOString();
}

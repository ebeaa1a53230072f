/** Conditions that lists of several nouns share. Columns are names in the code, never input. */
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { BadUserInputError } from '../errors.ts';
import { isStorable } from '../text.ts';

const maximumSearch = 100;

/**
 * One of the columns contains `text` literally, in any case.
 *
 * @throws BadUserInputError unless it is 1 to 100 characters that can be stored.
 */
export function containsText(columns: readonly string[], text: string): Sql {
  if (text === '' || [...text.slice(0, 2 * maximumSearch + 1)].length > maximumSearch) {
    throw new BadUserInputError(`\`text\` must be 1 to ${maximumSearch} characters. Leave it out to find everything.`);
  }
  if (!isStorable(text)) throw new BadUserInputError('`text` contains characters that no text here can contain.');
  const pattern = containing(text);
  return sql`(${join(
    columns.map((column) => sql`${raw(column)} ilike ${pattern}`),
    ' or ',
  )})`;
}

/** The pattern for LIKE and ILIKE that finds `text` literally, anywhere. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}

/** The column has one of these values. With no values, no row matches. */
export function isOneOf(column: string, values: readonly string[]): Sql {
  return values.length === 0 ? sql`false` : sql`${raw(column)} in (${join([...new Set(values)])})`;
}

/**
 * As `isOneOf`, for an enum column by which the list is sorted: a range of the list's index. For one value, equality
 * would tell the planner that the column sorts nothing. It would then read any index with the rest of the order.
 *
 * @param labels the enum's labels, in its order.
 */
export function isWithin(column: string, values: readonly string[], labels: readonly string[]): Sql {
  const wanted = labels.filter((label) => values.includes(label));
  if (wanted.length === 0) return sql`false`;
  const ref = raw(column);
  const range = sql`(${ref} >= ${wanted[0]} and ${ref} <= ${wanted.at(-1)})`;
  const isWhole = labels.indexOf(wanted.at(-1) ?? '') - labels.indexOf(wanted[0] ?? '') === wanted.length - 1;
  return isWhole ? range : sql`(${range} and ${isOneOf(column, wanted)})`;
}

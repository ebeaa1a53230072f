/** Rows that were read in part. */

/**
 * What such rows inherit: to read a column that was not asked for is a fault, never null. A rule that looks at a row
 * (see docs/authorization.md) must not take for empty what nobody has read.
 */
export function unread(columns: readonly string[]): object {
  const prototype = {};
  for (const column of columns) {
    Object.defineProperty(prototype, column, {
      get: () => {
        throw new Error(`The column ${column} was not read: the operation does not select it.`);
      },
    });
  }
  return prototype;
}

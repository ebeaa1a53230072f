/** Parts of the driver without declarations of their own. */
declare module 'pg/lib/utils.js' {
  /** A value as the protocol sends it. @throws Error for one that has no such form. */
  export function prepareValue(value: unknown): string | Buffer | null;
}

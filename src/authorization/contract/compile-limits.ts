/** The bounds of compiled execution. They limit what clients can make the server keep or do. */
export interface CompiledLimits {
  /** Executions of one operation, with the same verdicts, before it is compiled. */
  readonly hotAfter: number;
  /** Operations that are kept compiled. */
  readonly operations: number;
  /** Fields of all compiled operations together: a field takes about 4 KiB. */
  readonly fields: number;
  /** Fields of one operation. */
  readonly fieldsOfOperation: number;
  /** Milliseconds of compilation in each second, on average. */
  readonly milliseconds: number;
}

export const defaultLimits: CompiledLimits = {
  hotAfter: 3,
  operations: 500,
  fields: 10_000,
  fieldsOfOperation: 1000,
  milliseconds: 50,
};

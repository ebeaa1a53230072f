/** A decision on a requirement, for one operation. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Requirement } from '../contract/requirement.ts';
import type { ShieldRule } from '../rules/shield.ts';

/** The members of a resolver's `info` that are the same throughout an operation. */
export type OperationInfo = Pick<
  GraphQLResolveInfo,
  'schema' | 'operation' | 'fragments' | 'rootValue' | 'variableValues'
>;

/** Allowed; denied, whatever the row; or open. An open verdict has a `rule` to ask, with the row and the arguments. */
export type Verdict = (
  | { readonly allows: true }
  | { readonly allows: false; readonly reason?: string | undefined }
  | { readonly allows: null; readonly open: Requirement; readonly rule: ShieldRule }
) & {
  /** Two verdicts with one code leave the same to ask. */
  readonly code: string;
};

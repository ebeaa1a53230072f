/**
 * What an operation costs: a point a field, times the rows of the page that it lies on; ten points more for each
 * page, which is a query of its own. What reads no rows costs nothing: introspection, page info.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { CodedError } from '../../errors.ts';

const pageSize = { default: 20, max: 100 };
const pageCost = 10;

/**
 * `document` must be valid and its fields, fragments written out, bounded; `variables`, the raw ones, must
 * coerce.
 *
 * @throws CodedError (BAD_USER_INPUT) if an argument is not valid.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const query: DocumentNode = {
    ...document,
    definitions: [
      operation,
      ...document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION),
    ],
  };
  try {
    return getComplexity({ schema, query, variables: { ...variables }, estimators: [estimate] });
  } catch (error) {
    // Only what the library reports of arguments; a fault of its own is a fault.
    if (error instanceof GraphQLError && !error.originalError) {
      throw new CodedError('BAD_USER_INPUT', error.message, {}, { status: 400 });
    }
    throw error;
  }
}

const estimate: ComplexityEstimator = ({ type, field, args, childComplexity }) => {
  if (type.name.startsWith('__') || field.name.startsWith('__')) return 0;
  if (getNamedType(field.type).name === 'PageInfo') return 0;
  if (Array.isArray(args.ids)) return 1 + Math.min(args.ids.length, pageSize.max) * (1 + childComplexity);
  if (Array.isArray(args.representations)) return 1 + args.representations.length * (1 + childComplexity);
  const isPage = field.args.some(({ name }) => name === 'first');
  if (!isPage) return 1 + childComplexity;
  const rows = Math.min(Math.max(args.first ?? args.last ?? pageSize.default, 0), pageSize.max);
  return pageCost + rows * childComplexity;
};

/**
 * The cost of an operation: a point a field, times the rows of its page; and ten points for each page, which is a query
 * of its own. Introspection and page info cost nothing, because they read no rows.
 */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { type ComplexityEstimator, getComplexity } from 'graphql-query-complexity';
import { CodedError } from '../../errors.ts';

const pageSize = { default: 20, max: 100 };
const pageCost = 10;

/**
 * `document` must be valid, and its number of fields bounded. `variables` are the raw ones, and must coerce.
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
    // Only the library's reports about arguments. Its other errors are faults.
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

/** The most costs that are cached for one operation. Past it, the cache begins anew. */
const maxKept = 100;

interface Kept {
  /** Variables whose values decide how many rows are read, or whether a selection is included. */
  readonly decisive: ReadonlySet<string>;
  readonly variables: readonly string[];
  readonly costs: Map<string, number>;
}

/** Arguments that the estimate reads. */
const counted: ReadonlySet<string> = new Set(['first', 'last', 'ids', 'representations']);

const kept = new WeakMap<OperationDefinitionNode, Kept>();

/**
 * @param measure is called if nothing is cached. Null: the variables cannot be coerced, and nothing is cached.
 * @returns the result of `measure`, now or for variables with the same cost.
 */
export function keptCost(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
  measure: () => number | null,
): number | null {
  let found = kept.get(operation);
  if (!found) {
    found = read(document, operation);
    kept.set(operation, found);
  }
  const key = keyOf(found, variables);
  const known = key === null ? undefined : found.costs.get(key);
  if (known !== undefined) return known;
  const cost = measure();
  if (cost !== null && key !== null) {
    if (found.costs.size >= maxKept) found.costs.clear();
    found.costs.set(key, cost);
  }
  return cost;
}

function read(document: DocumentNode, operation: OperationDefinitionNode): Kept {
  const decisive = new Set<string>();
  const take = (node: Parameters<typeof visit>[0]) => {
    visit(node, { Variable: ({ name }) => void decisive.add(name.value) });
    return false as const;
  };
  visit(document, {
    Directive: take,
    Argument: (node) => (counted.has(node.name.value) ? take(node) : undefined),
  });
  const variables = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return { decisive, variables, costs: new Map() };
}

/**
 * The key of a cost. Other variables count only by whether they are null, because null can make an argument invalid.
 *
 * @returns null if no key can tell the cost.
 */
function keyOf({ decisive, variables }: Kept, given: Readonly<Record<string, unknown>>): string | null {
  let key = '';
  for (const name of variables) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || value === null) key += `${value} `;
    else if (!decisive.has(name)) key += '. ';
    else if (typeof value === 'number' || typeof value === 'boolean') key += `${value} `;
    else if (Array.isArray(value)) key += `[${value.length}] `;
    else return null;
  }
  return key;
}

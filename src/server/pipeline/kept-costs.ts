/** What operations were found to cost, so that one that comes again, with variables that cost the same, is not walked again. */
import { type DocumentNode, type OperationDefinitionNode, visit } from 'graphql';

/** Kept for one operation; past this they begin anew. */
const maxKept = 100;

interface Kept {
  /** Variables whose values decide how many rows are read, or whether a selection is included. */
  readonly decisive: ReadonlySet<string>;
  readonly variables: readonly string[];
  readonly costs: Map<string, number>;
}

/** Arguments that costOf reads (see cost.ts). */
const counted: ReadonlySet<string> = new Set(['first', 'last', 'ids', 'representations']);

const kept = new WeakMap<OperationDefinitionNode, Kept>();

/**
 * @param measure is asked where nothing is kept. Null: the variables cannot be coerced, and nothing is to be kept.
 * @returns what `measure` said, now or for variables that cost the same.
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

/** Of variables that decide nothing it tells whether they are null, which can make an argument invalid. Null: it cannot be told. */
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

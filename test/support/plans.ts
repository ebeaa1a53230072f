/** The plan of the database for a statement, from EXPLAIN. */
import { CompiledQuery } from 'kysely';
import type { Database } from '../../src/database/database.ts';

/** `custom`: with the values known. `generic`: that of a prepared statement, for all values. */
export type PlanKind = 'custom' | 'generic';

export interface Plan {
  /** How the table is read: names of indexes in alphabetical order, or `Seq Scan`. */
  readonly reads: readonly string[];
  /**
   * How many rows it expects to sort; 0: the rows are read in order, except for equal ones. A page that was cut already
   * does not count.
   */
  readonly sorted: number;
  /** The output of EXPLAIN, for the message of a failing test. */
  readonly text: string;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

/**
 * The plan of a statement as it was sent, text and values.
 * @param table the table whose reading counts.
 */
export async function planOf(
  database: Database,
  { sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>,
  table: string,
  kind: PlanKind = 'custom',
): Promise<Plan> {
  return await database.fork().transactional(async (tx) => {
    const run = async (text: string) => (await tx.getKysely().executeQuery(CompiledQuery.raw(text))).rows;
    await run(`set local plan_cache_mode = force_${kind}_plan`);
    await run(`prepare planned as ${sql}`);
    try {
      const values = parameters.length > 0 ? `(${parameters.map(literalOf).join()})` : '';
      const [row] = (await run(`explain (format json) execute planned${values}`)) as Record<string, unknown>[];
      const json = row?.['QUERY PLAN'];
      const [{ Plan: root }] = (typeof json === 'string' ? JSON.parse(json) : json) as [{ Plan: PlanNode }];
      const nodes = nodesOf(root);
      return { ...readingOf(nodes, table), text: JSON.stringify(root, null, 1) };
    } finally {
      await run('deallocate planned');
    }
  });
}

function readingOf(nodes: readonly PlanNode[], table: string): Pick<Plan, 'reads' | 'sorted'> {
  const reads = nodes
    .filter((node) => node['Relation Name'] === table || node['Index Name']?.startsWith(`${table}_`))
    // The indexes of a bitmap stand below it.
    .filter((node) => node['Node Type'] !== 'Bitmap Heap Scan')
    .map((node) => node['Index Name'] ?? node['Node Type']);
  const isCut = (node: PlanNode) => nodesOf(node).some((below) => below['Node Type'] === 'Limit');
  const sorts = nodes.filter((node) => node['Node Type'] === 'Sort' && !isCut(node));
  return { reads: [...new Set(reads)].sort(), sorted: Math.max(0, ...sorts.map((node) => node['Plan Rows'])) };
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function literalOf(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') throw new TypeError(`no literal is known for ${typeof value}`);
  return `E'${value.replace(/['\\]/g, '\\$&')}'`;
}

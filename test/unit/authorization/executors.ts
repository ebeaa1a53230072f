/** Asks one query by every way of execution. */
import { type ExecutionResult, execute, GraphQLError, parse } from 'graphql';
import type { Guard } from '../../../src/authorization/guard.ts';

/** Executions after which the default options compile an operation. */
const untilHot = 6;

export interface Asked {
  readonly name: string;
  readonly result: ExecutionResult;
}

/** `guard.execute` when cold and when hot, and graphql-js on `guard.schema`. */
export async function askEveryWay(
  guard: Guard,
  viewer: unknown,
  query: string,
  variableValues: Record<string, unknown> = {},
): Promise<Asked[]> {
  const document = parse(query);
  const ask = async () => plain(await guard.execute({ document, contextValue: { viewer }, variableValues }));
  const cold = await ask();
  for (let i = 0; i < untilHot; i++) await ask();
  const onSchema = await execute({ schema: guard.schema, document, contextValue: { viewer }, variableValues });
  return [
    { name: 'cold', result: cold },
    { name: 'hot', result: await ask() },
    { name: 'guard.schema', result: plain(onSchema) },
  ];
}

/** The logged cause of a fault. */
export function causeOf(error: GraphQLError | undefined): string | undefined {
  const fault = error?.originalError;
  return fault instanceof GraphQLError ? fault.originalError?.message : fault?.message;
}

/** The answer, which must be the same by every way. */
export async function askAlike(...asked: Parameters<typeof askEveryWay>): Promise<ExecutionResult> {
  const [first, ...others] = (await askEveryWay(...asked)).map(({ name, result }) => ({ name, text: sorted(result) }));
  for (const { name, text } of others) {
    if (text !== first?.text) throw new Error(`${name} answers ${text}, and ${first?.name} ${first?.text}`);
  }
  return JSON.parse(first?.text as string);
}

function sorted(result: ExecutionResult): string {
  const errors = result.errors?.map((error) => JSON.stringify(error)).sort();
  return JSON.stringify({ data: result.data, ...(errors && { errors: errors.map((error) => JSON.parse(error)) }) });
}

function plain(result: ExecutionResult): ExecutionResult {
  return JSON.parse(JSON.stringify(result));
}

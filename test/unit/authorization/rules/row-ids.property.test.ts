/** Rows with any value as owner. A plain reading of the rule says who may see them, by every way of execution. */
import fc from 'fast-check';
import { type DocumentNode, type ExecutionResult, execute, parse } from 'graphql';
import { expect, it } from 'vitest';
import type { GuardViewer } from '../../../../src/authorization/guard.ts';
import { guardOf, user } from '../harness.ts';

interface Row {
  readonly userId: unknown;
  readonly user: unknown;
}

const sdl = `
  type Query { rows: [Row] @public }
  type Row @public {
    text: String @owner(field: "userId")
    nested: String @owner(field: "user.id")
    called: String @owner(field: "userId")
  }`;
const sound: readonly Row[] = [{ userId: 42, user: { id: '42' } }];
let rows = sound;
const guard = guardOf(
  sdl,
  {
    Query: { rows: () => rows.map((row) => ({ ...row, text: 'mine', nested: 'mine' })) },
    Row: { called: () => 'mine' },
  },
  { compile: { hotAfter: 1, milliseconds: 1e6 } },
);

/** Asks by every way of execution. The hot one is compiled by then, and sees these rows for the first time. */
async function askAll(drawn: readonly Row[], viewer: GuardViewer) {
  const [document, readOnly] = [parse('{ rows { text nested called } }'), parse('{ rows { text nested } }')];
  const ask = (asked: DocumentNode) => guard.execute({ document: asked, contextValue: { viewer } });
  rows = sound;
  for (const hot of [document, readOnly, document, readOnly]) await ask(hot);
  rows = drawn;
  return [
    { name: 'cold', result: await ask(parse('{ rows { text nested called } }')) },
    { name: 'hot', result: await ask(document) },
    { name: 'hot, without a call', result: await ask(readOnly) },
    { name: 'guard.schema', result: await execute({ schema: guard.schema, document, contextValue: { viewer } }) },
  ];
}

type Verdict = 'allowed' | 'denied' | 'fault';

/** The rule, in the words of docs/authorization.md. */
function verdictOf(owner: unknown, viewerId: string): Verdict {
  if (owner === null) return 'denied';
  const isWhole = typeof owner === 'bigint' || (typeof owner === 'number' && Number.isSafeInteger(owner));
  if (typeof owner !== 'string' && !isWhole) return 'fault';
  return `${owner}` === viewerId ? 'allowed' : 'denied';
}

function nestedOf(holder: unknown): unknown {
  return holder === null || holder === undefined ? holder : (holder as { id?: unknown }).id;
}

const ids = [
  '7',
  '42',
  '-1',
  '0',
  '9007199254740992',
  'u1',
  'NaN',
  'null',
  'undefined',
  '[object Object]',
  'true',
  '1e21',
];
const numbers = [7, 42, -1, 0, -0, 7.5, 2 ** 53, 1e21, Number.NaN, Number.POSITIVE_INFINITY];
const owners = fc.oneof(
  fc.constantFrom<unknown>(...ids, ...ids.map((id) => `${id} `), ...numbers, 7n, 42n, 2n ** 53n, '', null, undefined),
  fc.constantFrom<unknown>(
    true,
    Symbol('7'),
    () => '7',
    ['7'],
    [],
    { id: '7' },
    new Date(7),
    new String('7'),
    new Map(),
  ),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
);
const holders = fc.oneof(
  owners,
  owners.map((id) => ({ id })),
  owners.map((id) => Object.create({ id })),
);

/** The outcome of each field of a row: shown, or null with an error of its own. */
function fieldsOf({ data, errors = [] }: ExecutionResult, i: number): Record<string, Verdict> {
  const row = (data as { rows: Record<string, unknown>[] }).rows[i] ?? {};
  const verdicts = Object.entries(row).map(([field, value]): [string, Verdict] => {
    if (value === 'mine') return [field, 'allowed'];
    const error = errors.find(({ path }) => path?.join('.') === `rows.${i}.${field}`);
    expect([value, error]).toEqual([null, expect.anything()]);
    return [field, error?.extensions.code === 'FORBIDDEN' ? 'denied' : 'fault'];
  });
  return Object.fromEntries(verdicts);
}

it('an owner of any kind allows, denies or is a fault as its value says', async () => {
  const lists = fc.array(fc.record<Row>({ userId: owners, user: holders }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(lists, fc.constantFrom(...ids), async (drawn, id) => {
      for (const { name, result } of await askAll(drawn, user({ id }))) {
        for (const [i, row] of drawn.entries()) {
          const byOwner = verdictOf(row.userId, id);
          const called = name !== 'hot, without a call' && { called: byOwner };
          const right = { name, text: byOwner, nested: verdictOf(nestedOf(row.user), id), ...called };
          expect({ name, ...fieldsOf(result, i) }).toEqual(right);
        }
      }
    }),
    { numRuns: 30 },
  );
  // Compiled code has answered, and has left odd rows to graphql-js.
  expect(guard.compiled?.answers).toBeGreaterThan(0);
  expect(guard.compiled?.doubts).toBeGreaterThan(0);
}, 60_000);

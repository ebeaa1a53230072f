/** Pages of lists by keyset: page 1,000 costs as much as page 1. Source: Relay Cursor Connections. */
import sql, { raw, type Sql } from 'sql-template-tag';
import { fromTimestamp } from '../database/timestamps.ts';
import { BadUserInputError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { type CursorOrder, decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { columnAs, type Rows, Unseen } from './rows.ts';
import type { Selected } from './selected.ts';

export interface PageArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

export interface Order extends CursorOrder {
  /** SQL that is never null, spelt as in its index. `id` orders rows with equal values. */
  readonly expression: string;
}

const defaultSize = 20;
const maximumSize = 100;

export interface PageQuery<Read, Row> {
  readonly order: Order;
  readonly page: PageArguments;
  /** What the operation selects of the page. Default: everything. */
  readonly selected?: Selected | undefined;
  /** Makes the row to return from the row that was read. */
  readonly toRow: (read: Read) => Row;
}

/**
 * One page of `rows`; each row must include `id`. By Relay, `first` tells whether more rows follow up to `before`, and
 * `last` whether more rows precede down to `after`. So a loop over a part of the list ends where the part ends.
 *
 * @throws BadUserInputError for sizes and cursors that cannot be served.
 */
export async function readPage<Read extends { id: string }, Row>(
  rows: Rows<Read>,
  { order, page, selected, toRow }: PageQuery<Read, Row>,
): Promise<Connection<Row>> {
  const { size, isBackward } = sizeOf(page);
  const after = positionOf('after', page.after, order);
  const before = positionOf('before', page.before, order);
  const [near, far] = isBackward ? [before, after] : [after, before];
  const isOnwardsDown = (order.direction === 'ASC') === isBackward;
  const [onwards, backwards] = isOnwardsDown ? (['<', '>'] as const) : (['>', '<'] as const);

  // Also reads the row at the near cursor. If that row still exists, there are rows behind, and no other statement is
  // needed.
  const isPositioned = near || far || selectsCursors(selected);
  let wanted = (isPositioned ? rows.with(columnAs(order.expression, 'sortValue')) : rows) as Rows<Read & PositionedRow>;
  if (near) wanted = wanted.where(compare(order, `${onwards}=`, near));
  if (far) wanted = wanted.where(compare(order, backwards, far));
  const limit = size + 1 + (near ? 1 : 0);
  // A literal, so that the planner knows how few rows are wanted.
  const read = await wanted.read(raw(`${sorted(order, onwards)} limit ${limit}`));

  const [nearest] = read;
  const isNearRead = near && nearest && cursorOf(order, nearest) === (isBackward ? page.before : page.after);
  if (isNearRead) read.shift();
  const isCut = read.length > size;
  if (isCut) read.length = size;
  if (isBackward) read.reverse();
  // An empty page between two cursors has no cursor to continue from. The two cursors may also be in the wrong order.
  const isNowhere = read.length === 0 && far;
  const isBehind = near !== null && !isNowhere && (isNearRead || (await hasRow(rows, order, `${backwards}=`, near)));
  const [hasPreviousPage, hasNextPage] = isBackward ? [isCut, isBehind] : [isBehind, isCut];
  return new Page(order, read, { toRow, hasPreviousPage, hasNextPage, totalCount: () => countOf(rows) });
}

/**
 * Makes edges only when an operation selects them, and cursors only when it selects any. A class, because an object
 * literal with accessors has a shape of its own. V8 keeps that shape, and the rows with it, until the next full
 * collection.
 */
class Page<Read extends PositionedRow, Row> implements Connection<Row> {
  readonly nodes: Row[];
  readonly pageInfo: Connection<Row>['pageInfo'];
  readonly totalCount: () => Promise<number>;
  readonly #order: Order;
  readonly #read: readonly Read[];

  constructor(
    order: Order,
    read: readonly Read[],
    { toRow, hasPreviousPage, hasNextPage, totalCount }: PageFacts<Read, Row>,
  ) {
    this.#order = order;
    this.#read = read;
    this.nodes = read.map(toRow);
    const cursorAt = (row: Read | undefined) => (row?.sortValue === undefined ? null : cursorOf(order, row));
    const [startCursor, endCursor] = [cursorAt(read.at(0)), cursorAt(read.at(-1))];
    this.pageInfo = { hasPreviousPage, hasNextPage, startCursor, endCursor };
    this.totalCount = totalCount;
  }

  get edges(): Connection<Row>['edges'] {
    return this.#read.map((row, index) => ({ node: this.nodes[index] as Row, cursor: cursorOf(this.#order, row) }));
  }
}

interface PositionedRow {
  readonly id: string;
  /** Missing if the operation selects no cursor. */
  readonly sortValue: string;
}

interface PageFacts<Read, Row> {
  readonly toRow: (read: Read) => Row;
  readonly hasPreviousPage: boolean;
  readonly hasNextPage: boolean;
  readonly totalCount: () => Promise<number>;
}

function selectsCursors(selected: Selected | undefined): boolean {
  if (!selected) return true;
  const pageInfo = selected.fields.get('pageInfo')?.fields;
  const edges = selected.fields.get('edges')?.fields;
  return Boolean(edges?.has('cursor') || pageInfo?.has('startCursor') || pageInfo?.has('endCursor'));
}

function sizeOf({ first, last }: PageArguments): { size: number; isBackward: boolean } {
  if (first != null && last != null) throw new BadUserInputError('Pass `first` or `last`, not both.');
  const [name, size] = last != null ? ['last', last] : ['first', first ?? defaultSize];
  if (!Number.isInteger(size) || size < 1 || size > maximumSize) {
    throw new BadUserInputError(`\`${name}\` is ${size}. Pass 1 to ${maximumSize}, and read on with cursors.`);
  }
  return { size, isBackward: last != null };
}

function positionOf(name: string, cursor: string | null | undefined, order: Order): Position | null {
  if (cursor == null) return null;
  const position = decodeCursor(order, cursor);
  if (position) return position;
  throw new BadUserInputError(
    `The cursor in \`${name}\` is not of this list in this order. Pass a cursor that this list returned, ` +
      'together with the same `orderBy`.',
  );
}

function cursorOf(order: Order, { id, sortValue }: { id: string; sortValue: string }): string {
  const isMoment = order.type === 'timestamptz' && sortValue !== 'infinity';
  return encodeCursor(order, { id, sortValue: isMoment ? fromTimestamp(sortValue).getTime() : sortValue });
}

type Onwards = '<' | '>';
type Operator = Onwards | `${Onwards}=`;

function compare(order: Order, operator: Operator, { sortValue, id }: Position): Sql {
  const type = typeof order.type === 'string' ? order.type : order.type.name;
  const value = typeof sortValue === 'number' ? new Date(sortValue).toISOString() : sortValue;
  const position = sql`(${new Unseen(type, value)}, ${new Unseen('uuid', id)})`;
  return sql`(${raw(order.expression)}, id) ${raw(operator)} ${position}`;
}

/** The rows that `operator` asks for, nearest first. */
function sorted({ expression }: Order, operator: Operator): string {
  const direction = operator.startsWith('<') ? 'desc' : 'asc';
  return `order by ${expression} ${direction}, id ${direction}`;
}

/** Whether there is a row at the position or beyond it. Sorted, so that the index finds the nearest one at once. */
async function hasRow(rows: Rows<unknown>, order: Order, operator: Operator, position: Position): Promise<boolean> {
  const nearest = rows.reading(columnAs('1', 'one')).where(compare(order, operator, position));
  return (await nearest.read(raw(`${sorted(order, operator)} limit 1`))).length > 0;
}

async function countOf(rows: Rows<unknown>): Promise<number> {
  const [read] = await rows.reading<{ count: number }>(columnAs('count(*)::int', 'count')).read();
  return read?.count ?? 0;
}

/** Pages of lists by keyset: page 1,000 costs what page 1 costs. Source: Relay Cursor Connections. */
import sql, { raw, type Sql } from 'sql-template-tag';
import { BadUserInputError } from '../errors.ts';
import type { Connection } from '../graphql/connection.ts';
import type { Selected } from '../graphql/selected.ts';
import { type CursorOrder, decodeCursor, encodeCursor, type Position } from './cursor.ts';
import { columnAs, type Rows, Unseen } from './rows.ts';
import { fromTimestamp } from './timestamps.ts';

export interface PageArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

export interface Order extends CursorOrder {
  /** SQL that is never null, spelt as in the index that serves it. Equals are ordered by `id`. */
  readonly expression: string;
}

const defaultSize = 20;
const maximumSize = 100;

export interface PageQuery<Read, Row> {
  readonly order: Order;
  readonly page: PageArguments;
  /** What of the page is selected; everything, if left out. */
  readonly selected?: Selected | undefined;
  /** Makes the row to hand over of the row that was read. */
  readonly toRow: (read: Read) => Row;
}

/**
 * One page of `rows`, of each of which `id` is read.
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
  const [towardsStart, towardsEnd] = order.direction === 'ASC' ? (['<=', '>='] as const) : (['>=', '<='] as const);

  // The rows at the cursors are read along: where they still are, they tell of rows outside without being asked.
  const isPositioned = after || before || selectsCursors(selected);
  let wanted = (isPositioned ? rows.with(columnAs(order.expression, 'sortValue')) : rows) as Rows<Read & PositionedRow>;
  if (after) wanted = wanted.where(compare(order, towardsEnd, after));
  if (before) wanted = wanted.where(compare(order, towardsStart, before));
  const limit = size + 1 + (after ? 1 : 0) + (before ? 1 : 0);
  // Written out: the planner is to know how few rows are wanted.
  const read = await wanted.read(raw(`${sorted(order, isBackward ? towardsStart : towardsEnd)} limit ${limit}`));

  const [near, far] = isBackward ? [page.before, page.after] : [page.after, page.before];
  const isAt = (cursor: string | null | undefined, row = read[0]) =>
    cursor != null && row !== undefined && cursorOf(order, row) === cursor;
  const isNearRead = isAt(near);
  if (isNearRead) read.shift();
  const isFarRead = isAt(far, read.at(-1));
  if (isFarRead) read.pop();
  const isCut = read.length > size;
  if (isCut) read.length = size;
  if (isBackward) read.reverse();

  const [isAfterRead, isBeforeRead] = isBackward ? [isFarRead, isNearRead] : [isNearRead, isFarRead];
  const hasPreviousPage =
    (isBackward && isCut) || isAfterRead || (after !== null && (await hasRow(rows, order, towardsStart, after)));
  const hasNextPage =
    (!isBackward && isCut) || isBeforeRead || (before !== null && (await hasRow(rows, order, towardsEnd, before)));
  return new Page(order, read, { toRow, hasPreviousPage, hasNextPage, totalCount: () => countOf(rows) });
}

/**
 * Edges are made only when an operation asks for them; cursors, where it asks for any. A class: an object literal with
 * accessors would have a shape of its own, which lives until the next full collection, and the rows with it.
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
  /** Absent where the operation selects no cursor. */
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

type Operator = '<=' | '>=';

function compare(order: Order, operator: Operator, { sortValue, id }: Position): Sql {
  const type = typeof order.type === 'string' ? order.type : order.type.name;
  const value = typeof sortValue === 'number' ? new Date(sortValue).toISOString() : sortValue;
  const position = sql`(${new Unseen(type, value)}, ${new Unseen('uuid', id)})`;
  return sql`(${raw(order.expression)}, id) ${raw(operator)} ${position}`;
}

/** Nearest first, of what the operator asks for. */
function sorted({ expression }: Order, operator: Operator): string {
  const direction = operator === '<=' ? 'desc' : 'asc';
  return `order by ${expression} ${direction}, id ${direction}`;
}

/** Whether there is a row at the position or beyond it. Sorted, so that the index finds the nearest at once. */
async function hasRow(rows: Rows<unknown>, order: Order, operator: Operator, position: Position): Promise<boolean> {
  const nearest = rows.reading(columnAs('1', 'one')).where(compare(order, operator, position));
  return (await nearest.read(raw(`${sorted(order, operator)} limit 1`))).length > 0;
}

async function countOf(rows: Rows<unknown>): Promise<number> {
  const [read] = await rows.reading<{ count: number }>(columnAs('count(*)::int', 'count')).read();
  return read?.count ?? 0;
}

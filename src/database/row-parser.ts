/**
 * Reads rows off the wire: the text of a row is made once, and its values are cut out of it. The driver's own parser
 * makes each value by itself, which takes four times as long (docs/performance.md). Source: PostgreSQL, "Message
 * Formats", DataRow.
 */
import type { Connection } from 'pg';
import { Parser } from 'pg-protocol/dist/parser.js';

/** What the driver's own declares as private. */
const MessageParser = Parser as unknown as new () => {
  parse(bytes: Buffer, take: (message: { name: string }) => void): void;
  handlePacket(offset: number, code: number, length: number, bytes: Buffer): unknown;
};

const dataRow = 'D'.charCodeAt(0);

class RowParser extends MessageParser {
  override handlePacket(offset: number, code: number, length: number, bytes: Buffer): unknown {
    if (code === dataRow) return new DataRow(length, readRow(bytes, offset, length));
    return super.handlePacket(offset, code, length, bytes);
  }
}

/** As the driver's own. */
class DataRow {
  readonly name = 'dataRow';
  readonly length: number;
  readonly fields: (string | null)[];
  readonly fieldCount: number;
  constructor(length: number, fields: (string | null)[]) {
    this.length = length;
    this.fields = fields;
    this.fieldCount = fields.length;
  }
}

/** `length` counts itself, as the protocol does, and `start` is behind it. */
function readRow(bytes: Buffer, start: number, length: number): (string | null)[] {
  const text = bytes.toString('latin1', start, start + length - 4);
  const count = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  const values = new Array<string | null>(count);
  let at = start + 2;
  for (let i = 0; i < count; i++) {
    const size = bytes.readInt32BE(at);
    at += 4;
    if (size === -1) {
      values[i] = null;
      continue;
    }
    const end = at + size;
    values[i] = isAscii(bytes, at, end) ? text.substring(at - start, end - start) : bytes.toString('utf8', at, end);
    at = end;
  }
  return values;
}

function isAscii(bytes: Buffer, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at] as number;
  return seen < 128;
}

/** To be called before the connection is opened. */
export function parseRowsBy(connection: Connection): void {
  Object.assign(connection, {
    // As the driver's own, but for the parser.
    attachListeners(this: Connection & { _emitMessage: boolean }, stream: NodeJS.ReadableStream): void {
      const parser = new RowParser();
      const take = (message: { name: string }) => {
        if (this._emitMessage) this.emit('message', message);
        this.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
      };
      stream.on('data', (bytes: Buffer) => parser.parse(bytes, take));
    },
  });
}

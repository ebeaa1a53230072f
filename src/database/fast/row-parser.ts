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
  #bytes: Buffer | null = null;
  #view: DataView | null = null;

  override handlePacket(offset: number, code: number, length: number, bytes: Buffer): unknown {
    if (code !== dataRow) return super.handlePacket(offset, code, length, bytes);
    if (this.#bytes !== bytes || !this.#view) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return new DataRow(length, offset, bytes, this.#view);
  }

  override parse(bytes: Buffer, take: (message: { name: string }) => void): void {
    super.parse(bytes, take);
    this.#bytes = null;
    this.#view = null;
  }
}

/** As the driver's own; its values can be read one by one as well. To be read at once: its bytes are written over. */
export class DataRow {
  readonly name = 'dataRow';
  readonly length: number;
  readonly fieldCount: number;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #start: number;
  /** Each byte as one character. */
  readonly #text: string;
  #at: number;

  /** `length` counts itself, as the protocol does, and `start` is behind it. */
  constructor(length: number, start: number, bytes: Buffer, view: DataView) {
    this.length = length;
    this.fieldCount = view.getInt16(start);
    this.#bytes = bytes;
    this.#view = view;
    this.#start = start;
    this.#text = bytes.toString('latin1', start, start + length - 4);
    this.#at = start + 2;
  }

  get fields(): (string | null)[] {
    this.#at = this.#start + 2;
    const values = new Array<string | null>(this.fieldCount);
    for (let i = 0; i < values.length; i++) values[i] = this.next();
    return values;
  }

  /** The value of the next column; there are `fieldCount` of them. */
  next(): string | null {
    const at = this.#at + 4;
    const size = this.#view.getInt32(this.#at);
    if (size === -1) {
      this.#at = at;
      return null;
    }
    const end = at + size;
    this.#at = end;
    if (!isAscii(this.#view, at, end)) return this.#bytes.toString('utf8', at, end);
    return this.#text.substring(at - this.#start, end - this.#start);
  }
}

function isAscii(view: DataView, start: number, end: number): boolean {
  let at = start;
  let seen = 0;
  for (; at + 4 <= end; at += 4) seen |= view.getInt32(at);
  for (; at < end; at++) seen |= view.getInt8(at) & 0x80;
  return (seen & 0x80808080) === 0;
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

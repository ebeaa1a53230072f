/** In UTF-8, where one unit of a text has three bytes at most: short texts are not counted. */
export function isLongerThan(bytes: number, body: unknown): body is string | Buffer {
  if (typeof body === 'string') return body.length * 3 > bytes && Buffer.byteLength(body) > bytes;
  return Buffer.isBuffer(body) && body.length > bytes;
}

/** In UTF-8. A UTF-16 unit has at most three bytes, so short texts are not counted. */
export function isLongerThan(bytes: number, body: unknown): body is string | Buffer {
  if (typeof body === 'string') return body.length * 3 > bytes && Buffer.byteLength(body) > bytes;
  return Buffer.isBuffer(body) && body.length > bytes;
}

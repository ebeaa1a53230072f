/**
 * Refuses input that is not UTF-8. A decoder that replaces bytes would make one text of several, and so one password of
 * several. Sources: RFC 8259, section 8.1; GraphQL over HTTP, section 4.1.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';

/** Replaces Fastify's own JSON parser, which decodes first. */
export function parseJsonOfUtf8(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (isUtf8(body)) void parse(request, body.toString(), done);
    else done(Object.assign(new Error('The body is not UTF-8.'), { statusCode: 400, code: notUtf8 }));
  });
}

/** For the messages of http-errors.ts. */
export const notUtf8 = 'BODY_NOT_UTF8';

/** Whether the percent-encoded bytes of the URL are UTF-8. Node accepts no other bytes beyond ASCII. */
export function isUtf8Url(url: string): boolean {
  const runs = url.match(/(?:%[0-9a-f]{2})+/gi) ?? [];
  return runs.every((run) => isUtf8(Buffer.from(run.replaceAll('%', ''), 'hex')));
}

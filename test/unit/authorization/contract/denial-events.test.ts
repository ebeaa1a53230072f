/** What `onDenial` receives about the operation and the request. */
import { createHash } from 'node:crypto';
import { type DocumentNode, parse, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { DenialEvent, GuardOptions } from '../../../../src/authorization/guard.ts';
import { type Context, guardOf, user } from '../harness.ts';

async function eventOf(document: DocumentNode, options: Partial<GuardOptions<Context>> = {}, operationName?: string) {
  const events: DenialEvent<Context>[] = [];
  const onDenial = (event: DenialEvent<Context>) => void events.push(event);
  const guard = guardOf(
    'type Query { a: Int @requiresScopes(scopes: [["s"]]) b: Int @public }',
    {},
    { ...options, onDenial },
  );
  const contextValue = { viewer: user() };
  await guard.execute({ document, contextValue, ...(operationName && { operationName }) });
  expect(events).toHaveLength(1);
  return events[0] as DenialEvent<Context>;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hashOf = async (document: DocumentNode) => (await eventOf(document)).operationHash;

describe('the hash of an operation', () => {
  const text = '# as it was sent\nquery   Q { ...F } fragment F on Query { a }';

  it('is the SHA-256 of the text that the client sent', async () => {
    expect(await hashOf(parse(text))).toBe(sha256(text));
    expect(sha256(text)).not.toBe(sha256(print(parse(text))));
  });

  it('is of the printed form, fragments included, where there is no text', async () => {
    const document = parse(text, { noLocation: true });
    expect(await hashOf(document)).toBe(sha256(print(document)));
  });

  it('differs between operations, with a text and without one', async () => {
    const texts = ['{ a }', '{ a b }', '{ x: a }', 'query Q { a }', '{ ...F } fragment F on Query { a }'];
    const others = [...texts, '{ ...F } fragment F on Query { a b }'];
    for (const noLocation of [false, true]) {
      const hashes = await Promise.all(others.map((other) => hashOf(parse(other, { noLocation }))));
      expect(new Set(hashes).size).toBe(others.length);
    }
  });

  it('is the same each time that the operation is sent', async () => {
    expect(await hashOf(parse(text))).toBe(await hashOf(parse(text)));
  });

  it('is the document’s where that has several operations, as in persisted queries', async () => {
    const several = 'query A { a } query B { x: a }';
    const hashes = ['A', 'B'].map(async (name) => (await eventOf(parse(several), {}, name)).operationHash);
    expect(await Promise.all(hashes)).toEqual([sha256(several), sha256(several)]);
  });
});

describe('the request of a denial', () => {
  const document = parse('{ a }');

  it('is named by `requestId`, of the context', async () => {
    const requestId = ({ viewer }: Context) => `request of ${viewer?.id}`;
    const event = await eventOf(document, { requestId });
    expect([event.requestId, event.context]).toEqual(['request of u1', { viewer: user() }]);
  });

  it('is null without that option, where it says so, and where it fails', async () => {
    const fails = () => {
      throw new Error('mislaid');
    };
    const events = [{}, { requestId: () => null }, { requestId: fails }].map((options) => eventOf(document, options));
    expect((await Promise.all(events)).map(({ requestId }) => requestId)).toEqual([null, null, null]);
  });
});

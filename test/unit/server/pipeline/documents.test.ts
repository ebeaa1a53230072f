/** Which documents are kept. */
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { guardSchema } from '../../../../src/api/schema.ts';
import { createApollo } from '../../../../src/server/pipeline/apollo.ts';
import { type RequestContext, tellAll } from '../../../../src/server/request/hooks.ts';
import { RequestScope } from '../../../../src/server/request/request-scope.ts';

const log = pino({ level: 'silent' });
const guard = guardSchema({ denial: 'filter' });

describe('a document', () => {
  let store: ReturnType<typeof createApollo>;
  beforeEach(() => {
    store = createApollo({
      ...{ config: { production: true, introspection: 'off' }, guard, log, tell: tellAll([]) },
    });
  });

  async function ask(query: string): Promise<void> {
    const { body } = await store.apollo.executeOperation(
      { query },
      { contextValue: { scope: new RequestScope('the-request', log) } as RequestContext },
    );
    expect(body).toMatchObject({ kind: 'single', singleResult: { data: { __typename: 'Query' } } });
  }

  const isKept = (query: string) => store.documents.of(query) !== undefined;
  const named = (number: number) => `query Q${number} { __typename }`;

  it('is kept when it comes again, and not when it comes once', async () => {
    await ask(named(1));
    expect(isKept(named(1))).toBe(false);
    await ask(named(2));
    await ask(named(1));
    expect([isKept(named(1)), isKept(named(2))]).toEqual([true, false]);
  });

  it('is known again after others came between, though some fall on its slot', async () => {
    const queries = Array.from({ length: 200 }, (_, i) => named(i));
    for (const query of queries) await ask(query);
    expect(queries.filter(isKept)).toEqual([]);
    for (const query of queries) await ask(query);
    expect(queries.filter((query) => !isKept(query))).toEqual([]);
  });

  it('is not kept when it is very long, and takes no place of others', async () => {
    const long = (characters: number) => `${named(0)} #`.padEnd(characters, 'x');
    await ask(named(1));
    await ask(named(1));
    for (const query of [long(20_001), long(20_000)]) {
      for (let time = 0; time < 3; time++) await ask(query);
    }
    expect([long(20_001), long(20_000), named(1)].map(isKept)).toEqual([false, true, true]);
  });

  it('is dropped when newer ones exceed the total length', async () => {
    const long = (number: number) => `${named(number)} #`.padEnd(20_000, 'x');
    for (let number = 0; number < 6; number++) {
      for (let time = 0; time < 2; time++) await ask(long(number));
    }
    expect(Array.from({ length: 6 }, (_, number) => isKept(long(number)))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });
});

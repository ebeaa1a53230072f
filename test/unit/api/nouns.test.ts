import { expect, it } from 'vitest';
import { distinct, nouns } from '../../../src/api/nouns.ts';
import type { Noun } from '../../../src/graphql/noun.ts';

const noun = (name: string, idPrefix?: string): Noun => ({
  name,
  ...(idPrefix && { idPrefix }),
  entities: [],
  resolvers: {},
});

it('nouns differ in their names and in the prefixes of their ids', () => {
  expect(distinct([noun('A', 'a'), noun('B', 'b'), noun('C'), noun('D')])).toHaveLength(4);
  expect(() => distinct([noun('A', 'a'), noun('B', 'a')])).toThrow('Two nouns have the idPrefix "a".');
  expect(() => distinct([noun('A', 'a'), noun('A', 'b')])).toThrow('Two nouns have the name "A".');
});

it('each noun with a table of rows is found by its ids, or says that it is not', () => {
  expect(nouns.filter(({ find }) => find).map(({ idPrefix }) => idPrefix)).toEqual(['user', 'session', 'task']);
});

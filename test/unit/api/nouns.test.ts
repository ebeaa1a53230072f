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
  expect(() => distinct([noun('A', 'a'), noun('B', 'a')])).toThrow('A and B have the idPrefix "a".');
  expect(() => distinct([noun('A', 'a'), noun('A', 'b')])).toThrow('A and A have the name "A".');
});

it('`node` finds every noun that has ids, but events', () => {
  const hidden = nouns.filter(({ idPrefix, find }) => idPrefix && !find);
  expect(hidden.map(({ name }) => name)).toEqual(['SecurityEvent']);
});

it('code generation knows the rows of every noun that `node` finds', () => {
  const unknown = nouns.filter(({ name, find, types }) => find && !types?.[name]);
  expect(unknown).toEqual([]);
});

import { getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nouns } from '../../src/api/nouns.ts';
import { scopesOfRole } from '../../src/users/scopes.ts';
import type { World } from '../nouns/noun-table.ts';
import { scopesOf, tables } from '../nouns/tables.ts';
import { testDatabases } from '../support/database.ts';
import { graphql } from '../support/server.ts';
import { probeOf } from './permission-matrix.probes.ts';
import { answerTo, columns, denialOf, type Row, rows } from './permission-matrix.table.ts';
import { createWorld } from './permission-matrix.world.ts';

/** The type of each noun that has ids. The others are reached through operations, and hold what these return. */
const typesWithRows = nouns.filter(({ idPrefix }) => idPrefix).map(({ name }) => name);
const typesReached = tables.flatMap(({ reached }) => Object.keys(reached).map((at) => at.split('.')[0] as string));

describe.each(testDatabases())('the permission matrix on $name', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(database);
  });
  afterAll(() => world?.server.close());

  describe('is complete:', () => {
    let schema: IntrospectionQuery['__schema'];
    beforeAll(async () => {
      const { data } = await graphql<IntrospectionQuery>(world.server.url, getIntrospectionQuery());
      schema = data!.__schema;
    });

    it.each(['Query', 'Mutation', ...typesWithRows])(
      'every field of %s has a row, and no row is of another',
      (name) => {
        const type = schema.types.find((candidate) => candidate.name === name);
        const inSchema = type?.kind === 'OBJECT' ? type.fields.map((field) => `${name}.${field.name}`) : [];
        const inTable = rows
          .map(({ coordinate }) => coordinate)
          .filter((coordinate) => coordinate.startsWith(`${name}.`));
        expect(new Set(inTable)).toEqual(new Set(inSchema));
      },
    );

    it.each(typesWithRows)('every field of %s is asked of an own row and of another’s', (name) => {
      const asked = rows.filter(({ coordinate }) => coordinate.startsWith(`${name}.`));
      const [own, other] = (['own', 'other'] as const).map((target) =>
        asked.filter((row) => row.target === target).map(({ coordinate }) => coordinate),
      );
      expect(own).toEqual(other);
    });

    it('there is no type that no table names, and no subscription', () => {
      const objects = schema.types.filter(({ kind, name }) => kind === 'OBJECT' && !name.startsWith('__'));
      const named = new Set(['Mutation', 'Query', 'InputError', 'PageInfo', ...typesReached]);
      expect(objects.map(({ name }) => name).sort()).toEqual([...named].sort());
      expect(schema.subscriptionType).toBeNull();
    });

    it.each(['USER', 'ADMIN'] as const)('the tables know what the role %s is worth', (role) => {
      expect(scopesOf(role).sort()).toEqual([...scopesOfRole[role]].sort());
    });
  });

  describe.each(rows)('$coordinate, $target (table of $noun)', (row) => {
    it.each(cellsOf(row))('$column.name: $cell', async ({ column, cell, ...answer }) => {
      const probe = await probeOf(row, column, world);
      const mayChange = row.coordinate.startsWith('Mutation.');
      const before = mayChange && cell !== '+' && (await world.contents());
      const token = probe.token ?? world.tokenOf(column);
      const { data, errors } = await graphql(world.server.url, probe.query, probe.variables, { token });

      if (cell === '+') {
        expect({ data, errors }).toEqual({ data: probe.data, errors: [] });
        if (probe.verify) expect(await probe.verify()).toEqual(probe.done);
        return;
      }
      if (cell === '0' || cell === 'E') {
        expect({ data, errors }).toEqual({ data: cell === 'E' ? probe.empty : probe.invisible, errors: [] });
        return;
      }
      if (mayChange) expect(await world.contents()).toBe(before);
      expect(errors).toEqual([
        {
          message: expect.any(String),
          locations: expect.any(Array),
          ...denialOf({ cell, ...answer }, probe.path),
        },
      ]);
      expect(leavesOf(data)).toEqual([]);
    });
  });
});

function cellsOf(row: Row) {
  return columns.map((column) => ({ column, ...answerTo(row, column) }));
}

/** Every value in a result that is not null. */
function leavesOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leavesOf) : [value];
}

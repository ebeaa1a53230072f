import {
  buildASTSchema,
  type DocumentNode,
  lexicographicSortSchema,
  parse,
  printSchema,
  Source,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardSchema, SchemaError } from '../../../src/api/schema.ts';
import { printSubgraph } from '../../../src/api/subgraph.ts';
import { readTypeDefs } from '../../../src/api/type-defs.ts';
import { describeRequirements, GuardError } from '../../../src/authorization/guard.ts';
import type { GraphQLContext } from '../../../src/graphql/context.ts';

const options = { denial: 'filter' } as const;

/** The schema's files, with one more. */
function withFile(sdl: string): DocumentNode {
  const typeDefs = readTypeDefs();
  return {
    ...typeDefs,
    definitions: [...typeDefs.definitions, ...parse(new Source(sdl, 'schema/more.graphql')).definitions],
  };
}

it('the schema is guarded as it stands', () => {
  expect(guardSchema(options).requirements.size).toBeGreaterThan(50);
});

it('the executed schema is the written one, name by name', () => {
  const guard = guardSchema(options);
  const written = buildASTSchema(readTypeDefs());
  describeRequirements(written, guard.requirements);
  expect(printSchema(lexicographicSortSchema(guard.schema))).toBe(printSchema(lexicographicSortSchema(written)));
});

describe('what a gateway asks for', () => {
  const document = parse('{ _service { sdl } }');
  const contextValue = { viewer: null } as GraphQLContext;
  const sdlOf = async (federation: 'on' | 'without-guards') => {
    const { data } = await guardSchema({ ...options, federation }).execute({ document, contextValue });
    return (data as { _service: { sdl: string } })._service.sdl;
  };

  it('is served only with FEDERATION', () => {
    expect(validate(guardSchema(options).schema, document)).toHaveLength(1);
    expect(validate(guardSchema({ ...options, federation: 'on' }).schema, document)).toEqual([]);
  });

  it('has guards, or none where the gateway refuses them; the fields keep theirs', async () => {
    const { requirements } = guardSchema(options);
    expect(await sdlOf('on')).toBe(printSubgraph({ requirements }));
    expect(await sdlOf('without-guards')).toBe(printSubgraph({ requirements, guards: false }));
    const served = guardSchema({ ...options, federation: 'without-guards' }).requirements;
    for (const [coordinate, requirement] of requirements) expect(served.get(coordinate)).toEqual(requirement);
  });
});

it('a misspelt guard and a missing one are refused together, each with its file and line', () => {
  const typeDefs = withFile('extend type Task {\n  extra: Int @onwer\n}\n\ntype Forgotten {\n  id: ID\n}');
  let thrown: unknown;
  try {
    guardSchema(options, typeDefs);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GuardError);
  expect((thrown as GuardError).problems).toEqual([
    { coordinate: 'Task.extra', reason: expect.stringContaining('@onwer'), location: 'schema/more.graphql:2' },
    { coordinate: 'Forgotten', reason: expect.stringContaining('carries no guard'), location: 'schema/more.graphql:5' },
  ]);
});

it('a text that is no schema is refused as such', () => {
  const typeDefs = withFile('type Task @authenticated { again: Int }');
  expect(() => guardSchema(options, typeDefs)).toThrow(SchemaError);
});

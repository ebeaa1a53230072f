/** Each policy stands once: descriptions say what the guard requires. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isObjectType,
  parse,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { guardSchema } from '../../../src/api/schema.ts';
import { printSubgraph } from '../../../src/api/subgraph.ts';
import { isNothing } from '../../../src/authorization/contract/requirement.ts';
import type { Guard } from '../../../src/authorization/guard.ts';
import type { GraphQLContext } from '../../../src/graphql/context.ts';
import { scopesOfRole } from '../../../src/users/scopes.ts';
import { explained } from '../../../tools/access/explained.ts';
import { projectRoot } from '../../support/tool.ts';

const guard = guardSchema({ denial: 'filter', federation: 'on' });

/** The first line of `npm run access -- --explain COORDINATE`, in the words of a description. */
function explainedLine(coordinate: string): string {
  const [first = ''] = explained(guard, coordinate, {}, 'text').split('\n');
  return first.replace(`${coordinate} requires `, 'Requires: ').replace(': anyone.', '.');
}

/** The field, argument, input field or value at a coordinate; undefined if the schema does not have it. */
function described(schema: GraphQLSchema, coordinate: string): { description?: string | null } | undefined {
  const [, typeName = '', name = '', arg] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? [];
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(name) ?? undefined;
  if (isInputObjectType(type)) return type.getFields()[name];
  if (!isObjectType(type)) return undefined;
  const field = type.getFields()[name];
  return arg ? field?.args.find((each) => each.name === arg) : field;
}

function lineOf(schema: GraphQLSchema, coordinate: string): string | null {
  const lines = described(schema, coordinate)?.description?.split('\n') ?? [];
  const told = lines.filter((line) => line.startsWith('Requires: '));
  expect(told.length).toBeLessThanOrEqual(1);
  return lines.at(-1)?.startsWith('Requires: ') ? (lines.at(-1) as string) : null;
}

async function introspected(asked: Guard, viewer: GraphQLContext['viewer']): Promise<GraphQLSchema> {
  const contextValue = { viewer, requestId: 'r' } as GraphQLContext;
  const { data, errors } = await asked.execute({ document: parse(getIntrospectionQuery()), contextValue });
  expect(errors).toBeUndefined();
  return buildClientSchema(data as unknown as IntrospectionQuery);
}

const administrator = { id: 'user_1', role: 'ADMIN', roles: ['ADMIN'], scopes: scopesOfRole.ADMIN };
const visible = guardSchema({ denial: 'filter', introspection: 'visible', federation: 'on' });
const schemas: [string, GraphQLSchema][] = [
  ['the schema that is served', guard.schema],
  ['the printed schema', buildSchema(printSubgraph({ requirements: guard.requirements }))],
  [
    'the printed schema without guards',
    buildSchema(printSubgraph({ requirements: guard.requirements, guards: false })),
  ],
  ['introspection', await introspected(guard, null)],
  ['visible introspection of nobody', await introspected(visible, null)],
  [
    'visible introspection of an administrator',
    await introspected(visible, administrator as unknown as GraphQLContext['viewer']),
  ],
];
const coordinates = [...guard.requirements];

describe.each(schemas)('%s', (which, schema) => {
  const shown = coordinates.filter(([coordinate]) => described(schema, coordinate));

  it('covers every coordinate', () => {
    if (which.startsWith('visible')) return expect(shown.length).toBeGreaterThan(30);
    const missing = coordinates.filter((each) => !shown.includes(each)).map(([coordinate]) => coordinate);
    // The printed schema is for a gateway, which adds these itself.
    const ofGateway = /^(_Service\.|Query\._)/;
    expect(which.startsWith('the printed') ? missing.filter((each) => !ofGateway.test(each)) : missing).toEqual([]);
  });

  it('says of every guarded coordinate the same as the access tool', () => {
    const guarded = shown.filter(([, requirement]) => !isNothing(requirement));
    for (const [coordinate] of guarded) {
      expect([coordinate, lineOf(schema, coordinate)]).toEqual([coordinate, explainedLine(coordinate)]);
    }
  });

  it('says that an open field requires nothing, and says nothing of an open input', () => {
    for (const [coordinate, requirement] of shown) {
      if (!isNothing(requirement)) continue;
      const [typeName = ''] = coordinate.split('.');
      const isField = isObjectType(schema.getType(typeName)) && !coordinate.includes('(');
      expect([coordinate, lineOf(schema, coordinate)]).toEqual([coordinate, isField ? 'Requires: nothing.' : null]);
    }
  });
});

it.each([
  ['Mutation.login', 'Requires: nothing.'],
  ['Query.me', 'Requires: being signed in.'],
  ['Query.users', 'Requires: role `ADMIN` and scope `user:read:any`.'],
  ['Task.notes', 'Requires: a row of your own and scope `task:read`.'],
  ['CreateTaskInput.title', null],
  ['UpdateTaskInput.notes', 'Requires: policy `ownsTask`.'],
])('%s says: %s', (coordinate, line) => {
  expect(lineOf(guard.schema, coordinate)).toBe(line);
});

it('no such line is written by hand', () => {
  const files = readdirSync(join(projectRoot, 'schema')).map((name) => join('schema', name));
  for (const file of [...files, 'src/api/federation.ts', 'docs/adding-a-noun.md']) {
    expect([file, readFileSync(join(projectRoot, file), 'utf8').match(/^.*Requires:.*$/m)]).toEqual([file, null]);
  }
});

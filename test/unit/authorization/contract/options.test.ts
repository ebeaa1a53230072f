import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGuard } from '../../../../src/authorization/guard.ts';
import { allow } from '../../../../src/authorization/rules/shield.ts';
import { vocabulary } from '../harness.ts';

const schema = buildSchema(
  `${vocabulary} type Query { task(text: String): Task @public } type Task @public { title: String } interface Node { id: ID }`,
);
const guardWith = (options: unknown) => createGuard(schema, options as never);
const viewer = () => null;
const owners = { Task: async () => [] };
const known =
  '`viewer`, `policies`, `owners`, `reads`, `guards`, `rows`, `scopes`, `foreignRows`, `denial`, `denialErrors`, `compile`, `requestId`, ' +
  '`introspection`, `onDenial`';

class Policies {
  mine = allow;
}

/** Each case: its name, the refused options, the message, and accepted options as a twin. */
const cases: [string, object, string, object][] = [
  [
    'a misspelt option',
    { denials: 'reject' },
    'option `denials`. Did you mean `denial`? There are',
    { denial: 'reject' },
  ],
  ['an option in other letters', { onDENY: viewer }, 'Did you mean `onDenial`?', { onDenial: viewer }],
  ['an option of something else', { fallback: true }, `no option \`fallback\`. There are ${known}.`, {}],
  [
    'a denial that there is not',
    { denial: 'rejects' },
    'no denial `rejects`: write `filter`, `reject` or `report`',
    { denial: 'filter' },
  ],
  ['a denial that is null', { denial: null }, 'There is no denial `null`', { denial: undefined }],
  [
    'introspection that there is not',
    { introspection: 'off' },
    'write `full` or `visible`',
    { introspection: 'visible' },
  ],
  [
    'an `onDenial` that is no function',
    { onDenial: true },
    '`onDenial` must be a function; it is true',
    { onDenial: viewer },
  ],
  [
    'a `requestId` that is no function',
    { requestId: 'r1' },
    "`requestId` must be a function; it is 'r1'",
    { requestId: viewer },
  ],
  ['policies in a list', { policies: [allow] }, '`policies` must be a plain object', { policies: { mine: allow } }],
  [
    'policies in a Map',
    { policies: new Map([['mine', allow]]) },
    '`policies` must be',
    { policies: Object.assign(Object.create(null), { mine: allow }) },
  ],
  ['policies in an instance', { policies: new Policies() }, '`policies` must be', { policies: { ...new Policies() } }],
  ['owners that are a function', { owners: owners.Task }, '`owners` must be a plain object', { owners }],
  [
    'owners that are no function',
    { owners: { Task: 'u1' } },
    "`owners.Task` must be a function, `async (ids, context) => owners`; it is 'u1'",
    { owners },
  ],
  [
    'owners of a type that there is not',
    { owners: { Tsak: owners.Task } },
    '`owners` names `Tsak`, which is no object type',
    { owners },
  ],
  [
    'owners of an interface',
    { owners: { Node: owners.Task } },
    '`owners` names `Node`, which is no object type',
    { owners },
  ],
  [
    'reads in a list',
    { reads: ['Task.title'] },
    '`reads` must be a plain object',
    { reads: { 'Query.task(text:)': ['Task.title'] } },
  ],
  ['guards in a list', { guards: ['@public'] }, '`guards` must be a plain object', { guards: {} }],
  [
    'a guard that is no text',
    { guards: { 'Task.title': ['@public'] } },
    "`guards['Task.title']` must be directives in a text, such as '@public'",
    { guards: { 'Task.title': '@authenticated' } },
  ],
  ['scopes in a text', { scopes: 'task:read' }, '`scopes` must be a list of strings', { scopes: ['task:read'] }],
  ['scopes in a Set', { scopes: new Set(['task:read']) }, '`scopes` must be a list of strings', { scopes: [] }],
  [
    'a scope that is no text',
    { scopes: [['task:read']] },
    '`scopes` must be a list of strings',
    { scopes: ['task:read'] },
  ],
  [
    'foreign rows in a text',
    { foreignRows: 'Task' },
    '`foreignRows` must be a list of strings',
    { foreignRows: ['Task'] },
  ],
  [
    'foreign rows of a type that there is not',
    { foreignRows: ['Tasks'] },
    '`foreignRows` names `Tasks`, which is no object type of rows in the schema',
    { foreignRows: ['Task'] },
  ],
  ['foreign rows of an interface', { foreignRows: ['Node'] }, '`foreignRows` names `Node`', { foreignRows: [] }],
  [
    'foreign rows of a root type',
    { foreignRows: ['Query'] },
    '`foreignRows` names `Query`',
    { foreignRows: undefined },
  ],
  ['denial errors that there are not', { denialErrors: 'all' }, 'write `once` or `each`', { denialErrors: 'each' }],
  ['`compile: true`', { compile: true }, '`compile` must be false, or an object of bounds', { compile: false }],
  ['`compile: null`', { compile: null }, '`compile` must be false, or an object of bounds', { compile: {} }],
  [
    'a misspelt bound',
    { compile: { hotafter: 3 } },
    'bound of `compile` `hotafter`. Did you mean `hotAfter`?',
    { compile: { hotAfter: 3 } },
  ],
  [
    'a bound in a text',
    { compile: { operations: '5' } },
    '`compile.operations` must be a whole number above 0',
    { compile: { operations: 5 } },
  ],
  [
    'a bound of 0',
    { compile: { fields: 0 } },
    '`compile.fields` must be a whole number above 0',
    { compile: { fields: 1 } },
  ],
  [
    'half an operation',
    { compile: { operations: 0.5 } },
    '`compile.operations` must be a whole',
    { compile: { operations: 1 } },
  ],
  [
    'a bound that is left undefined',
    { compile: { hotAfter: undefined } },
    '`compile.hotAfter` must be',
    { compile: { hotAfter: 1 } },
  ],
  [
    'unbounded time',
    { compile: { milliseconds: Number.POSITIVE_INFINITY } },
    '`compile.milliseconds` must be a finite number above 0',
    { compile: { milliseconds: 0.5 } },
  ],
  [
    'a bound that is no number',
    { compile: { fieldsOfOperation: Number.NaN } },
    '`compile.fieldsOfOperation` must be',
    { compile: { fieldsOfOperation: 1000 } },
  ],
];

describe('createGuard refuses', () => {
  it.each(cases)('%s', (_name, refused, message, accepted) => {
    const guarding = () => guardWith({ viewer, ...refused });
    expect(guarding).toThrow(TypeError);
    expect(guarding).toThrow(message);
    expect(guardWith({ viewer, ...accepted }).requirements.size).toBeGreaterThan(0);
  });

  it.each([[undefined], [null], [viewer], ['viewer'], [[]]])('no options: %s', (options) => {
    expect(() => guardWith(options)).toThrow('createGuard needs options: write `createGuard(schema, { viewer:');
  });

  it('options without a viewer, or with one that is no function', () => {
    expect(() => guardWith({})).toThrow('createGuard needs the option `viewer`');
    expect(() => guardWith({ viewer: null })).toThrow('`viewer` must be a function; it is null');
    expect(() => guardWith({ viewer: { id: 'u1' } })).toThrow('`viewer` must be a function');
    expect(guardWith({ viewer }).requirements.size).toBeGreaterThan(0);
  });

  it('nothing of options that are left undefined', () => {
    const undefinedOptions = Object.fromEntries(
      cases.flatMap(([, , , accepted]) => Object.keys(accepted).map((name) => [name, undefined])),
    );
    expect(guardWith({ ...undefinedOptions, viewer }).requirements.size).toBeGreaterThan(0);
  });
});

/** The server as a subgraph, asked through a gateway, beside another subgraph, and without the gateway. */
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation';
import type { ExecutionRequest, Executor } from '@graphql-tools/utils';
import { buildSchema, type ExecutionResult, execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, asAnonymous, asOwner, asUser, type Owner, type Persona, type SignedIn } from '../support/personas.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ada: Owner;
let bob: SignedIn;
let admin: SignedIn;

beforeAll(async () => {
  server = await startTestServer({ env: { FEDERATION: 'on' } });
  [ada, bob, admin] = [await asOwner(server), await asUser(server), await asAdmin(server)];
});
afterAll(() => server.close());

const entities = `query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename ... on Task { title notes } ... on User { username email } ... on Session { device } } }`;
const find = (persona: Persona, ...of: unknown[]) => persona.ask(entities, { of });
const task = (id: string) => ({ __typename: 'Task', id });

describe('_entities', () => {
  it('finds what the viewer may see, in the order asked for', async () => {
    const user = { __typename: 'User', id: ada.userId };
    const { data, errors } = await find(ada, user, task(ada.taskId), user);
    expect(errors).toEqual([]);
    const self = { __typename: 'User', username: ada.username, email: `${ada.username}@example.com` };
    expect(data._entities).toEqual([
      self,
      { __typename: 'Task', title: 'A task of mine', notes: 'For my eyes only' },
      self,
    ]);
  });

  it('shows a stranger no more than `node` does: another’s row looks missing', async () => {
    const missing = `${ada.taskId.slice(0, -4)}0000`;
    const { data, errors } = await find(bob, task(ada.taskId), task(missing), {
      __typename: 'Session',
      id: ada.session.userId,
    });
    expect([data._entities, errors]).toEqual([[null, null, null], []]);
    const node = await bob.ask('query ($id: ID!) { node(id: $id) { id } }', { id: ada.taskId });
    expect([node.data.node, node.errors]).toEqual([null, []]);
    const theirs = await find(admin, task(ada.taskId));
    expect(theirs.data._entities).toEqual([{ __typename: 'Task', title: 'A task of mine', notes: null }]);
    expect(theirs.codes).toEqual(['FORBIDDEN']);
  });

  it('trusts only the id of a representation, and only for its own type', async () => {
    const claims = { __typename: 'User', id: ada.taskId };
    const forged = { ...task(ada.taskId), ownerId: bob.userId, notes: 'mine', title: 'mine' };
    expect((await find(ada, claims)).data._entities).toEqual([null]);
    expect((await find(bob, forged)).data._entities).toEqual([null]);
    const own = await find(ada, { ...forged, ownerId: ada.userId });
    expect(own.data._entities).toEqual([{ __typename: 'Task', title: 'A task of mine', notes: 'For my eyes only' }]);
  });

  it('is denied without a viewer, and without the rights of the type', async () => {
    expect((await find(asAnonymous(server), task(ada.taskId))).codes).toEqual(['UNAUTHENTICATED']);
    const { username, password } = ada;
    const login = `mutation ($i: String!, $p: String!) { login(input: { identifier: $i, password: $p, scopes: ["user:read"] }) { session { accessToken } } }`;
    const narrow = await asAnonymous(server).ask(login, { i: username, p: password });
    const token = narrow.data.login.session.accessToken;
    const { data, errors } = await ada.ask(
      entities,
      { of: [task(ada.taskId), { __typename: 'User', id: ada.userId }] },
      { token },
    );
    expect(data._entities).toEqual([null, expect.objectContaining({ username })]);
    expect(errors).toMatchObject([
      { path: ['_entities', '@'], extensions: { code: 'FORBIDDEN', requires: { scopes: [['task:read']] } } },
    ]);
  });

  it.each([
    ['no entity', { __typename: 'PageInfo' }],
    ['no type', { id: 'a' }],
    ['no object', 7],
    ['a list', [[task('a')]]],
  ])('refuses a representation of %s', async (_what, of) => {
    const { status, codes, errors } = await find(ada, of);
    expect([status, codes]).toEqual([400, ['BAD_USER_INPUT']]);
    const literal = await ada.ask('{ _entities(representations: [{ __typename: "Nope" }]) { __typename } }');
    for (const { message } of [...errors, ...literal.errors]) {
      expect(message).toContain('A representation is an object with a `__typename` that can be asked for: ');
    }
    expect((await find(ada, task('a'))).data._entities).toEqual([null]);
  });

  it('reads literals like variables', async () => {
    const query = `query ($id: ID!) { _entities(representations: [{ __typename: "Task", id: $id }, { __typename: "Task", id: "${ada.taskId}" }]) { ... on Task { title } } }`;
    const { data } = await ada.ask(query, { id: ada.taskId });
    expect(data._entities).toEqual([{ title: 'A task of mine' }, { title: 'A task of mine' }]);
  });

  it('is bounded: by its cost, whatever the variables', async () => {
    const many = (count: number) => Array.from({ length: count }, () => task(ada.taskId));
    expect((await find(ada, ...many(200))).data._entities).toHaveLength(200);
    expect((await find(ada, ...many(3400))).codes).toEqual(['OPERATION_TOO_COMPLEX']);
  });
});

describe('behind a gateway', () => {
  const pins = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"])
    type Query { pins: [Pin!]! }
    type Pin @key(fields: "id") { id: ID! task: Task }
    type Task @key(fields: "id") { id: ID! pinned: Boolean! }`;

  /** Asks a gateway that passes each request on with the persona's own token. */
  async function gateway(persona: Persona, query: string): Promise<ExecutionResult> {
    const other = buildSubgraphSchema([
      {
        typeDefs: parse(pins),
        resolvers: {
          Query: { pins: () => [{ id: 'p1', task: { id: ada.taskId } }] },
          Task: { pinned: () => true },
        },
      },
    ]);
    const { data } = await asAnonymous(server).ask('{ _service { sdl } }');
    const { supergraphSdl = '' } = composeServices([
      { name: 'gatewright', url: `${server.url}/graphql`, typeDefs: parse(data._service.sdl) },
      { name: 'pins', url: 'http://pins', typeDefs: parse(pins) },
    ]);
    const ours = ({ document, variables }: ExecutionRequest) =>
      persona.ask(document, variables as Record<string, unknown>);
    const theirs = ({ document, variables }: ExecutionRequest) =>
      execute({ schema: other, document, variableValues: variables as Record<string, unknown> });
    const schema = getStitchedSchemaFromSupergraphSdl({
      supergraphSdl,
      onSubschemaConfig: (config) => {
        config.executor = (config.name.toUpperCase() === 'PINS' ? theirs : ours) as Executor;
      },
    });
    return execute({ schema, document: parse(query) });
  }

  const query =
    '{ pins { id task { pinned title notes owner { username } } } me { tasks { nodes { title pinned } } } }';

  it('joins rows of both for their owner', async () => {
    expect((await gateway(ada, query)).data).toEqual({
      pins: [
        {
          id: 'p1',
          task: { pinned: true, title: 'A task of mine', notes: 'For my eyes only', owner: { username: ada.username } },
        },
      ],
      me: { tasks: { nodes: [{ title: 'A task of mine', pinned: true }] } },
    });
  });

  it('shows a stranger nothing of the row', async () => {
    const { data } = await gateway(bob, query);
    expect(JSON.stringify(data)).not.toContain('mine');
    expect(data).toMatchObject({ me: { tasks: { nodes: [] } } });
  });

  it('serves the SDL that is printed', async () => {
    const { data } = await asAnonymous(server).ask('{ _service { sdl } }');
    expect(buildSchema(data._service.sdl).getQueryType()?.getFields()._entities).toBeUndefined();
    expect(data._service.sdl).toContain('notes: String @owner');
  });
});

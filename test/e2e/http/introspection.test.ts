import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  isInputObjectType,
  isObjectType,
  validateSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, asAnonymous, asUser, type Persona, signIn } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('introspection', () => {
  it('is served in full to every client in development', async () => {
    const { data } = await asAnonymous(server).ask(getIntrospectionQuery());
    const schema = buildClientSchema(data);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(expect.arrayContaining(['me', 'users']));
    expect(schema.getDirective('requiresRole')).toBeTruthy();
  });

  it('is refused where it is off, and field names are not suggested there', async () => {
    const production = await startTestServer({ env: { NODE_ENV: 'production' } });
    try {
      const refused = await asAnonymous(production).ask(getIntrospectionQuery());
      expect([refused.status, new Set(refused.codes)]).toEqual([400, new Set(['GRAPHQL_VALIDATION_FAILED'])]);
      expect(new Set(refused.errors.map(({ message }) => message))).toEqual(new Set(['Introspection is off.']));
      const misspelt = await asAnonymous(production).ask('{ taskz { id } }');
      expect(misspelt.errors[0]?.message).toBe('Cannot query field "taskz" on type "Query".');
      expect((await asAnonymous(production).ask('{ __typename }')).data).toEqual({ __typename: 'Query' });
      // There is no explorer either, because it would have no schema to show.
      expect((await fetch(`${production.url}/`)).status).toBe(404);
    } finally {
      await production.close();
    }
  });

  it('is refused in development when it is off, and the message says how to turn it on', async () => {
    const closed = await startTestServer({ env: { INTROSPECTION: 'off' } });
    try {
      const { errors } = await asAnonymous(closed).ask('{ __schema { queryType { name } } }');
      expect(errors[0]?.message).toBe('Introspection is off. Set INTROSPECTION=visible or full to allow it.');
    } finally {
      await closed.close();
    }
  });

  it('suggests field names in development', async () => {
    expect((await asAnonymous(server).ask('{ taskz { id } }')).errors[0]?.message).toContain('Did you mean');
  });
});

describe('introspection with INTROSPECTION=visible', () => {
  let visible: TestServer;
  let personas: Record<'anonymous' | 'user' | 'admin', Persona>;
  beforeAll(async () => {
    visible = await startTestServer({ env: { INTROSPECTION: 'visible' } });
    personas = { anonymous: asAnonymous(visible), user: await asUser(visible), admin: await asAdmin(visible) };
  });
  afterAll(() => visible.close());

  const schemaFor = async (persona: Persona): Promise<GraphQLSchema> => {
    const { data, errors } = await persona.ask(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
    expect(errors).toEqual([]);
    const schema = buildClientSchema(data);
    expect(validateSchema(schema)).toEqual([]);
    return schema;
  };
  const fields = (schema: GraphQLSchema, name: string): string[] => {
    const type = schema.getType(name);
    return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
  };

  it('shows a stranger how to sign in, and nothing of what is kept here', async () => {
    const schema = await schemaFor(personas.anonymous);
    expect(fields(schema, 'Mutation')).toEqual(['register', 'login', 'refresh']);
    expect(fields(schema, 'Query')).toEqual(['_empty']);
    for (const name of ['User', 'Task', 'Node', 'TaskFilter', 'UserConnection', 'Scope', 'Policy']) {
      expect(schema.getType(name), name).toBeUndefined();
    }
  });

  it('shows a user their own, and nothing of administration', async () => {
    const schema = await schemaFor(personas.user);
    expect(fields(schema, 'Query')).toEqual(expect.arrayContaining(['me', 'node', 'task', 'tasks']));
    expect(fields(schema, 'Query')).not.toContain('users');
    expect(fields(schema, 'Mutation')).not.toContain('setUserRole');
    expect(fields(schema, 'User')).toContain('email');
    expect(fields(schema, 'User')).not.toContain('isActive');
    expect(fields(schema, 'Task')).toContain('notes');
    expect(fields(schema, 'TaskFilter')).toContain('text');
    expect(fields(schema, 'TaskFilter')).not.toContain('everyone');
    expect(schema.getType('UserConnection')).toBeUndefined();
  });

  it('shows an administrator more', async () => {
    const schema = await schemaFor(personas.admin);
    expect(fields(schema, 'Query')).toContain('users');
    expect(fields(schema, 'Mutation')).toContain('setUserRole');
    expect(fields(schema, 'User')).toContain('isActive');
    expect(fields(schema, 'TaskFilter')).toEqual(expect.arrayContaining(['everyone', 'ownerId']));
  });

  it('follows the scopes of the token', async () => {
    const { username, password } = await asUser(visible);
    const schema = await schemaFor(await signIn(visible, { username, password, scopes: ['task:read'] }));
    expect(fields(schema, 'Mutation')).not.toContain('createTask');
    expect(fields(schema, 'User')).not.toContain('email');
    expect(fields(schema, 'Task')).toContain('title');
  });

  it('treats a hidden type like one that does not exist', async () => {
    const query = '{ hidden: __type(name: "UserConnection") { name } absent: __type(name: "Nothing") { name } }';
    expect((await personas.user.ask(query)).data).toEqual({ hidden: null, absent: null });
    expect((await personas.admin.ask(query)).data).toEqual({ hidden: { name: 'UserConnection' }, absent: null });
  });

  it('is answered beside what the guard decides', async () => {
    const query = '{ users { totalCount } type: __type(name: "User") { name } me { username } }';
    const { status, data, codes } = await personas.user.ask(query);
    // `users` is not null, so its denial nulls everything.
    expect({ status, data, codes }).toEqual({ status: 200, data: null, codes: ['FORBIDDEN'] });
    const served = await personas.user.ask(
      '{ b: __type(name: "User") { name } user(id: "user_x") { id } a: __typename }',
    );
    expect({ codes: served.codes, data: JSON.stringify(served.data) }).toEqual({
      codes: ['FORBIDDEN'],
      data: '{"b":{"name":"User"},"user":null,"a":"Query"}',
    });
  });

  it('suggests no names, in a document or in variables', async () => {
    const misspelt = await personas.user.ask('{ userz { totalCount } }');
    expect(misspelt.errors[0]?.message).toBe('Cannot query field "userz" on type "Query".');
    const query = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
    const variables = await personas.user.ask(query, { filter: { everyon: true } });
    expect(variables.codes).toEqual(['BAD_USER_INPUT']);
    expect(variables.errors[0]?.message).not.toContain('everyone');
  });

  it('is rejected as a whole with AUTHORIZATION_DENIAL=reject when a field is denied, and answered when none is', async () => {
    const rejects = await startTestServer({ env: { INTROSPECTION: 'visible', AUTHORIZATION_DENIAL: 'reject' } });
    try {
      const anonymous = asAnonymous(rejects);
      expect(fields(await schemaFor(anonymous), 'Mutation')).toEqual(['register', 'login', 'refresh']);
      const refused = await anonymous.ask('{ __schema { queryType { name } } me { id } }');
      expect([refused.status, refused.data, refused.codes]).toEqual([401, undefined, ['UNAUTHENTICATED']]);
    } finally {
      await rejects.close();
    }
  });
});

/** What a mutation answers to a viewer whose scopes allow the change, and no other reading of the row. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asOwner, type Owner, type SignedIn, signIn } from '../../support/personas.ts';
import { administrator, startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let owner: Owner;
let changer: SignedIn;
beforeAll(async () => {
  server = await startTestServer();
  owner = await asOwner(server, { title: 'As it was' });
  const scopes = ['task:read', 'task:write', 'task:write:any'];
  changer = await signIn(server, { ...administrator, scopes });
});
afterAll(() => server?.close());

const change = 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { title } errors { code } } }';

it('the payload shows what was changed, with errors empty', async () => {
  for (let time = 0; time < 4; time++) {
    const { data, errors } = await changer.ask(change, { input: { id: owner.taskId, title: `Changed ${time}` } });
    expect(errors).toEqual([]);
    expect(data.updateTask).toEqual({ task: { title: `Changed ${time}` }, errors: [] });
  }
});

it('the same viewer still reads no task of others', async () => {
  const read = 'query ($id: ID!) { task(id: $id) { title } node(id: $id) { id } tasks { totalCount } }';
  const { data, errors } = await changer.ask(read, { id: owner.taskId });
  expect([data, errors]).toEqual([{ task: null, node: null, tasks: { totalCount: 0 } }, []]);
});

it('a viewer who may not change the task is denied, and shown nothing', async () => {
  const stranger = await asOwner(server);
  const { data, codes } = await stranger.ask(change, { input: { id: owner.taskId, title: 'Mine' } });
  expect([data, codes]).toEqual([null, ['FORBIDDEN']]);
});

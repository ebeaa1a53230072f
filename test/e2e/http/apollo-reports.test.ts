/** A server sends no reports to Apollo by itself, whatever keys its environment has. */
import { afterEach, expect, it, vi } from 'vitest';
import { asOwner } from '../../support/personas.ts';
import { startTestServer, type TestServerOptions } from '../../support/server.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/**
 * The hosts of Apollo that the server asked until its end, with the keys in its environment. Reports are sent at the
 * end.
 */
async function apolloHostsAskedBy(options: TestServerOptions): Promise<string[]> {
  vi.stubEnv('APOLLO_KEY', 'service:gatewright:0123456789abcdef');
  vi.stubEnv('APOLLO_GRAPH_REF', 'gatewright@current');
  vi.stubEnv('APOLLO_SCHEMA_REPORTING', 'true');
  const asked: string[] = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (!url.hostname.endsWith('apollographql.com')) return await real(input, init);
    asked.push(url.hostname);
    return new Response('{}');
  });
  const server = await startTestServer({ ...options, env: { INTROSPECTION: 'full' } });
  const ada = await asOwner(server);
  for (let time = 0; time < 3; time++) expect((await ada.ask('{ me { username } }')).errors).toEqual([]);
  await server.close();
  return asked;
}

it('sends nothing to Apollo without plugins', async () => {
  expect(await apolloHostsAskedBy({})).toEqual([]);
});

it('reports as Apollo Server does where a plugin is given', async () => {
  expect(await apolloHostsAskedBy({ plugins: [{}] })).toContain('usage-reporting.api.apollographql.com');
});

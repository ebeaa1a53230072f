/**
 * Packs the engine, and installs it in empty projects beside the oldest and the newest graphql that it supports. Runs
 * it under Apollo Server and GraphQL Yoga. It needs npm's registry; TEST_OFFLINE=1 skips it.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/tool.ts';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'gatewright-engine-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let archive: string;

const sdl = `
  type Query { notes: [Note!]! @authenticated, secret: Int @requiresRole(roles: [EDITOR]) }
  type Note @authenticated { id: ID!, text: String @owner }
`;
const guardCode = `
const notes = [{ id: '1', ownerId: 'ada', text: 'mine' }, { id: '2', ownerId: 'bob', text: 'his' }];
const typeDefs = directiveTypeDefs({ roles: ['READER', 'EDITOR'] }) + ${JSON.stringify(sdl)};
const resolvers = { Query: { notes: () => notes, secret: () => 1 } };
const viewer = (context) => context.viewer;
const guardOf = (denial) => createGuard(makeExecutableSchema({ typeDefs, resolvers }), { viewer, denial, introspection: 'visible' });
const ada = { id: 'ada', roles: ['READER'], scopes: [] };
`;

/** Each line has the status and the answer. The last line says whether compiled code has answered. */
const apolloCode = `${guardCode}
async function main() {
  const guard = guardOf('reject');
  const server = new ApolloServer({ schema: guard.schema, plugins: [guardPlugin(guard)] });
  await server.start();
  const ask = async (query, viewer) => {
    const { http, body } = await server.executeOperation({ query }, { contextValue: { viewer } });
    return [http.status ?? 200, body.singleResult];
  };
  const answers = [];
  for (const asked of ['{ notes { id } }', '{ secret }', '{ __schema { queryType { fields { name } } } }'])
    answers.push(await ask(asked, ada));
  answers.push(await ask('query ($on: Boolean!) { notes @include(if: $on) { id } }', ada));
  for (let time = 0; time < 6; time++) await ask('{ notes { id } }', ada);
  console.log(JSON.stringify([...answers, guard.compiled.answers > 0]));
}
main();
`;
const yogaCode = `${guardCode}
async function main() {
  const guard = guardOf('reject');
  let viewer = ada;
  const yoga = createYoga({ schema: guard.schema, plugins: [useGuard(guard)], context: () => ({ viewer }), logging: false });
  const ask = async (query) => {
    const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json' };
    const response = await yoga.fetch('http://yoga/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
    return [response.status, await response.json()];
  };
  const answers = [];
  for (const asked of ['{ notes { id } }', '{ secret }', '{ __schema { queryType { fields { name } } } }'])
    answers.push(await ask(asked));
  for (let time = 0; time < 6; time++) await ask('{ notes { id } }');
  console.log(JSON.stringify([...answers, guard.compiled.answers > 0]));
}
main();
`;
const needs: Record<string, string> = {
  createGuard: 'gatewright-authorization',
  directiveTypeDefs: 'gatewright-authorization',
  makeExecutableSchema: '@graphql-tools/schema',
  guardPlugin: 'gatewright-authorization/apollo',
  ApolloServer: '@apollo/server',
  useGuard: 'gatewright-authorization/yoga',
  createYoga: 'graphql-yoga',
};

function program(code: string, kind: 'mjs' | 'cjs'): string {
  const used = Object.entries(needs).filter(([name]) => code.includes(name));
  return [
    ...used.map(([name, from]) =>
      kind === 'mjs' ? `import { ${name} } from '${from}';` : `const { ${name} } = require('${from}');`,
    ),
    code,
  ].join('\n');
}

const answeredByYoga = [
  [200, { data: { notes: [{ id: '1' }, { id: '2' }] } }],
  [403, { errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })] }],
  [200, { data: { __schema: { queryType: { fields: [{ name: 'notes' }] } } } }],
  true,
];
const wrong = [400, { errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })] }];
const answeredByApollo = [...answeredByYoga.slice(0, -1), wrong, true];

/** `others`: what is not the same, or is there in one way alone. */
const bothCode = `
import * as imported from 'gatewright-authorization';
import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('gatewright-authorization');
const names = Object.keys(imported);
const others = [...new Set([...names, ...Object.keys(required)])].filter((name) => imported[name] !== required[name]);
console.log(JSON.stringify({ names, others }));
`;

const types = `
import { createGuard, directiveTypeDefs, rule, type GuardOptions } from 'gatewright-authorization';
import { guardPlugin } from 'gatewright-authorization/apollo';
import { useGuard } from 'gatewright-authorization/yoga';
import { buildSchema } from 'graphql';
interface Context { viewer: { id: string; roles: string[]; scopes: string[] } | null }
const policies = { mine: rule<Context, { ownerId: string }>()((row, _args, { viewer }) => row.ownerId === viewer?.id) };
const options: GuardOptions<Context> = { viewer: (context) => context.viewer, policies };
const sdl = directiveTypeDefs({ roles: ['READER'] }) + 'type Query { a: Int @public }';
export const guard = createGuard<Context>(buildSchema(sdl), options);
export const plugin = guardPlugin<Context>(guard);
export const envelop = useGuard(guard);
// @ts-expect-error there is no such mode
export const wrong: GuardOptions<Context> = { viewer: (context) => context.viewer, denial: 'hide' };
`;
const typesOfServers = `
import { ApolloServer } from '@apollo/server';
import { createYoga } from 'graphql-yoga';
${types}
export const apollo = new ApolloServer<Context>({ schema: guard.schema, plugins: [plugin] });
export const yoga = createYoga({ schema: guard.schema, plugins: [envelop] });
`;

describe.skipIf(process.env.TEST_OFFLINE)('gatewright-authorization', () => {
  beforeAll(async () => {
    const { stdout } = await run(process.execPath, ['tools/build-authorization.ts', '--pack', directory], {
      cwd: projectRoot,
    });
    archive = join(directory, stdout.trim().split('\n').at(-1) as string);
  });

  async function projectWith(name: string, ...packages: string[]): Promise<string> {
    const project = join(directory, name);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', archive, ...packages], {
      cwd: project,
    });
    return project;
  }

  it('is small: at most 60 packages and 20 MB beside graphql', async () => {
    const project = await projectWith('alone', 'graphql@16');
    const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: project });
    const packages = stdout.trim().split('\n').length - 2;
    const bytes = sizeOf(join(project, 'node_modules')) - sizeOf(join(project, 'node_modules/graphql'));
    expect(packages).toBeLessThanOrEqual(60);
    expect(bytes).toBeLessThan(20_000_000);
    const { dependencies } = JSON.parse(
      readFileSync(join(project, 'node_modules/gatewright-authorization/package.json'), 'utf8'),
    );
    expect(Object.keys(dependencies)).not.toEqual(expect.arrayContaining(['fastify']));
  });

  describe.each([
    // This Node requires no ES module.
    { graphql: '16.11.0', node: '22.0.0', apollo: '4', typescript: '5.6' },
    { graphql: '16', node: '24', apollo: '5', typescript: '7' },
  ])('beside graphql $graphql, on Node $node', ({ graphql, node, apollo, typescript }) => {
    let project: string;
    let nodeOfProject: string;
    beforeAll(async () => {
      const servers = [`@apollo/server@${apollo}`, 'graphql-yoga@5', '@graphql-tools/schema@10'];
      const tools = [`typescript@${typescript}`, `@types/node@${node.split('.')[0]}`, `node@${node}`];
      project = await projectWith(`graphql-${graphql}`, `graphql@${graphql}`, ...servers, ...tools);
      nodeOfProject = join(project, 'node_modules/.bin/node');
      expect(`${(await run(nodeOfProject, ['--version'])).stdout.trim()}.`).toMatch(new RegExp(`^v${node}\\.`));
    });

    it.each([
      ['Apollo Server', 'imported', apolloCode, 'mjs', answeredByApollo],
      ['Apollo Server', 'required', apolloCode, 'cjs', answeredByApollo],
      ['GraphQL Yoga', 'imported', yogaCode, 'mjs', answeredByYoga],
      ['GraphQL Yoga', 'required', yogaCode, 'cjs', answeredByYoga],
    ] as const)('guards under %s, %s', async (_server, _how, code, kind, answered) => {
      const file = join(project, `${_server[0]}.${kind}`);
      writeFileSync(file, program(code, kind));
      const { stdout } = await run(nodeOfProject, [file], { cwd: project });
      expect(JSON.parse(stdout)).toEqual(answered);
    });

    it('is one copy, imported and required', async () => {
      const file = join(project, 'both.mjs');
      writeFileSync(file, bothCode);
      const { stdout } = await run(nodeOfProject, [file], { cwd: project });
      expect(JSON.parse(stdout)).toEqual({ names: expect.arrayContaining(['Denial', 'createGuard']), others: [] });
    });

    it.each([
      ['by itself, its own declarations checked', 'own.mts', types, 'false'],
      ['by itself, where it is required', 'own.cts', types, 'false'],
      ['beside the servers', 'servers.mts', typesOfServers, 'true'],
      ['beside the servers, where it is required', 'servers.cts', typesOfServers, 'true'],
    ])('is typed %s', async (_how, file, text, skipLibCheck) => {
      writeFileSync(join(project, file), text);
      const settings = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
      const check = ['--skipLibCheck', skipLibCheck, file];
      const compiled = run(join(project, 'node_modules/.bin/tsc'), [...settings, ...check], { cwd: project });
      const { stdout } = await compiled.catch((error: { stdout: string }) => error);
      expect(stdout).toBe('');
    });
  });
});

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

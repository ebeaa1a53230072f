/** `npm run access` as a process: the matrix in each format, the check of the committed file, explanations. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { copyProject } from '../../support/access-tool.ts';
import { projectRoot } from '../../support/tool.ts';

const project = copyProject();
const { root, access, refusal, change, write, read } = project;
beforeEach(() => project.restore());
afterAll(() => project.remove());

describe('the access matrix', () => {
  it('is a table of types and personas in text', async () => {
    const { code, stdout, stderr } = await access([]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Task +anonymous +USER +ADMIN$/m);
    expect(stdout).toMatch(/^ {2}title +deny +allow +allow$/m);
    expect(stdout).toMatch(/^ {2}notes +deny +if a row of your own +if a row of your own$/m);
    expect(stdout).toMatch(/^ {2}everyone +deny +deny +allow$/m);
  });

  it('is a line for each coordinate in Markdown, without line numbers', async () => {
    const { stdout } = await access(['--format', 'markdown']);
    expect(stdout).toContain(
      '\n| `Query.users` | role `ADMIN` and scope `user:read:any` | ✕ deny | ✕ deny | ✓ allow |\n',
    );
    expect(stdout).toContain('\n| USER | `USER` | `task:read` `task:write` `user:read` |\n');
    expect(stdout).not.toMatch(/\.graphql:\d/);
  });

  it('is whole in JSON: requirement, sources, verdicts', async () => {
    const { personas, coordinates } = JSON.parse((await access(['--format', 'json'])).stdout);
    expect(personas).toMatchObject({ anonymous: null, ADMIN: { roles: ['ADMIN'] } });
    expect(coordinates.find((row: { coordinate: string }) => row.coordinate === 'Task.notes')).toEqual({
      coordinate: 'Task.notes',
      kind: 'field',
      requirement: [
        [
          { kind: 'owner', field: 'ownerId' },
          { kind: 'scope', name: 'task:read' },
        ],
      ],
      requires: 'a row of your own and scope `task:read`',
      sources: [
        expect.objectContaining({ directive: '@owner', on: 'Task.notes', through: 'itself' }),
        expect.objectContaining({
          on: 'Task',
          through: 'type',
          location: expect.stringMatching(/^schema\/tasks.*:\d+$/),
        }),
        expect.objectContaining({ directive: '@authenticated', on: 'Node', through: 'interface' }),
      ],
      access: {
        anonymous: { verdict: 'deny' },
        USER: { verdict: 'depends', on: [[{ kind: 'owner', field: 'ownerId' }]], words: 'a row of your own' },
        ADMIN: { verdict: 'depends', on: [[{ kind: 'owner', field: 'ownerId' }]], words: 'a row of your own' },
      },
    });
  });

  it('is written to a file when one is named', async () => {
    expect(await access(['--format', 'html', '--output', 'access.html'])).toMatchObject({ code: 0, stderr: '' });
    expect(read('access.html')).toMatch(/^<!doctype html>[\s\S]*Task\.[\s\S]*<\/html>\n$/);
    expect(await refusal(['--output', 'missing/access.txt'])).toMatch(/missing\/access.txt cannot be written/);
  });

  it('has a column for each persona of a file', async () => {
    const file = write('personas.json', { auditor: { roles: ['USER'], scopes: ['task:read:any'] }, guest: null });
    const { stdout } = await access(['--personas', file]);
    expect(stdout).toMatch(/^TaskFilter +anonymous +USER +ADMIN +auditor +guest$/m);
    expect(stdout).toMatch(/^ {2}everyone +deny +deny +allow +allow +deny$/m);
    expect(stdout).toMatch(/^ {2}title +deny +allow +allow +deny +deny$/m);
  });

  it('refuses what it cannot read, and arguments that are wrong', async () => {
    const file = write('personas.json', { boss: { roles: ['BOSS'], scopes: [] } });
    expect(await refusal(['--personas', file])).toMatch(/"boss" names the role "BOSS"; there are USER, ADMIN\n$/);
    expect(await refusal(['--bogus'])).toMatch(/Unknown option '--bogus'[\s\S]*usage: npm run access -- \[options\]/);
  });

  it('prints its usage when asked', async () => {
    expect(await access(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^usage: /),
      stderr: '',
    });
  });

  it('lists what is wrong with a schema that cannot be guarded', async () => {
    change('schema/tasks.graphql', '): Task @requiresScopes(scopes: [["task:read"]])', '): Task');
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String @onwer');
    const stderr = await refusal([]);
    expect(stderr).toMatch(/Query\.task: it carries no guard.*schema\/tasks\.graphql:\d+/);
    expect(stderr).toMatch(/Task\.notes: @onwer is not defined/);
  });

  it('says where a schema cannot be read', async () => {
    change('schema/tasks.graphql', 'type Task implements', 'type Task implemets');
    expect(await refusal([])).toMatch(/Syntax Error.*\n*[\s\S]*schema\/tasks\.graphql:\d+:\d+/);
  });
});

describe('the committed matrix', () => {
  const check = ['--format', 'markdown', '--output', 'docs/access.md', '--check'];

  it('is current', async () => {
    expect(await access(check, { root: projectRoot })).toMatchObject({
      code: 0,
      stdout: 'docs/access.md is current\n',
    });
  });

  it('is no longer so once the access changes, and the check says how to renew it', async () => {
    const was = read('docs/access.md');
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String');
    const { code, stderr } = await access(check);
    expect(code).toBe(1);
    expect(stderr).toContain('npm run access -- --format markdown --output docs/access.md\n');
    expect((await access(check.slice(0, -1))).code).toBe(0);
    expect((await access(check)).code).toBe(0);
    const [before, after] = [was, read('docs/access.md')].map((text) => new Set(text.split('\n')));
    expect([...(after ?? [])].filter((line) => !before?.has(line))).toEqual([expect.stringContaining('`Task.notes`')]);
  });

  it('stays so when guards only move', async () => {
    change('schema/tasks.graphql', 'extend type Query {', '# A comment\n\nextend type Query {');
    expect((await access(check)).code).toBe(0);
  });

  it('is not current when it is not there', async () => {
    rmSync(join(root, 'docs/access.md'));
    expect((await access(check)).code).toBe(1);
  });
});

describe('--explain', () => {
  it('says where each directive stands, how it reaches the coordinate, and what each persona may do', async () => {
    const { code, stdout } = await access(['--explain', 'Query.tasks']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Query\.tasks requires scope `task:read`\.$/m);
    const lines = read('schema/tasks.graphql').split('\n');
    const [own, returned] = [...stdout.matchAll(/^ {2}@requiresScopes.* (on .*?) +schema\/tasks\.graphql:(\d+)$/gm)];
    expect([own?.[1], returned?.[1]]).toEqual(['on `Query.tasks` itself', 'on `TaskConnection`, which it returns']);
    expect(lines[Number(own?.[2]) - 1]).toContain('TaskConnection! @requiresScopes');
    expect(lines[Number(returned?.[2]) - 1]).toContain('type TaskConnection @requiresScopes');
    expect(stdout).toMatch(/^ {2}anonymous +deny$/m);
    expect(stdout).toMatch(/^ {2}USER +allow, rows of Task: `owner`$/m);
    expect(stdout).toMatch(/^ {2}ADMIN +allow, all rows$/m);
    expect(stdout).toMatch(
      /^Rows of Task exist for their viewers by `owner`, or scope `task:read:any`:\n\n {2}owner +tasks.owner_id is the viewer$/m,
    );
  });

  it('says the same in JSON', async () => {
    const { stdout } = await access(['--explain', 'Task.id', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      requires: 'scope `task:read`',
      sources: [{ through: 'type' }, { through: 'interface' }],
      access: { anonymous: { verdict: 'deny' }, USER: { verdict: 'allow' } },
    });
  });

  it('says that nothing guards what every viewer may supply', async () => {
    expect((await access(['--explain', 'Query.tasks(first:)'])).stdout).toContain('No directive guards it');
  });

  it('suggests similar coordinates for one that does not exist', async () => {
    expect(await refusal(['--explain', 'Task.note'])).toMatch(
      /There is no coordinate `Task\.note`; there are .*`Task\.notes`/,
    );
  });
});

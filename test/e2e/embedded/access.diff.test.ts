/** `npm run access -- --diff` as a process, in a repository of its own with a changed schema. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { copyProject, type Project } from '../../support/access-tool.ts';

function commitAll({ git }: Project): void {
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'as it is');
}

const isMissing = spawnSync('git', ['--version']).status !== 0;

it('Git is there to compare with, where it must be', () => {
  expect(process.env.CI && isMissing, 'git is missing').toBeFalsy();
});

describe.skipIf(isMissing)('npm run access -- --diff', () => {
  const project = copyProject();
  const { root, access, refusal, change, write, git } = project;
  beforeAll(() => commitAll(project));
  beforeEach(() => {
    git('reset', '--quiet', '--hard');
    git('clean', '--quiet', '--force', '-d');
  });
  afterAll(() => project.remove());

  it('finds nothing where nothing has changed', async () => {
    change('schema/tasks.graphql', 'extend type Query {', '# A comment\n\nextend type Query {');
    expect(await access(['--diff', 'HEAD', '--exit-code'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nobody may do more or less.'),
    });
  });

  it('says what opens and what closes, for each persona', async () => {
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String @owner(orRoles: [ADMIN])\n  draft: Int');
    change('schema/tasks.graphql', 'everyone: Boolean @settableBy(scopes: [["task:read:any"]])', 'everyone: Boolean');
    change('schema/tasks.graphql', 'direction: OrderDirection! = DESC', 'directed: OrderDirection! = DESC');
    change('schema/tasks.graphql', 'version: Int!', 'version: Int! @requiresRole(roles: [ADMIN])');
    const { code, stdout } = await access(['--diff', 'HEAD', '--exit-code']);
    expect(code).toBe(1);
    const [title, counts, ...changes] = stdout.trimEnd().split('\n\n');
    expect(title).toMatch(/^Access, against HEAD \([0-9a-f]{7,}\)$/);
    expect(counts).toMatch(/^Opens 4, closes 2/);
    expect(changes).toEqual([
      'Task.draft (new)\n  + USER, ADMIN: not there → allow\n  + requires: not there → scope `task:read`',
      'Task.notes\n  + ADMIN: if a row of your own → allow\n  + requires: a row of your own and scope `task:read` → ' +
        'a row of your own and scope `task:read`, or role `ADMIN` and scope `task:read`',
      'Task.version\n  - USER: allow → deny\n  - requires: scope `task:read` → role `ADMIN` and scope `task:read`',
      'TaskFilter.everyone\n  + anonymous, USER: deny → allow\n  + requires: scope `task:read:any` → nothing',
      'TaskOrder.directed (new)\n  + anonymous, USER, ADMIN: not there → allow\n  + requires: not there → nothing',
      'TaskOrder.direction (removed)\n  - anonymous, USER, ADMIN: allow → not there\n  - requires: nothing → not there',
    ]);
  });

  it('says for whom other rows exist, and what a relation is read from by now', async () => {
    change(
      'schema/tasks.graphql',
      '@visibleTo(relations: [["owner"]], orScopes',
      '@visibleTo(relations: [["anyone"]], orScopes',
    );
    change('src/tasks/tasks.noun.ts', "owner: viewerIs('ownerId')", "owner: viewerIs('id')");
    change('src/tasks/tasks.noun.ts', "ownerId: 'owner_id'", "ownerId: 'owner_id', id: 'id'");
    const { code, stdout } = await access(['--diff', 'HEAD', '--exit-code']);
    expect([code, stdout.trimEnd().split('\n\n').slice(1)]).toEqual([
      1,
      [
        'Opens 1, closes 0: + opens, - closes, ~ does both.',
        'rows of Task\n  + anonymous: none → all\n  + USER: `owner` → all\n' +
          '  ~ `owner`: tasks.owner_id is the viewer → tasks.id is the viewer',
      ],
    ]);
  });

  it('says what closes for a filter and an order with the field that they read', async () => {
    change('schema/users.graphql', 'username: String!', 'username: String! @requiresRole(roles: [ADMIN])');
    const { stdout } = await access(['--diff', 'HEAD']);
    for (const closed of ['User.username', 'UserFilter.text', 'UserOrderField.USERNAME']) {
      expect(stdout).toContain(`${closed}\n  - USER: allow → deny\n`);
    }
  });

  it('says what opens for a filter that no longer names the field that it reads', async () => {
    change('src/users/user.ownership.ts', "  'UserFilter.isActive': ['User.isActive'],\n", '');
    const { code, stdout } = await access(['--diff', 'HEAD', '--exit-code']);
    expect([code, stdout.split('\n\n').slice(1)]).toEqual([
      1,
      [
        'Opens 1, closes 0: + opens, - closes, ~ does both.',
        'UserFilter.isActive\n  + anonymous, USER: deny → allow\n  + requires: role `ADMIN` → nothing\n',
      ],
    ]);
  });

  it('says what closes for an order that names the field that it reads', async () => {
    change('src/tasks/task.ownership.ts', "  'TaskOrderField.TITLE': ['Task.title'],\n", '');
    git('commit', '--quiet', '--all', '--message', 'an order by what it does not name');
    git('tag', 'unnamed');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    const { stdout } = await access(['--diff', 'unnamed']);
    expect(stdout).toContain('Opens 0, closes 1');
    expect(stdout).toContain('TaskOrderField.TITLE\n  - anonymous: allow → deny\n');
  });

  it('takes a commit that exports no `reads` for one without, and leaves out what its schema does not have', async () => {
    change('src/api/schema.ts', 'export const reads:', 'const reads:');
    git('commit', '--quiet', '--all', '--message', 'none');
    git('tag', 'none');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    expect((await access(['--diff', 'none'])).stdout).toContain(
      'UserFilter.isActive\n  - anonymous, USER: allow → deny\n',
    );
    change(
      'src/tasks/task.ownership.ts',
      "'TaskFilter.status'",
      "'TaskFilter.stage': ['Task.status'],\n  'TaskFilter.status'",
    );
    change('src/tasks/task.ownership.ts', "['Task.priority']", "['Task.priority', 'Task.urgency', '?']");
    git('commit', '--quiet', '--all', '--message', 'beyond its schema');
    git('tag', 'beyond');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    expect((await access(['--diff', 'beyond'])).stdout).toContain('Nobody may do more or less.');
  });

  it.each([
    ["import 'no-such-package';", /Cannot find package 'no-such-package'/],
    ["export const reads = { 'TaskFilter.text': 'Task.title' };", /not lists of coordinates/],
  ])('says that the `reads` of a commit cannot be read, and does not end well: %s', async (code, reason) => {
    write('src/api/schema.ts', code);
    git('commit', '--quiet', '--all', '--message', 'unreadable');
    git('tag', '--force', 'unreadable');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    const ended = await access(['--diff', 'unreadable', '--exit-code']);
    const [, note, rest] = ended.stdout.split('\n\n');
    expect(ended.code).toBe(1);
    expect(note).toMatch(/^What filters and orders read is not compared: `reads` in .* of unreadable \(/);
    expect(note).toMatch(reason);
    expect(rest).toBe('Otherwise nobody may do more or less.\n');
  });

  it('says nothing of a role whose scopes are only repeated or reordered', async () => {
    change('src/users/scopes.ts', "'task:read', 'task:write', ", "'task:write', 'task:read', 'task:write', ");
    expect((await access(['--diff', 'HEAD', '--exit-code'])).stdout).toContain('Nobody may do more or less.');
    change(
      'src/users/scopes.ts',
      "'task:write', 'task:read', 'task:write', ",
      "'task:write', 'task:read', 'task:read:any', ",
    );
    expect((await access(['--diff', 'HEAD'])).stdout).toContain('role USER gains `task:read:any`\n');
  });

  it('counts what a role gains and loses, where no guard has changed', async () => {
    change('src/users/scopes.ts', "'task:read', 'task:write', ", "'task:read', 'task:read:any', ");
    change('src/users/scopes.ts', "...userScopes,\n  'task:read:any'", "...userScopes,\n  'task:write'");
    const { stdout } = await access(['--diff', 'HEAD']);
    expect(stdout).toContain('role USER gains `task:read:any` loses `task:write`');
    expect(stdout).toContain('TaskFilter.everyone\n  + USER: deny → allow');
    expect(stdout).toContain('Mutation.createTask\n  - USER: allow → deny');
  });

  it('reports a change that concerns no persona', async () => {
    change(
      'schema/users.graphql',
      'isActive: Boolean @requiresRole(roles: [ADMIN])',
      'isActive: Boolean @requiresScopes(scopes: [["user:read:any"]])',
    );
    expect((await access(['--diff', 'HEAD'])).stdout).toContain(
      'User.isActive\n  ~ requires: role `ADMIN` → scope `user:read:any`\n',
    );
    const file = write('personas.json', { support: { roles: ['USER'], scopes: ['user:read:any'] } });
    expect((await access(['--diff', 'HEAD', '--personas', file])).stdout).toContain(
      'User.isActive\n  + support: deny → allow',
    );
  });

  it('says the same in Markdown and in JSON', async () => {
    change('schema/tasks.graphql', 'version: Int!', 'version: Int! @requiresRole(roles: [ADMIN])');
    expect((await access(['--diff', 'HEAD', '--format', 'markdown'])).stdout).toContain(
      '\n## `Task.version`\n\n- `-` USER: allow → deny\n',
    );
    expect(JSON.parse((await access(['--diff', 'HEAD', '--format', 'json'])).stdout)).toMatchObject({
      coordinates: [
        {
          coordinate: 'Task.version',
          effect: 'closes',
          personas: [{ persona: 'USER', effect: 'closes', before: [[]], after: [] }],
        },
      ],
    });
  });

  it('compares with a commit whose policies and owners are no longer there', async () => {
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String @policy(policies: [["formerly"]])');
    git('commit', '--quiet', '--all', '--message', 'with another policy');
    git('tag', 'formerly');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    expect((await access(['--diff', 'formerly'])).stdout).toContain(
      'Task.notes\n  ~ USER, ADMIN: if policy `formerly` → if a row of your own\n',
    );
  });

  it('leaves the working tree, the index and the temporary directory as they were', async () => {
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String');
    write('new.txt', 'new');
    git('add', 'new.txt');
    const before = git('status', '--porcelain');
    const temporary = mkdtempSync(join(tmpdir(), 'gatewright-access-temporary-'));
    const { stdout, stderr } = await access(['--diff', 'HEAD'], { temporary });
    expect([stdout, stderr]).toEqual([expect.stringContaining('Task.notes'), '']);
    expect([git('status', '--porcelain'), readdirSync(temporary)]).toEqual([before, []]);
    rmSync(temporary, { recursive: true });
  });

  it('says that there is no such commit', async () => {
    expect(await refusal(['--diff', 'nowhere'])).toBe('access: there is no commit nowhere\n');
    expect(await refusal(['--diff=--all'])).toBe('access: there is no commit --all\n');
  });

  it('says that there is no Git', async () => {
    expect(await refusal(['--diff', 'HEAD'], { path: join(root, 'src') })).toMatch(/--diff needs Git/);
  });

  it('says what it cannot compare with', async () => {
    const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
    const empty = git('commit-tree', emptyTree, '-m', 'nothing').trim();
    expect(await refusal(['--diff', empty])).toMatch(/^access: [0-9a-f]+ \([0-9a-f]+\) has no src\/users\/scopes\.ts/);
    change('schema/tasks.graphql', 'notes: String @owner', 'notes: String @onwer');
    git('commit', '--quiet', '--all', '--message', 'broken');
    git('tag', 'broken');
    git('reset', '--quiet', '--hard', 'HEAD~1');
    expect(await refusal(['--diff', 'broken'])).toMatch(
      /schema of broken .* cannot be compared: [\s\S]*Task\.notes: @onwer/,
    );
  });

  it('works where the project is a folder of a larger repository', async () => {
    const inner = copyProject('server');
    try {
      commitAll(inner);
      inner.change('schema/tasks.graphql', 'notes: String @owner', 'notes: String');
      const { stdout } = await inner.access(['--diff', 'HEAD']);
      expect(stdout).toContain('Opens 1, closes 0');
      expect(stdout).toContain('Task.notes\n  + USER, ADMIN: if a row of your own → allow');
    } finally {
      inner.remove();
    }
  });
});

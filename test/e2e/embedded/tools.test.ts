/** The tools with wrong arguments. docs/scripts.md says what they do otherwise. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runTool } from '../../support/tool.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatewright-tools-'));
afterAll(() => rmSync(directory, { recursive: true }));

function run(tool: string, args: string[] = [], env: Record<string, string> = {}) {
  return runTool(tool, args, { cwd: directory, env });
}

describe('schema:print', () => {
  it('tells its usage of an option that it does not have', async () => {
    const { code, stderr } = await run('print-schema', ['--bogus']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('usage: npm run schema:print -- [--out FILE] [--without-guards] [--without-node]'),
    ]);
    expect(stderr).not.toContain('    at ');
  });

  it('says in a line that a file cannot be written', async () => {
    const { code, stderr } = await run('print-schema', ['--out', 'missing/schema.graphql']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^schema:print: missing\/schema\.graphql cannot .*\n$/)]);
  });

  it('writes one that can', async () => {
    expect(await run('print-schema', ['--out', 'schema.graphql'])).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(directory, 'schema.graphql'), 'utf8')).toContain('type Query');
  });
});

describe('the tools of the database', () => {
  it.each(['migrate', 'seed'])('%s says what DATABASE_URL must be', async (tool) => {
    const { code, stderr } = await run(tool, [], { DATABASE_URL: 'mysql://me:hunter2@localhost/app' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^db:\w+: DATABASE_URL is not the address of a PostgreSQL server\..*\n$/);
    expect(stderr).not.toContain('hunter2');
  });

  it('seed fills an empty database once, and then no more', async () => {
    const seed = () => run('seed', ['--users', '1', '--tasks', '1']);
    expect(await seed()).toMatchObject({ code: 0, stdout: expect.stringContaining('made 1 accounts and 1 tasks') });
    const refusal =
      'the embedded database in .data holds accounts already. To fill it all the same, write --force .data';
    expect(await seed()).toEqual({ code: 1, stdout: '', stderr: `db:seed: ${refusal}\n` });
  });

  it('misses DATABASE_URL in production, and tells of a name that looks like it', async () => {
    const { code, stderr } = await run('migrate', [], {
      NODE_ENV: 'production',
      DATABSE_URL: 'postgres://me:hunter2@db/a',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^DATABSE_URL is set.+ Did you mean DATABASE_URL\?\ndb:migrate: DATABASE_URL is required .+\n$/,
    );
    expect(stderr).not.toContain('hunter2');
  });

  it.each(['-1', '0', 'many'])('seed says that %s is no number of accounts', async (users) => {
    const { code, stderr } = await run('seed', ['--users', users]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(new RegExp(`^db:seed: ${users} is not a whole number from 1 to 100000\nusage: `)),
    ]);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commitNow, conditionLines, conditionsNow } from '../../bench/conditions.ts';

describe('the commit that was measured', () => {
  let directory: string;
  const git = (...args: string[]): void => {
    const who = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.com', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...args], { cwd: directory, stdio: 'pipe' });
  };
  beforeAll(() => {
    // As in a Git hook, which names the repository.
    for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']) vi.stubEnv(name, undefined);
    vi.stubEnv('GIT_CEILING_DIRECTORIES', tmpdir());
    directory = mkdtempSync(join(tmpdir(), 'gatewright-conditions-'));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is unknown outside of git, named in it, and told with changes of what is measured alone', () => {
    expect(commitNow(directory)).toBe('unknown');
    git('init');
    expect(commitNow(directory)).toBe('unknown');
    for (const name of ['src', 'docs', 'bench']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'src/main.ts'), '1');
    git('add', '.');
    git('commit', '-m', 'one');
    const bench = join(directory, 'bench');
    expect(commitNow(bench)).toMatch(/^[0-9a-f]{4,40}$/);
    writeFileSync(join(directory, 'docs/figures.md'), '1');
    expect(commitNow(bench)).toMatch(/^[0-9a-f]{4,40}$/);
    writeFileSync(join(directory, 'src/more.ts'), '1');
    expect(commitNow(bench)).toMatch(/^[0-9a-f]{4,40} with changes$/);
  });

  it('stands in every report', () => {
    const conditions = { ...conditionsNow({}), commit: '0123abc with changes' };
    expect(conditionLines(conditions, { seconds: 1, load: 0 })).toContain('- commit 0123abc with changes');
  });
});

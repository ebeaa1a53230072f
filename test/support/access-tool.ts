/** A copy of the project, whose schema a test may change, with `npm run access` in it as a process. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { type Ended, projectRoot, runTool } from './tool.ts';

const copied = ['schema', 'src', 'tools', 'docs/access.md', 'package.json'];

interface Surroundings {
  /** The environment's PATH. */
  path?: string;
  /** Where temporary files are made. */
  temporary?: string;
  /** Another copy of the tool. */
  root?: string;
}

export interface Project {
  readonly root: string;
  access(args: string[], surroundings?: Surroundings): Promise<Ended>;
  /** The tool's message when it refuses. It must end with 2, print nothing else, and show no stack. */
  refusal(args: string[], surroundings?: Surroundings): Promise<string>;
  /** Replaces a text, which must be there. */
  change(file: string, from: string, to: string): void;
  write(file: string, content: unknown): string;
  read(file: string): string;
  git(...args: string[]): string;
  /** Restores the copy. */
  restore(): void;
  remove(): void;
}

/** @param folder the project's folder in a new directory. Default: the root. */
export function copyProject(folder = ''): Project {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-project-'));
  const root = join(directory, folder);
  const restore = () => {
    for (const name of copied) cpSync(join(projectRoot, name), join(root, name), { recursive: true });
  };
  mkdirSync(root, { recursive: true });
  restore();
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'), 'junction');
  writeFileSync(join(root, '.gitignore'), 'node_modules\n');

  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const write = (file: string, content: unknown) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const access: Project['access'] = (args, surroundings = {}) => {
    const env = { TMPDIR: surroundings.temporary ?? tmpdir(), ...(surroundings.path && { PATH: surroundings.path }) };
    return runTool('access', args, { cwd: surroundings.root ?? root, env, root: surroundings.root ?? root });
  };

  return {
    root,
    access,
    refusal: async (args, surroundings) => {
      const { code, stdout, stderr } = await access(args, surroundings);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^access: /);
      expect(stderr).not.toContain('    at ');
      return stderr;
    },
    change: (file, from, to) => {
      const text = read(file);
      expect(text, `${file} holds ${from}`).toContain(from);
      write(file, text.replace(from, to));
    },
    write,
    read,
    git: (...args) => {
      const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
      const env = { PATH: process.env.PATH };
      return execFileSync('git', [...who, ...args], { cwd: directory, encoding: 'utf8', env });
    },
    restore,
    remove: () => rmSync(directory, { recursive: true }),
  };
}

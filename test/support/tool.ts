/** A tool as a process: `npm run keys`, `npm run users` and the others. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '../..');

export interface Ended {
  code: unknown;
  stdout: string;
  stderr: string;
}

interface Surroundings {
  cwd: string;
  /** On top of the PATH. */
  env?: Record<string, string>;
  /** Of another copy of the project. */
  root?: string;
}

/** Each of the many processes is spared the compiling of packages. */
const always = {
  PATH: process.env.PATH ?? '',
  NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/gatewright-tests'),
};

/** `tool`: its file's name in `tools`. */
export function runTool(tool: string, args: string[], { cwd, env = {}, root = projectRoot }: Surroundings) {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { cwd, env: { ...always, ...env } };
  execFile(process.execPath, [join(root, 'tools', `${tool}.ts`), ...args], options, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
  return promise;
}

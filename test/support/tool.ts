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
  /** Added to the PATH. */
  env?: Record<string, string>;
  /** The root of another copy of the project. */
  root?: string;
}

/** The processes share compiled packages, which saves time. */
const always = {
  PATH: process.env.PATH ?? '',
  NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/gatewright-tests'),
};

/** `tool`: the name of its file in `tools`. */
export function runTool(tool: string, args: string[], { cwd, env = {}, root = projectRoot }: Surroundings) {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { cwd, env: { ...always, ...env } };
  execFile(process.execPath, [join(root, 'tools', `${tool}.ts`), ...args], options, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
  return promise;
}

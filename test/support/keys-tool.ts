/** `npm run keys` as a process, in a directory of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ran {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** Another of the tools, if `tool` says so. */
export function runKeys(
  args: string[],
  env: Record<string, string>,
  { cwd, tool = 'keys' }: { cwd: string; tool?: string },
) {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const file = join(import.meta.dirname, '../../tools', `${tool}.ts`);
  const options = { cwd, env: { PATH: process.env.PATH ?? '', ...env } };
  execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
    resolve({ code: error?.code ?? 0, stdout, stderr });
  });
  return promise;
}

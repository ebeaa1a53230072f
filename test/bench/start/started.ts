/** Starts the server through npm, as an operator does. Measures how long that takes, and finds its process. */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';
import type { Cleanup } from '../login/cleanup.ts';
import { createClient } from '../login/client.ts';
import { checkFirst, checkList, first, list } from './operations.ts';
import { lastDescendant } from './usage.ts';

export interface StartOptions {
  readonly script: 'start' | 'start:production';
  /** An installation. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** A token of an account with as many tasks as `checkList` wants; null if there is no account yet. */
  readonly token: string | null;
}

export interface StartedServer {
  /** Such as `http://127.0.0.1:49152`. */
  readonly url: string;
  readonly pid: number;
  readonly times: StartTimes;
  end(): Promise<void>;
}

/** Milliseconds since npm was started. */
export interface StartTimes {
  /** Until the line `ready on` is read. */
  readonly ready: number;
  /** Until the first answer, to a question that was sent when the server was ready. */
  readonly answered: number;
  /** Until the answer with a list and its owners, asked for after that; null without a token. */
  readonly listed: number | null;
}

/**
 * Ends with the benchmark.
 * @throws Error with its output, if it ends early, and for a wrong answer.
 */
export async function start(options: StartOptions, cleanup: Cleanup): Promise<StartedServer> {
  const { script, directory, environment, token } = options;
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  const npm = spawn('npm', ['run', script], {
    cwd: directory,
    env: { ...shell(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => npm.once('close', () => resolve()));
  let server: number | null = null;
  const end = async (): Promise<void> => {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(server ?? lastDescendant(npm.pid as number));
    await exited;
  };
  cleanup.add('the server has not ended', end);

  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    npm.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    createInterface({ input: npm.stdout }).on('line', (line) => {
      output += `${line}\n`;
      const url = /^ready on (\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
    npm.once('error', reject);
    void exited.then(() => reject(new Error(`npm run ${script}: ended before it was ready.\n${output.trim()}`)));
  });
  const ready = elapsed();
  const client = createClient(url);
  try {
    checkFirst(await client.send(first));
    const answered = elapsed();
    if (token !== null) checkList(await client.send(list, token));
    const listed = token === null ? null : elapsed();
    server = lastDescendant(npm.pid as number);
    return { url, pid: server, times: { ready, answered, listed }, end };
  } finally {
    client.close();
  }
}

/** How long an npm script takes, in milliseconds. @throws Error if it fails. */
export async function timeScript(script: string, directory: string): Promise<number> {
  const began = performance.now();
  const npm = spawn('npm', ['run', script], { cwd: directory, env: shell(), stdio: 'ignore' });
  const code = await new Promise((resolve, reject) => npm.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`npm run ${script} ended with ${code}.`);
  return performance.now() - began;
}

/** The environment of a shell, without that of the npm script which runs the benchmark. */
function shell(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  const directories = PATH.split(delimiter).filter((directory) => !/node_modules|node-gyp-bin/.test(directory));
  return { PATH: directories.join(delimiter), HOME };
}

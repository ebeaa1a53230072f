/** Runs a module in a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Hands each message of the process to `onMessage`, and resolves when it has ended.
 *
 * @throws Error with what the process wrote to its standard error, if it failed.
 */
export function runChild(module: string, order: object, onMessage: (message: never) => void): Promise<void> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, [JSON.stringify(order)], {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.on('message', (message) => onMessage(message as never));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${module} ${JSON.stringify(order)} ended with ${signal ?? code}:\n${complaint.trim()}`));
    });
  });
}

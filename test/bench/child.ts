/** Runs a module in a process of its own, which answers one question after the other. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child<Question extends object, Reply> {
  /** @throws Error with the process's standard error, if it failed. */
  ask(question: Question): Promise<Reply>;
  end(): Promise<void>;
}

/** Starts a module that calls `answer`. `env` is added to this process's own environment. */
export function startChild<Question extends object, Reply>(
  module: URL,
  env: Readonly<Record<string, string>> = {},
): Child<Question, Reply> {
  const forked = fork(fileURLToPath(module), {
    execArgv: ['--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let complaint = '';
  forked.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const ended = new Promise<void>((resolve) => forked.once('close', () => resolve()));
  return {
    ask(question) {
      const reply = new Promise<Reply>((resolve) => forked.once('message', (reply) => resolve(reply as Reply)));
      const failed = ended.then((): never => {
        throw new Error(`${JSON.stringify(question)}: no answer\n${complaint.trim()}`);
      });
      // If the process ended before the question was sent, `failed` reports it.
      forked.send(question, () => {});
      return Promise.race([reply, failed]);
    },
    end() {
      forked.kill();
      return ended;
    },
  };
}

/** The module's answer to each question. An error ends the process, and so does the end of its parent. */
export function answer<Question, Reply>(reply: (question: Question) => Promise<Reply>): void {
  process.on('message', async (question) => process.send?.(await reply(question as Question)));
  process.on('disconnect', () => process.exit());
}

/** A module in a process of its own that answers one question after the other. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child<Question extends object, Reply> {
  /** @throws Error with what the process wrote to its standard error, if it failed. */
  ask(question: Question): Promise<Reply>;
  end(): Promise<void>;
}

/** Starts a module that calls `answer`. `env`: on top of this process's own environment. */
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
      // Whoever ended before the question was sent is found out by `failed`.
      forked.send(question, () => {});
      return Promise.race([reply, failed]);
    },
    end() {
      forked.kill();
      return ended;
    },
  };
}

/** What the module does with each question. What it throws ends the process, and so does the end of who asks. */
export function answer<Question, Reply>(reply: (question: Question) => Promise<Reply>): void {
  process.on('message', async (question) => process.send?.(await reply(question as Question)));
  process.on('disconnect', () => process.exit());
}

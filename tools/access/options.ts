/** The options of `npm run access`. */
import { parseArgs } from 'node:util';

export const usage = `usage: npm run access -- [options]

  --format FORMAT       text (as it is, if left out), markdown, json or html
  --output FILE         writes FILE instead of the terminal
  --check               with --output: writes nothing, fails if FILE is not current
  --personas FILE       more personas: {"auditor": {"roles": ["USER"], "scopes": ["task:read:any"]}}
  --explain COORDINATE  where a requirement comes from, such as that of Task.notes or Query.tasks(filter:)
  --diff REF            what the working tree opens and closes, against a commit, branch or tag
  --exit-code           with --diff: fails if there is a difference
  --help                this text`;

const formats = ['text', 'markdown', 'json', 'html'] as const;
export type Format = (typeof formats)[number];

export interface AccessOptions {
  readonly task: 'matrix' | 'explain' | 'diff' | 'help';
  /** The coordinate to explain, or the reference to compare with; empty otherwise. */
  readonly subject: string;
  readonly format: Format;
  readonly output: string | null;
  readonly check: boolean;
  readonly personas: string | null;
  readonly exitCode: boolean;
}

/** A fault that the caller can correct. Its message is shown as it is. */
export class AccessError extends Error {}

/** @throws AccessError for options that do not exist or cannot be combined. */
export function readOptions(args: readonly string[]): AccessOptions {
  const { format, output, check, personas, explain, diff, 'exit-code': exitCode, help } = parse(args);
  refuse(explain !== undefined && diff !== undefined, 'say either --explain or --diff');
  refuse(check && output === undefined, '--check needs --output: the file that it reads');
  refuse(check && (explain ?? diff) !== undefined, '--check is for the matrix alone');
  refuse(exitCode && diff === undefined, '--exit-code needs --diff');
  const task = help ? 'help' : explain !== undefined ? 'explain' : diff !== undefined ? 'diff' : 'matrix';
  const known = formats.find((one) => one === format);
  if (!known) throw withUsage(`there is no format ${JSON.stringify(format)}; there are ${formats.join(', ')}`);
  refuse(known === 'html' && task !== 'matrix', 'html is a format of the matrix alone');
  for (const [name, value] of Object.entries({ output, personas, explain, diff })) {
    refuse(value === '', `--${name} needs a value`);
  }
  return {
    task,
    subject: explain ?? diff ?? '',
    format: known,
    output: output ?? null,
    check,
    personas: personas ?? null,
    exitCode,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        format: { type: 'string', default: 'text' },
        output: text,
        check: flag,
        personas: text,
        explain: text,
        diff: text,
        'exit-code': flag,
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw withUsage((error as Error).message);
  }
}

function refuse(condition: boolean, reason: string): void {
  if (condition) throw withUsage(reason);
}

function withUsage(reason: string): AccessError {
  return new AccessError(`${reason}\n${usage}`);
}

/** The two documents that are made from the configuration's table. */
import { type Row, rows } from './rows.ts';

export interface MadeDocument {
  readonly file: string;
  readonly text: string;
}

/** Their paths, from the root of the repository. */
export function documents(): MadeDocument[] {
  return [
    { file: '.env.example', text: envExample() },
    { file: 'docs/configuration.md', text: page() },
  ];
}

const width = 118;

function envExample(): string {
  const head = [
    'Made by `npm run configuration` from src/config/table.ts: change that file, not this one.',
    'Copy this file to .env and take the # from the lines that you change. What stands here is the default.',
    'Durations are seconds, or a number with s, m, h or d. An empty value counts as unset.',
  ];
  return `${[head.map((line) => `# ${line}`).join('\n'), ...rows().map(exampleOf)].join('\n\n')}\n`;
}

function exampleOf({ name, takes, shown, inProduction, says, see }: Row): string {
  const page = see?.split('#')[0];
  const facts = [
    `Takes: ${takes}.`,
    ...(inProduction === null ? [] : [`In production: ${inProduction}.`]),
    ...(page ? [`See docs/${page}.`] : []),
  ];
  const lines = [says, facts.join(' ')].flatMap((text) => wrapped(text.replaceAll('`', '')));
  return [...lines.map((line) => `# ${line}`), `#${name}=${shown}`].join('\n');
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function page(): string {
  const names = rows().map(({ name }) => name);
  const asCode = (text: string) =>
    text.replaceAll(/(?<![`\w])[A-Z0-9]+(?:_[A-Z0-9]+)+(?![\w`])(?:=\w+)?/g, (name) => {
      const [key = ''] = name.split('=');
      return names.includes(key) ? `\`${name}\`` : name;
    });
  const cells = rows().map(({ name, takes, default: given, says, see }) =>
    [`\`${name}\``, takes, asCode(given), see ? `${asCode(says)} [More](${see})` : asCode(says)].join(' | '),
  );
  return [
    '<!-- Made by `npm run configuration` from src/config/table.ts: change that file, not this one. -->',
    '',
    '# Configuration',
    '',
    'The server reads environment variables, and a file `.env` in the directory where it is started. A variable comes',
    'before the file. An empty variable counts as unset. A duration is in seconds, or a number with `s`, `m`, `h` or `d`.',
    '',
    'The server tells every fault at once and does not start. It warns of a variable that nothing reads, if its name looks',
    'like a key. [.env.example](../.env.example) has the same keys with their defaults, to be copied to `.env`.',
    '',
    '| key | takes | default | meaning |',
    '|---|---|---|---|',
    ...cells.map((line) => `| ${line} |`),
    '',
  ].join('\n');
}

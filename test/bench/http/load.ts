/** The load: autocannon, or wrk if it is installed. Each runs in a process of its own. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startChild } from '../child.ts';
import type { Cleanup } from '../login/cleanup.ts';
import type { BenchRequest } from './contestant.ts';

export interface LoadQuestion {
  readonly url: string;
  readonly requests: readonly BenchRequest[];
  /** The answer to each request before the load; null if its answers differ. */
  readonly answers: readonly (string | null)[];
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadReply {
  readonly answered: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** By status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: number;
  /** How many answers differed from those before the load. */
  readonly wrong: number;
  /** The beginning of the first wrong answer. */
  readonly sample: string | null;
  readonly bytes: number;
}

export type LoaderName = 'autocannon' | 'wrk';

export interface Loader {
  readonly name: LoaderName;
  ask(question: LoadQuestion): Promise<LoadReply>;
}

/** Checks the answer to each request. Needs about as much of a core as a fast server. */
export function startAutocannon(cleanup: Cleanup): Loader {
  const child = startChild<LoadQuestion, LoadReply>(new URL('load.child.ts', import.meta.url));
  cleanup.add('the load has not ended', () => child.end());
  return { name: 'autocannon', ask: (question) => child.ask(question) };
}

/** Its version; null if it is not installed. */
export function wrkVersion(): string | null {
  // wrk prints its version, and ends with 1.
  return /^wrk (\S+)/.exec(spawnSync('wrk', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? null;
}

/**
 * Leaves more of the machine to the servers. It does not know which request an answer belongs to, so it must be one of
 * the right answers.
 */
export function startWrk(): Loader {
  return {
    name: 'wrk',
    async ask(question) {
      const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'));
      try {
        const file = join(directory, 'load.lua');
        writeFileSync(file, luaScript(question));
        const { connections, seconds, url } = question;
        const flags = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s', '-s', file, url];
        const { stdout } = await promisify(execFile)('wrk', flags);
        return JSON.parse(stdout.slice(stdout.indexOf('{"answered"'))) as LoadReply;
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

/** A script for wrk: sends the requests in turn, and counts for `LoadReply`. Source: SCRIPTING of wrk 4. */
function luaScript({ requests, answers }: LoadQuestion): string {
  const made = requests.map(({ method, path, headers, body }) => {
    const table = Object.entries(headers).map(([name, value]) => `[${lua(name)}] = ${lua(value)}`);
    return `  wrk.format(${lua(method)}, ${lua(path)}, {${table.join(', ')}}, ${body === undefined ? 'nil' : lua(body)}),`;
  });
  const due = answers.map((answer) => (answer === null ? '' : `  [${lua(answer)}] = true,`));
  return `
local thread
function setup(each) thread = each end
function init()
  requests = {
${made.join('\n')}
  }
  due = {
${due.join('\n')}
  }
  turn, wrong, sample, statuses = 0, 0, '', {}
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function response(status, headers, body)
  statuses[status] = (statuses[status] or 0) + 1
  if ${answers.includes(null) ? 'false' : 'not due[body]'} then
    wrong = wrong + 1
    if wrong == 1 then sample = body:sub(1, 500):gsub('[^ !#-Z%[%]^-~]', '?') end
  end
end
function done(summary, latency)
  local counts = {}
  for status, count in pairs(thread:get('statuses')) do counts[#counts + 1] = string.format('"%d":%d', status, count) end
  local errors = summary.errors
  local wrong = thread:get('wrong')
  local sample = wrong > 0 and '"' .. thread:get('sample') .. '"' or 'null'
  print(string.format('{"answered":%d,"seconds":%f,"p50":%f,"p99":%f,"statuses":{%s},"errors":%d,"wrong":%d,"sample":%s,"bytes":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    table.concat(counts, ','), errors.connect + errors.read + errors.write + errors.timeout, wrong, sample, summary.bytes))
end
`;
}

/** A Lua string. Bytes that could end it are escaped. */
function lua(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) =>
    byte < 32 || byte > 126 || byte === 34 || byte === 92
      ? `\\${String(byte).padStart(3, '0')}`
      : String.fromCharCode(byte),
  );
  return `"${bytes.join('')}"`;
}

/**
 * Sessions of all accounts, on the configured database.
 *
 *   npm run sessions -- end-all --before 2026-11-30T12:00:00Z
 *
 * docs/restoring.md says when.
 */
import { parseArgs } from 'node:util';
import { endAllSessions } from '../src/authentication/sessions/session.service.ts';
import { settleRestore } from '../src/server/bootstrap/installation.ts';
import { type OpenedDatabase, openConfigured, requireCurrent, shortly } from './database.ts';

const usage = `usage: npm run sessions -- end-all --before TIME

Ends every session that was opened before TIME, such as 2026-11-30T12:00:00Z: everybody signs in again.`;

const before = readOptions(process.argv.slice(2));
if (before === 'help') console.log(usage);
else if (before) await run(before);
else process.exitCode = 2;

function readOptions(args: string[]): Date | 'help' | null {
  try {
    const options = { before: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    if (values.help) return 'help';
    if (positionals.join(' ') !== 'end-all') throw new Error('say what to do: end-all');
    if (values.before === undefined) throw new Error('end-all takes --before TIME');
    return timeOf(values.before);
  } catch (error) {
    console.error(`sessions: ${shortly(error)}\n${usage}`);
    return null;
  }
}

/** The text must have its offset from UTC, so that no other time zone is meant by mistake. */
function timeOf(text: string): Date {
  const time = new Date(text);
  const [, date] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  // Refuses days that do not exist: Date reads the 30th of February as the 2nd of March.
  if (!date || Number.isNaN(time.getTime()) || new Date(`${date}T00:00Z`).toISOString().slice(0, 10) !== date) {
    throw new Error(`--before: ${JSON.stringify(text)} is not a time such as 2026-11-30T12:00:00Z`);
  }
  if (time > new Date()) throw new Error('--before: that time is to come');
  return time;
}

async function run(time: Date): Promise<void> {
  let opened: OpenedDatabase | null = null;
  try {
    opened = await openConfigured();
    await requireCurrent(opened);
    const em = opened.database.fork();
    const ended = await endAllSessions(em, time, new Date());
    await settleRestore(em, time);
    console.log(`${opened.name}: ${ended} session${ended === 1 ? '' : 's'} from before ${time.toISOString()} ended`);
  } catch (error) {
    console.error(`sessions: ${shortly(error)}`);
    process.exitCode = 1;
  } finally {
    await opened?.database.close();
  }
}

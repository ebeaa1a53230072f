import { describe, expect, it } from 'vitest';
import { readCommand } from '../../../tools/keys.options.ts';
import { keysTable } from '../../../tools/keys.table.ts';

describe('npm run keys', () => {
  it.each([
    [['list'], { is: 'list' }],
    [['rotate'], { is: 'rotate', delay: 600 }],
    [['rotate', '--now'], { is: 'rotate', delay: 0 }],
    [['rotate', '--in', '2h'], { is: 'rotate', delay: 7200 }],
    [['rotate', '--in=90'], { is: 'rotate', delay: 90 }],
    [['retire', 'a-kid'], { is: 'retire', kid: 'a-kid' }],
    [['retire', '--', '-a-kid'], { is: 'retire', kid: '-a-kid' }],
  ])('reads %j', (args, command) => {
    expect(readCommand(args)).toEqual(command);
  });

  it.each([
    [[], 'unknown command'],
    [['rotat'], 'unknown command rotat'],
    [['list', 'all'], 'there is a word too many'],
    [['retire', 'one', 'two'], 'there is a word too many'],
    [['list', '--now'], '--now and --in belong to rotate'],
    [['rotate', '--in', 'soon'], '--in "soon" is not a duration.'],
    [['rotate', '--in', '31d'], '--in "31d" is out of range.'],
    [['rotate', '--now', '--in', '5m'], '--now and --in exclude each other'],
    [['retire'], 'retire needs a KID, as list shows them'],
    [['rotate', '--bogus'], "Unknown option '--bogus'"],
  ])('says in one line what is wrong with %j', (args, message) => {
    const command = readCommand(args);
    expect(command).toEqual({ fault: expect.stringContaining(message) });
    expect(JSON.stringify(command)).not.toContain('\\n');
  });

  it('takes a kid that begins with a dash', () => {
    const kid = `-${'A'.repeat(42)}`;
    expect(readCommand(['retire', kid])).toEqual({ is: 'retire', kid });
  });

  it('shows each key with its state', () => {
    const at = new Date('2026-01-01T12:00:00.123Z');
    const of = (kid: string, state: Parameters<typeof keysTable>[0][number]['state']) =>
      ({ kid, algorithm: 'ES256', createdAt: at, state }) as const;
    const table = keysTable([
      of('next', { is: 'published', signsFrom: at }),
      of('now', { is: 'signing' }),
      of('former', { is: 'verifying', until: at }),
      of('leaked', { is: 'retired', at }),
      of('old', { is: 'over' }),
    ]);
    expect(table.split('\n')).toEqual([
      'KID     ALGORITHM  STATE                                       CREATED',
      'next    ES256      published, signs from 2026-01-01T12:00:00Z  2026-01-01T12:00:00Z',
      'now     ES256      signs                                       2026-01-01T12:00:00Z',
      'former  ES256      verifies until 2026-01-01T12:00:00Z         2026-01-01T12:00:00Z',
      'leaked  ES256      retired 2026-01-01T12:00:00Z                2026-01-01T12:00:00Z',
      'old     ES256      over                                        2026-01-01T12:00:00Z',
    ]);
  });
});

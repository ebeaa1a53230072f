import { describe, expect, it, vi } from 'vitest';
import { createLogger, describeError } from '../../../../src/server/http/logging.ts';

function lines(level: 'info' | 'silent', write: (log: ReturnType<typeof createLogger>) => void): string[] {
  const written: string[] = [];
  write(createLogger({ logLevel: level }, { write: (line) => void written.push(line) }));
  return written;
}

describe('a line', () => {
  it('is one JSON object, whatever is in it', () => {
    const [line = '', ...rest] = lines('info', (log) => log.info({ name: 'a"}\n{"level":60,"msg":"forged' }, 'b\nc'));
    expect(rest).toEqual([]);
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ level: 30, msg: 'b\nc', name: 'a"}\n{"level":60,"msg":"forged' });
  });

  it.each(['password', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'variables', 'query'])(
    'never holds a %s',
    (name) => {
      const [line = ''] = lines('info', (log) =>
        log.info({ [name]: 'hush', a: { [name]: 'hush', b: { [name]: 'hush' } }, c: [{ [name]: 'hush' }] }),
      );
      expect(line).not.toContain('hush');
      expect(line).toContain('[redacted]');
    },
  );

  it('holds what is no secret', () => {
    const facts = {
      operationName: 'Tasks',
      requires: { scopes: [['task:read', 'task:read:any']] },
      codes: ['X', { a: 1 }],
    };
    const [line = ''] = lines('info', (log) => log.info(facts));
    expect(JSON.parse(line)).toMatchObject(facts);
  });

  it('says when it was written', () => {
    vi.useFakeTimers({ now: new Date('2026-11-28T01:02:03.004Z') });
    try {
      const written = lines('info', (log) => {
        log.info('a');
        log.info('b');
        vi.setSystemTime(new Date('2026-11-28T01:02:03.005Z'));
        log.info('c');
      });
      const moments = ['2026-11-28T01:02:03.004Z', '2026-11-28T01:02:03.004Z', '2026-11-28T01:02:03.005Z'];
      expect(written.map((line) => JSON.parse(line).time)).toEqual(moments);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not written below the level', () => expect(lines('silent', (log) => log.fatal('x'))).toEqual([]));
});

describe('an error in a line', () => {
  const error = Object.assign(
    new Error("insert into users (email) values ('ada@example.com') - duplicate key value violates a constraint"),
    {
      code: '23505',
      constraint: 'users_email_unique',
      parameters: ['hush'],
      detail: 'Key (email)=(hush)',
      query: 'hush',
    },
  );

  it('has its code, its place and what the database said', () => {
    expect(describeError(error)).toEqual({
      type: 'Error',
      message: 'duplicate key value violates a constraint',
      code: '23505',
      constraint: 'users_email_unique',
      stack: expect.stringContaining('logging.test.ts'),
    });
  });

  it('has no statement, no parameters and no row', () => {
    const [line = ''] = lines('info', (log) => log.error({ err: error }, 'x'));
    expect(line).not.toContain('hush');
    expect(line).not.toContain('ada@');
  });

  it('has its causes, down to a bound', () => {
    const endless: Error = new Error('a');
    endless.cause = endless;
    expect(describeError(new Error('b', { cause: new Error('c') })).cause?.message).toBe('c');
    expect(JSON.stringify(describeError(endless)).length).toBeLessThan(20_000);
  });

  it('that is none is told as such', () => {
    expect(describeError('hush')).toEqual({ type: 'string', message: 'a value that is no Error was thrown' });
  });
});

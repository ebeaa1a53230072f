import { expect, it } from 'vitest';
import { loadConfig } from '../../../../src/config/config.ts';
import type { Administrator } from '../../../../src/server/bootstrap/administrator.ts';
import { startText } from '../../../../src/server/bootstrap/start-text.ts';

const advice = 'Set ADMIN_USERNAME to what no account has.';

const textOf = (administrator: Administrator, env: Record<string, string> = {}) =>
  startText(loadConfig(env), { url: 'http://127.0.0.1:4000', administrator, secretFile: null, warnings: [] }).join(
    '\n',
  );

it('says that there is no administrator, and what to do', () => {
  expect(textOf({ kind: 'none', advice })).toContain(`Administrator  NONE. ${advice}`);
});

it('names an administrator only when one was created', () => {
  expect(textOf({ kind: 'known' })).not.toContain('Administrator');
  expect(textOf({ kind: 'made', username: 'admin', password: 'once' })).toContain('admin, password once');
});

it('shows no password that was given', () => {
  expect(textOf({ kind: 'made', username: 'admin', password: null })).not.toContain('Administrator');
});

it('shows the warnings for the operator', () => {
  const started = { url: 'http://127.0.0.1:4000', administrator: { kind: 'known' } as const, secretFile: null };
  expect(startText(loadConfig({}), { ...started, warnings: ['Mind the gap.'] })).toContain(
    '  WARNING        Mind the gap.',
  );
});

it('shows the address of the explorer, if there is one', () => {
  expect(textOf({ kind: 'known' })).toContain('Explorer       http://localhost:4000/');
  expect(textOf({ kind: 'known' }, { EXPLORER: 'off' })).not.toContain('Explorer');
});

it('is silent in production', () => {
  const env = { NODE_ENV: 'production', EMBEDDED_DATABASE: 'yes', JWT_SECRET: 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6' };
  expect(textOf({ kind: 'none', advice }, env)).toBe('');
});

import { expect, it } from 'vitest';
import { deviceOf } from '../../../../src/authentication/sessions/session.list.ts';

it.each([
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
    'Chrome on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari on iOS',
  ],
  ['curl/8.5.0', 'curl'],
  ['node', 'node'],
  ['PostmanRuntime/7.43.0', 'PostmanRuntime'],
  [`${'a'.repeat(256)}`, 'a'.repeat(40)],
])('a session that was opened with %s is of %s', (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});

it.each(['(nothing)', '💥', '<script>alert(1)</script>', '   '])('%s names no program', (userAgent) => {
  expect(deviceOf(userAgent)).toBe('Unknown program');
});

it('an empty User-Agent names no device', () => expect(deviceOf(null)).toBe('Unknown device'));

import { describe, expect, it } from 'vitest';
import { newRefreshToken, refreshTokenHash } from '../../../../src/authentication/tokens/refresh-token.ts';

describe('a refresh token', () => {
  it('is found under its hash, which does not contain it', () => {
    const { token, tokenHash } = newRefreshToken();
    expect(refreshTokenHash(token)).toBe(tokenHash);
    expect(tokenHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is new each time', () => {
    const tokens = new Set(Array.from({ length: 1000 }, () => newRefreshToken().token));
    expect(tokens.size).toBe(1000);
  });

  it('carries 256 random bits after a prefix that scanners know', () => {
    const { token } = newRefreshToken();
    expect(token).toMatch(/^gwr_/);
    expect(Buffer.from(token.slice(4), 'base64url')).toHaveLength(32);
  });

  it.each([
    ['nothing', ''],
    ['another prefix', `ghp_${'A'.repeat(43)}`],
    ['one character less', `gwr_${'A'.repeat(42)}`],
    ['one character more', `gwr_${'A'.repeat(44)}`],
    ['a line break after it', `gwr_${'A'.repeat(43)}\n`],
    ['another alphabet', `gwr_${'A'.repeat(42)}+`],
  ])('is not %s', (_what, text) => {
    expect(refreshTokenHash(text)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { decrypt, encrypt } from '../../../../src/authentication/keys/encryption.ts';

const secret = 'a secret of the tests, not of any server';
const plain = Buffer.from('a private key');

describe('encryption', () => {
  it('gives back what was encrypted', () => {
    expect(decrypt(encrypt(plain, secret, 'row 1'), secret, 'row 1')).toEqual(plain);
  });

  it('differs each time, and shows nothing', () => {
    const encrypted = encrypt(plain, secret, 'row 1');
    expect(encrypted).not.toBe(encrypt(plain, secret, 'row 1'));
    expect(Buffer.from(encrypted.slice(3), 'base64url').includes(plain)).toBe(false);
  });

  it('gives nothing under another secret or another context', () => {
    const encrypted = encrypt(plain, secret, 'row 1');
    expect(decrypt(encrypted, `${secret}.`, 'row 1')).toBeNull();
    expect(decrypt(encrypted, secret, 'row 2')).toBeNull();
  });

  it('gives nothing once a bit has changed, wherever it is', () => {
    const bytes = Buffer.from(encrypt(plain, secret, 'row 1').slice(3), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] as number) ^ 1;
      expect(decrypt(`v1.${changed.toString('base64url')}`, secret, 'row 1')).toBeNull();
    }
  });

  it.each(['', 'v1.', 'v1', 'v2.AAAA', 'v1.AAAA', 'not encrypted'])('gives nothing for %j', (text) => {
    expect(decrypt(text, secret, 'row 1')).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { decrypt, encrypt } from '../../../../src/authentication/keys/encryption.ts';

const secret = 'a secret of the tests, not of any server';
const plain = Buffer.from('a private key');

describe('encryption', () => {
  it('decrypts what it encrypted', () => {
    expect(decrypt(encrypt(plain, secret, 'row 1'), secret, 'row 1')).toEqual(plain);
  });

  it('differs each time, and does not show the text', () => {
    const encrypted = encrypt(plain, secret, 'row 1');
    expect(encrypted).not.toBe(encrypt(plain, secret, 'row 1'));
    expect(Buffer.from(encrypted.slice(3), 'base64url').includes(plain)).toBe(false);
  });

  it('decrypts nothing under another secret or another context', () => {
    const encrypted = encrypt(plain, secret, 'row 1');
    expect(decrypt(encrypted, `${secret}.`, 'row 1')).toBeNull();
    expect(decrypt(encrypted, secret, 'row 2')).toBeNull();
  });

  it('decrypts nothing once any bit has changed', () => {
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

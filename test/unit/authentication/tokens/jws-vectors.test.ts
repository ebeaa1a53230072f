/** Forged tokens, class by class. Each group also has good tokens (see vectors/forge.ts). */
import { describe, expect, it } from 'vitest';
import { fixedSigningKeys } from '../../../../src/authentication/keys/signing-keys.ts';
import { createAccessTokens } from '../../../../src/authentication/tokens/access-token.ts';
import { InvalidTokenError } from '../../../../src/errors.ts';
import { ecdsaVectors, negated } from './vectors/ecdsa.ts';
import { audience, es256, forge, hs256, issuer, now, rs256, ttl, type Vector } from './vectors/forge.ts';
import { headerVectors, jsonVectors } from './vectors/rfc8725.ts';
import { isPssSound, primitiveVectors, pssVectors, rangeVectors } from './vectors/rsa.ts';
import { paddingVectors } from './vectors/rsa-padding.ts';
import { base64Vectors, otherUseVectors, structureVectors } from './vectors/structure.ts';

// Every key at once, because none may be taken for another.
const keys = fixedSigningKeys(es256, rs256, hs256);
const tokens = createAccessTokens({ keys, issuer, audience, ttl });

const groups: [string, Vector[]][] = [
  ['hs256', structureVectors(hs256)],
  ['es256', structureVectors(es256)],
  ['rs256', structureVectors(rs256)],
  ['rs256: ModifiedPadding', paddingVectors()],
  ['rs256: ModifiedSignature', [{ name: 'acceptsValid', token: forge(rs256), isValid: true }, ...rangeVectors()]],
  ['rs384, rs512, ps256, ps384, ps512: WrongPrimitive', primitiveVectors()],
  ['ps256: ModifiedSignature', [{ name: 'acceptsValid', token: forge(rs256), isValid: true }, ...pssVectors()]],
  ['rfc7520, rsa_encryption, ec_key_for_encryption', otherUseVectors()],
  ['base64', base64Vectors()],
  ['SpecialCaseEs256', ecdsaVectors()],
  ['RFC 8725: headers', headerVectors()],
  ['RFC 8725: JSON', jsonVectors()],
];

describe.each(groups)('forged tokens, %s', (_group, vectors) => {
  it.each(vectors)('$name', async ({ token, isValid }) => {
    if (isValid) {
      await expect(tokens.verify(token, now)).resolves.toMatchObject({ role: 'USER' });
    } else {
      await expect(tokens.verify(token, now)).rejects.toThrow(new InvalidTokenError());
      // Also the second time.
      await expect(tokens.verify(token, now)).rejects.toThrow(new InvalidTokenError());
    }
  });

  it('have a twin that is accepted', () => {
    expect(vectors.some(({ isValid }) => isValid)).toBe(true);
  });
});

describe('the vectors', () => {
  it('have names of their own', () => {
    for (const [, vectors] of groups) expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length);
  });

  it('of PSS are accepted by OpenSSL when they should be', () => {
    expect(isPssSound()).toBe(true);
  });

  it('include the negative of a signature, which the standard also accepts', async () => {
    const token = forge(es256);
    const other = negated(token);
    expect(other).not.toBe(token);
    expect(negated(other)).toBe(token);
    expect(await tokens.verify(other, now)).toEqual(await tokens.verify(token, now));
  });
});

/** Wycheproof's groups hs256, es256, rs256 (the structure of a token), base64 and the rfc7520 groups. */
import { createHmac, hkdfSync, sign } from 'node:crypto';
import type { SigningMaterial } from '../../../../../src/authentication/keys/key-material.ts';
import {
  claims,
  encode,
  forge,
  headerOf,
  hs256,
  rs256,
  secretKey,
  signatureOf,
  signRaw,
  stranger,
  type Vector,
} from './forge.ts';

/** The classes that the groups of each algorithm share. */
export function structureVectors(material: SigningMaterial): Vector[] {
  const valid = forge(material);
  const [header, payload, signature] = valid.split('.') as [string, string, string];
  const another = (part: string): string => (part.startsWith('A') ? 'B' : 'A') + part.slice(1);
  const modifiedHeader = encode(JSON.stringify({ ...headerOf(material), kid: another(material.kid) }));
  const none = encode(JSON.stringify({ ...headerOf(material), alg: 'none' }));
  const general = { payload, signatures: [{ protected: header, header: { unknown: 'untrustworthy' }, signature }] };
  return [
    { name: 'acceptsValid', token: valid, isValid: true },
    { name: 'rejectsModifiedSignature', token: `${header}.${payload}.${another(signature)}` },
    { name: 'rejectsMissingSignature', token: `${header}.${payload}.` },
    { name: 'rejectsMissingSignatureAndSeparator', token: `${header}.${payload}` },
    { name: 'rejectsModifiedPayload', token: `${header}.${another(payload)}.${signature}` },
    {
      name: 'rejectsModifiedPayload: still claims',
      token: `${header}.${encode(JSON.stringify({ ...claims, role: 'ADMIN' }))}.${signature}`,
    },
    { name: 'rejectsMissingPayload', token: `${header}..${signature}` },
    { name: 'rejectsMissingPayloadAndSeparator', token: `${header}.${signature}` },
    { name: 'rejectsModifiedHeader', token: `${modifiedHeader}.${payload}.${signature}` },
    { name: 'rejectsMissingHeader', token: `.${payload}.${signature}` },
    { name: 'rejectsMissingHeaderAndSeparator', token: `${payload}.${signature}` },
    { name: 'rejectsMissingHeaderAndSignature', token: `.${payload}.` },
    { name: 'rejectsMissingHeaderSignatureAndSeparators', token: payload },
    { name: 'rejectsEmptyString', token: '' },
    { name: 'rejectsExtraEmptyComponent', token: `${valid}.` },
    { name: 'rejectsExtraComponent', token: `${valid}.${payload}` },
    { name: 'rejectsNoneAlgorithmAndMissingSignature', token: `${none}.${payload}.` },
    { name: 'rejectsValidJsonSerialization', token: JSON.stringify(general) },
    {
      name: 'rejectsValidJsonSerialization: flattened',
      token: JSON.stringify({ payload, protected: header, signature }),
    },
    {
      name: 'rejectsAttackerProvidedEmbeddedJwk',
      token: forge(material, {
        header: {
          ...{ ...headerOf(material), alg: 'ES256' },
          jwk: { ...stranger.verifyingKey.export({ format: 'jwk' }), kid: material.kid, use: 'sig', alg: 'ES256' },
        },
        key: stranger.signingKey,
      }),
    },
    // Valid signatures of payloads that are not claims.
    { name: 'emptyPayload', token: forge(material, { payload: '' }) },
    { name: 'allZeroPayload', token: forge(material, { payload: Buffer.alloc(20) }) },
    { name: 'oneBytePayload', token: forge(material, { payload: 'a' }) },
    { name: 'normalPayload: text', token: forge(material, { payload: 'Test' }) },
    {
      name: 'normalPayload: bytes',
      token: forge(material, { payload: Buffer.from([...Array(32).keys()].map((b) => b + 224)) }),
    },
    { name: 'normalPayload: claims', token: forge(material), isValid: true },
    { name: 'rfc7520: prose', token: forge(material, { payload: 'Not all who carry a token are claimed.' }) },
  ];
}

/** Wycheproof's groups rfc7520, rfc7520WithKeyOps, rsa_encryption and ec_key_for_encryption: keys for another use. */
export function otherUseVectors(): Vector[] {
  const secret = Buffer.from('a secret of the tests, not of any server');
  const encryptionKey = Buffer.from(hkdfSync('sha256', secret, '', 'gatewright private key encryption', 32));
  const as = (algorithm: string, hash: string): string =>
    forge(rs256, {
      header: { ...headerOf(rs256), alg: algorithm },
      signature: (input) => sign(hash, Buffer.from(input), rs256.signingKey),
    });
  return [
    {
      name: 'rejectWrongUse: HS256 with the key that encrypts',
      token: forge(hs256, { key: secretKey(encryptionKey) }),
    },
    { name: 'rejectWrongKeyOps: RS256 with a hash for RS384', token: as('RS256', 'sha384') },
    { name: 'Figure27: ES512 under a kid of RS256', token: as('ES512', 'sha512') },
    { name: 'Figure35: HS256 with the secret', token: forge(hs256), isValid: true },
    { name: 'Figure13: RS256 with the key', token: forge(rs256), isValid: true },
  ];
}

/** Wycheproof's group base64, for HS256. It ignores a stray character; the server refuses it. */
export function base64Vectors(): Vector[] {
  const sign = (input: string): string => signRaw(input, hs256);
  const [header, payload, mac] = forge(hs256).split('.') as [string, string, string];
  const spaced = '{ "alg" : "HS256", "typ" : "at+jwt", "kid" : "KID" }'.replace('KID', hs256.kid);
  const input = `${header}.${payload}`;
  const insert = (part: string, what: string): string => part.slice(0, -1) + what + part.slice(-1);
  return [
    { name: 'ValidMac', token: `${input}.${mac}`, isValid: true },
    { name: 'ValidEdgeCaseMac: begins with zeros', token: withMac((first) => first === 0), isValid: true },
    { name: 'ValidEdgeCaseMac: begins with ones', token: withMac((first) => first === 255), isValid: true },
    { name: 'rejectsSpacesInMac', token: `${input}.    ${mac}` },
    { name: 'rejectsInvalidCharacterInsertedInMac: before', token: `${input}.?${mac}` },
    { name: 'rejectsInvalidCharacterInsertedInMac: after', token: `${input}.${mac}?` },
    {
      name: 'rejects0ReplacedbyInvalidCharacter',
      token: withMac((first) => first === 0).replace(/\.A(?=[^.]*$)/, '.?'),
    },
    { name: 'rejectsInvalidCharacters', token: `${input}.????${mac.slice(4)}` },
    { name: 'spacesInHeader', token: sign(`${header}    .${payload}`) },
    { name: 'invalidCharactersInHeader', token: sign(`${header}####.${payload}`) },
    { name: 'invalidBase64Padding', token: sign(`${header}=.${payload}`) },
    { name: 'invalidBase64Padding: of the MAC', token: `${input}.${mac}=` },
    { name: 'spacesInPayload', token: sign(`${header}.    ${payload}`) },
    { name: 'invalidCharactersInPayload', token: sign(`${header}.####${payload}`) },
    { name: 'invalidBase64PaddingInPayload', token: sign(`${header}.${payload}=`) },
    { name: 'InvalidCharacterInPayload', token: sign(`${header}.?${payload}`) },
    { name: 'InvalidCharacterInsertedInHeader', token: `${insert(header, '?')}.${payload}.${mac}` },
    { name: 'InvalidCharacterInsertedInHeader: signed so', token: sign(`${insert(header, '?')}.${payload}`) },
    { name: 'InvalidCharacterInsertedInPayload', token: `${header}.${payload}?.${mac}` },
    { name: 'InvalidCharacterInsertedInPayload: signed so', token: sign(`${header}.${payload}?`) },
    { name: 'ModifiedUnusedBitsInPayload', token: `${header}.${respelt()}.${mac}` },
    { name: 'MacOfIncorrectlyEncodedMessage', token: sign(`${header}.${respelt()}`) },
    {
      name: 'standard alphabet',
      token: `${input}.${withMac((first) => first === 255)
        .split('.')[2]
        ?.replace(/^_/, '/')}`,
    },
    { name: 'line break', token: `${input}.${mac}\n` },
    { name: 'NUL', token: `${input}.${mac}\0` },
    { name: 'ValidSpacesInJsonHeader', token: forge(hs256, { header: spaced }), isValid: true },
    {
      name: 'ValidWhiteSpaceInJsonHeader',
      token: forge(hs256, { header: spaced.replaceAll(', ', ',\n\t') }),
      isValid: true,
    },
  ];
}

/** Tries tokens until one has a MAC with a wanted first character. */
function withMac(isWanted: (first: number) => boolean): string {
  for (let jti = 0; ; jti++) {
    const token = forge(hs256, { payload: { ...claims, jti: String(jti) } });
    const [header, payload, mac] = token.split('.') as [string, string, string];
    const bytes = createHmac('sha256', hs256.signingKey).update(`${header}.${payload}`).digest();
    if (isWanted(bytes[0] as number) && bytes.equals(signatureOf(`${header}.${payload}`, hs256.signingKey))) {
      return `${header}.${payload}.${mac}`;
    }
  }
}

/** Claims whose last character has other unused bits. */
function respelt(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (let jti = '1'; ; jti += '1') {
    const payload = encode(JSON.stringify({ ...claims, jti }));
    if (payload.length % 4 !== 0) return payload.slice(0, -1) + alphabet[alphabet.indexOf(payload.slice(-1)) + 1];
  }
}

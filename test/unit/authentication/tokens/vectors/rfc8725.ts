/** Attacks that RFC 8725 warns of, and forgeries seen in practice: the header, its members, its spelling. */
import { deflateRawSync } from 'node:zlib';
import { claims, encode, es256, forge, headerOf, rs256, signatureOf, stranger, type Vector } from './forge.ts';

export function headerVectors(): Vector[] {
  const { kid } = es256;
  const header = headerOf(es256);
  const withHeader = (change: object): string => forge(es256, { header: { ...header, ...change } });
  const byStranger = (change: object): string =>
    forge(es256, { header: { ...header, ...change }, key: stranger.signingKey });
  const jwk = { ...stranger.verifyingKey.export({ format: 'jwk' }), kid };
  const payload = encode(JSON.stringify(claims));
  const nones = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\0', 'nonе', '', 'null', 'HS256none'];
  const kids: Record<string, unknown> = {
    'as a path': '../../../../dev/null',
    'as an absolute path': '/proc/sys/kernel/randomize_va_space',
    'as SQL': "' union select 'key' --",
    'with a NUL behind the right one': `${kid}\0`,
    'with a NUL before the right one': `\0${kid}`,
    'with a space behind the right one': `${kid} `,
    'in other letters': kid.toUpperCase() === kid ? kid.toLowerCase() : kid.toUpperCase(),
    'as a command': '$(cat /etc/passwd)',
    'as an address': 'https://evil.example/key',
    'very long': 'x'.repeat(2000),
    empty: '',
    'as a number': 0,
    'as a list': [kid],
    'as an object': { toString: kid },
    'as null': null,
    'of the language': '__proto__',
    'of the language too': 'constructor',
    'like one': 'A'.repeat(43),
  };
  const members: Record<string, object> = {
    jku: { jku: 'https://evil.example/jwks.json' },
    'jku of our own': { jku: 'https://gatewright.example/.well-known/jwks.json' },
    jwk: { jwk },
    x5u: { x5u: 'https://evil.example/cert.pem' },
    x5c: { x5c: ['MIIB'] },
    x5t: { x5t: 'AAAA' },
    'x5t#S256': { 'x5t#S256': 'AAAA' },
    'crit, empty': { crit: [] },
    'crit of a registered name': { crit: ['exp'], exp: claims.exp },
    'crit of an unknown name': { crit: ['urn:example:bind'], 'urn:example:bind': 1 },
    'crit that is no list': { crit: 'exp' },
    'b64, false and critical': { b64: false, crit: ['b64'] },
    'b64, false': { b64: false },
    'b64, true': { b64: true, crit: ['b64'] },
    zip: { zip: 'DEF' },
    enc: { enc: 'A256GCM' },
    cty: { cty: 'JWT' },
    nonce: { nonce: '1' },
  };
  return [
    { name: 'as the server makes it', token: forge(es256), isValid: true },
    { name: 'typ as a media type', token: withHeader({ typ: 'application/at+jwt' }), isValid: true },
    ...nones.flatMap((alg) => [
      { name: `algIsNone: "${alg}"`, token: `${encode(JSON.stringify({ ...header, alg }))}.${payload}.` },
      { name: `algIsNone: "${alg}", signed`, token: withHeader({ alg }) },
      { name: `algIsNone: "${alg}", without a kid`, token: `${encode(JSON.stringify({ alg }))}.${payload}.` },
    ]),
    ...['es256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS512', 'RSA-OAEP', 'dir', null, ['ES256'], 1].map((alg) => ({
      name: `alg ${JSON.stringify(alg)}`,
      token: withHeader({ alg }),
    })),
    {
      name: 'alg of another key of ours',
      token: forge(es256, { header: { ...header, alg: 'RS256' }, key: rs256.signingKey }),
    },
    { name: 'kid of another key of ours', token: withHeader({ kid: rs256.kid }) },
    ...Object.entries(kids).map(([what, value]) => ({ name: `kid ${what}`, token: withHeader({ kid: value }) })),
    ...Object.entries(members).flatMap(([what, member]) => [
      { name: `${what}, signed by us`, token: withHeader(member) },
      { name: `${what}, signed by a stranger`, token: byStranger(member) },
    ]),
    {
      name: 'compressed',
      token: forge(es256, { header: { ...header, zip: 'DEF' }, payload: deflateRawSync(JSON.stringify(claims)) }),
    },
    { name: 'payload that is not encoded', token: unencoded(header) },
  ];
}

/** RFC 7797: signs the payload without encoding it. */
function unencoded(header: object): string {
  const head = encode(JSON.stringify({ ...header, b64: false, crit: ['b64'] }));
  const payload = JSON.stringify(claims).replaceAll('.', '%2e');
  return `${head}.${payload}.${encode(signatureOf(`${head}.${payload}`, es256.signingKey))}`;
}

/**
 * JSON with a name twice, where the last one counts for every reader (RFC 7515, section 4); and text that is not JSON.
 */
export function jsonVectors(): Vector[] {
  const { kid } = es256;
  const header = (json: string): string => forge(es256, { header: json.replace('KID', kid) });
  const payload = (change: (json: string) => string): string =>
    forge(es256, { payload: change(JSON.stringify(claims)) });
  const body = '"typ":"at+jwt","kid":"KID"';
  return [
    { name: 'alg twice, the last right', token: header(`{"alg":"none","alg":"ES256",${body}}`), isValid: true },
    { name: 'alg twice, the last none', token: header(`{"alg":"ES256",${body},"alg":"none"}`) },
    { name: 'kid twice, the last unknown', token: header(`{"alg":"ES256",${body},"kid":"other"}`) },
    { name: 'typ twice, the last JWT', token: header(`{"alg":"ES256",${body},"typ":"JWT"}`) },
    { name: 'role twice, the last unknown', token: payload((json) => json.replace('}', ',"role":"ROOT"}')) },
    { name: 'exp twice, the last past', token: payload((json) => json.replace('}', ',"exp":1}')) },
    {
      name: 'names that are escaped',
      token: header('{"\\u0061lg":"ES256","typ":"at+jwt","kid":"KID"}'),
      isValid: true,
    },
    { name: 'a prototype in the header', token: header(`{"alg":"ES256",${body},"__proto__":{"crit":[]}}`) },
    { name: 'text behind the header', token: header(`{"alg":"ES256",${body}}x`) },
    { name: 'a byte-order mark', token: header(`\u{feff}{"alg":"ES256",${body}}`) },
    { name: 'a comment', token: header(`{"alg":"ES256",/**/${body}}`) },
    { name: 'a trailing comma', token: header(`{"alg":"ES256",${body},}`) },
    { name: 'a payload with text behind', token: payload((json) => `${json}x`) },
    { name: 'a payload in a list', token: payload((json) => `[${json}]`) },
    { name: 'a payload as text', token: payload((json) => JSON.stringify(json)) },
    {
      name: 'numbers written otherwise',
      token: payload((json) => json.replace(/"iat":(\d+)/, '"iat":$1.0')),
      isValid: true,
    },
    { name: 'times beyond what numbers hold', token: payload((json) => json.replace(/"exp":\d+/, '"exp":1e999')) },
  ];
}

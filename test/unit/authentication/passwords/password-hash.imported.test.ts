/** Hashes of other systems. passlib 1.7.4 made all but the first, from the password beside them. */
import { describe, expect, it } from 'vitest';
import { importFault, readPasswordHash } from '../../../../src/authentication/passwords/hash-forms.ts';
import { createPasswordHasher } from '../../../../src/authentication/passwords/password-hash.ts';

const hasher = createPasswordHasher({
  memoryCost: 1024,
  timeCost: 2,
  parallelism: 1,
  maxConcurrent: 2,
  maxWaiting: 100,
});
const outdated = { matches: true, needsRehash: true };
const wrong = { matches: false, needsRehash: false };

/** Longer than the 72 bytes that bcrypt reads. */
const long = '0123456789'.repeat(8);
const composed = 'une cl\u00e9 \u00e0 moi';
const decomposed = 'une cle\u0301 a\u0300 moi';

const imported = {
  // The hash of FastAPI's tutorial.
  tutorial: '$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW',
  '2b': '$2b$04$6cu7ChxUj.qMh1m/OuacXe.olEXXQ8GNZGXwZ2BZPrMP.75L6iTwC',
  '2a': '$2a$04$ahY.KT0hGs2SrHGxEiOht.tLvJU5yTXZOQQkBvuUbaWpHd7ZSe2GK',
  '2y': '$2y$04$O.Uiu3GF78UM6oCMeCwGiOtZ2QA9HnyAkkoaFZwhrgPczOh.oSqwu',
  'bcrypt-sha256, version 2': '$bcrypt-sha256$v=2,t=2b,r=4$52shuPlzVygBURplbujPFO$yOl.Py6fjlm8iUVdYT8sosHAR3IKw6C',
  'bcrypt-sha256, version 1': '$bcrypt-sha256$2b,4$eWm9uRWc.v0q2J/Bem8Ube$OG0ciVE9flxobFZEaGxCprQ3ICR3.W2',
  'bcrypt-sha256, version 1, 2a': '$bcrypt-sha256$2a,4$2QUcOwvrTD4sd9lxg.YsGO$ymlYC01M30YGsM78riEc9vkSVqB4fcO',
  argon2id: '$argon2id$v=19$m=1024,t=2,p=4$vHduLSWEkFJKCUFISSllDA$mfET0ytLOhp5+P4S4tBSeHdssZnSo4cpLnY67fytL0Q',
  argon2i: '$argon2i$v=19$m=1024,t=2,p=1$OIdQitFa693b+3+vFeI8Bw$eAbPGbguGUYbvWOnSKRssSUT7LP/puY059AH2j4MG84',
  argon2d: '$argon2d$v=19$m=1024,t=2,p=1$6B3DGAOgFIKQck6plfI+Rw$FnDn9BvLL7JoDBFvNpGaI6+QrHyjFRFpsLts+EtU3lQ',
};

describe.each(Object.entries(imported))('%s', (_form, hash) => {
  it('verifies the password, and asks for a new hash', async () => {
    expect(await hasher.verify(hash, 'secret')).toEqual(outdated);
  });

  it('verifies no other password', async () => {
    for (const attempt of ['Secret', 'secret ', '']) {
      expect(await hasher.verify(hash, attempt)).toEqual(wrong);
    }
  });

  it('may be imported', () => expect(importFault(hash)).toBeNull());
});

it('documented by passlib, a hash verifies', async () => {
  const documented = '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2';
  expect(await hasher.verify(documented, 'password')).toEqual(outdated);
  expect(await hasher.verify(documented, 'passwords')).toEqual(wrong);
});

describe('a password that is longer than bcrypt takes', () => {
  const hash = '$2b$04$k8pYUL2SMYz8qDd/Rir8NeGlJqquUzr.Yqr/RyBjOYp4jWaOwHnxu';

  it('is verified by its first 72 bytes, as in the old system', async () => {
    expect(await hasher.verify(hash, long)).toEqual(outdated);
    expect(await hasher.verify(hash, long.slice(0, 72))).toEqual(outdated);
    expect(await hasher.verify(hash, `${long} and more`)).toEqual(outdated);
    expect(await hasher.verify(hash, long.slice(0, 71))).toEqual(wrong);
    expect(await hasher.verify(hash, `x${long.slice(1)}`)).toEqual(wrong);
  });

  it('does not wrap around at 256 bytes', async () => {
    const endless = '$2a$04$zHaCtrnHNFWJiqglCFAFheZcnocVIDBFNnao45KDUARnqCpvaQ45e';
    expect(await hasher.verify(endless, '0123456789'.repeat(30))).toEqual(outdated);
    expect(await hasher.verify(endless, '0123456789'.repeat(30).slice(0, 43))).toEqual(wrong);
  });

  it('counts as a whole when it was digested first', async () => {
    const digested = '$bcrypt-sha256$v=2,t=2b,r=4$cuLPpZPlc.YNAGkwuuQL2e$Ip2i/A4IqrovpkiPmq.4KyBJvvSuAgO';
    expect(await hasher.verify(digested, long)).toEqual(outdated);
    expect(await hasher.verify(digested, long.slice(0, 72))).toEqual(wrong);
  });
});

describe('an accent', () => {
  it.each([
    ['composed', '$2b$04$z4K0LnG6JnzhtntD.V4tjeSVLR8X7h3IcWcrVe/ZT8vwbgcCtf9bG', [composed, decomposed]],
    // The old system's spelling is unknown, so both are tried.
    ['decomposed', '$2b$04$qQ0QW6Ayslkvp0B9ypuQaOG5pj9ivlUXihRshp6vUYA/RYUyynXqO', [decomposed]],
    [
      'decomposed',
      '$argon2id$v=19$m=1024,t=2,p=1$/n+PUcq5d855z9m7F8KY8w$eeps1F+91lSkkLw+oc3ouSaSmBf/FdApSbfwXAW8BLQ',
      [decomposed],
    ],
  ])('that was %s when it was hashed', async (_how, hash, good) => {
    for (const attempt of good) expect(await hasher.verify(hash, attempt)).toEqual(outdated);
    expect(await hasher.verify(hash, 'une cle a moi')).toEqual(wrong);
  });
});

describe('the reason why a hash cannot be imported', () => {
  const [bcrypt, argon2] = [imported['2b'], imported.argon2id];
  it.each([
    ['nothing', '', 'no password hash'],
    ['a cost of 16', bcrypt.replace('$04$', '$16$'), 'the bcrypt cost is 16'],
    ['a cost of 3', bcrypt.replace('$04$', '$03$'), 'the bcrypt cost is 3'],
    ['a cost of 31, digested', imported['bcrypt-sha256, version 2'].replace('r=4', 'r=31'), 'the bcrypt cost is 31'],
    ['the flawed bcrypt', bcrypt.replace('$2b$', '$2x$'), 'flawed'],
    ['bcrypt, cut short', bcrypt.slice(0, -1), 'damaged'],
    ['bcrypt, with more behind it', `${bcrypt}.`, 'damaged'],
    ['bcrypt, with a line behind it', `${bcrypt}\n`, 'damaged'],
    ['bcrypt, of the first kind', bcrypt.replace('$2b$', '$2$'), 'damaged'],
    ['a gigabyte of memory', argon2.replace('m=1024', 'm=1048576'), 'memory'],
    ['less memory than its lanes take', argon2.replace('m=1024', 'm=31'), 'memory'],
    ['a thousand passes', argon2.replace('t=2', 't=1000'), 'passes'],
    ['a hundred lanes', argon2.replace('p=4', 'p=100'), 'lanes'],
    ['no passes', argon2.replace('t=2', 't=0'), 'damaged'],
    ['a parameter twice', argon2.replace('t=2', 't=2,t=3'), 'damaged'],
    ['a parameter that is not known', argon2.replace('t=2', 't=2,q=1'), 'damaged'],
    ['associated data', argon2.replace('p=4', 'p=4,data=YWRh'), 'damaged'],
    ['another’s pepper', argon2.replace('p=4', 'p=4,keyid=YWRhYWRh'), 'keyid'],
    ['a version that does not exist', argon2.replace('v=19', 'v=20'), 'version'],
    ['a salt of 4 bytes', argon2.replace('vHduLSWEkFJKCUFISSllDA', 'vHduLS'), 'too short'],
    ['argon2, cut short', argon2.slice(0, 40), 'damaged'],
    ['PBKDF2', '$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk', 'not known'],
    ['Django’s', 'pbkdf2_sha256$600000$abc$def', 'not known'],
    ['MD5', '5ebe2294ecd0e0f08eab7690d2a6ee69', 'not known'],
    ['a password', 'hunter2 hunter2', 'not known'],
    ['a megabyte', `$2b$04$${'a'.repeat(1_000_000)}`, 'damaged'],
  ])('is given without quoting the hash: %s', (_what, hash, reason) => {
    const fault = importFault(hash);
    expect(fault).toContain(reason);
    for (const part of hash.split('$').filter((piece) => piece.length > 9)) expect(fault).not.toContain(part);
  });

  it('is none for cost 15, memory of 256 MiB, or a hash without a version', () => {
    expect(importFault(bcrypt.replace('$04$', '$15$'))).toBeNull();
    expect(importFault(argon2.replace('m=1024', 'm=262144'))).toBeNull();
    expect(importFault(argon2.replace('$v=19', ''))).toBeNull();
    expect(readPasswordHash(argon2.replace('$v=19', ''))).toMatchObject({ version: 16 });
  });
});

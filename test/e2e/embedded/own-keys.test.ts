/** Keys and secrets of the operator, in files, as for container secrets. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SigningKey } from '../../../src/authentication/keys/signing-key.entity.ts';
import { asUser } from '../../support/personas.ts';
import { runServer, startTestServer, type TestServer } from '../../support/server.ts';

const directory = mkdtempSync(join(tmpdir(), 'gatewright-own-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

const write = (name: string, ...texts: string[]): string => {
  const file = join(directory, name);
  writeFileSync(file, texts.join(''));
  return file;
};
const pem = (key: KeyObject): string =>
  String(key.export({ format: 'pem', type: (key.type === 'private' ? 'pkcs8' : 'spki') as 'pkcs8' }));

const kids = async ({ url }: TestServer): Promise<string[]> => {
  const response = await fetch(`${url}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};

describe('a server with keys of its operator’s', () => {
  it('signs with the first, publishes all, and makes none', async () => {
    const [own, next] = [1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
    const env = {
      JWT_ALGORITHM: 'RS256',
      JWT_PRIVATE_KEYS_FILE: write('keys.pem', pem(own!.privateKey), pem(next!.publicKey)),
      JWT_SECRET: '',
      JWT_SECRET_FILE: write('secret', 'q8Zr1vXo4TkYw7Jm2LcPd9Hs5Gf3NbAeU6\n'),
    };
    const server = await startTestServer({ env });
    const user = await asUser(server);
    const header = JSON.parse(Buffer.from(user.session.accessToken.split('.')[0]!, 'base64url').toString());
    const published = await kids(server);
    expect([published.length, published[0], header.alg]).toEqual([2, header.kid, 'RS256']);
    expect((await user.ask('{ me { username } }')).data?.me.username).toBe(user.username);
    expect(await server.database.fork().count(SigningKey)).toBe(0);
    await server.close();
  });

  it('does not start with a weak key, nor tells the key', async () => {
    const weak = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
    const env = { JWT_ALGORITHM: 'RS256', JWT_PRIVATE_KEYS: weak };
    const { code, stdout, stderr } = await runServer(env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/JWT_PRIVATE_KEYS: holds an RSA key of 1024 bits, less than 2048, in block 1\./);
    expect(stderr).not.toContain(weak.split('\n')[1]);
  });
});

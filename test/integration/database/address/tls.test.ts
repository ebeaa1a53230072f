import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { sharedOptions } from '../../../../mikro-orm.config.ts';
import { openDatabase } from '../../../../src/database/connection.ts';
import { makeCertificate, startTlsProxy, type TlsProxy } from '../../../support/tls-proxy.ts';

/** Containers often do not have it. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

describe.runIf(inject('server'))('a connection to a PostgreSQL server', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-tls-'));
  let [certificate, another]: string[] = [];
  let proxy: TlsProxy;
  beforeAll(() => {
    certificate = makeCertificate(directory, 'server');
    another = makeCertificate(directory, 'another');
  });
  beforeEach(async () => {
    proxy = await startTlsProxy(inject('server')?.url ?? '', certificate ?? '');
    return () => proxy.stop();
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Uses the pool, and the connection that listens. */
  async function use(url: string): Promise<void> {
    const database = await openDatabase({ kind: 'postgresql', url }, sharedOptions);
    try {
      const subscription = await database.subscribe({ onMessage: () => {}, onGap: async () => {} });
      await subscription.catchUp();
      expect(subscription.knownUntil()).toBeGreaterThan(0);
    } finally {
      await database.close();
    }
  }

  it('is in the clear where nothing asks for TLS', async () => {
    await use(proxy.url('localhost', ''));
    expect(proxy.counts).toEqual({ encrypted: 0, plain: expect.any(Number) });
  });

  it.each<[parameters: string, host: string]>([
    ['sslmode=require', '127.0.0.1'],
    ...(hasIpv6 ? [['sslmode=require', '[::1]'] as [string, string]] : []),
    ['sslmode=verify-ca&sslrootcert=CERTIFICATE', '127.0.0.1'],
    ['sslmode=verify-full&sslrootcert=CERTIFICATE', 'localhost'],
  ])('is encrypted with %s at %s, every one of them', async (parameters, host) => {
    await use(proxy.url(host, parameters.replace('CERTIFICATE', certificate ?? '')));
    expect(proxy.counts.encrypted).toBeGreaterThanOrEqual(2);
    expect(proxy.counts.plain).toBe(0);
  });

  it.each([
    ['sslmode=verify-full', 'localhost', 'self-signed certificate'],
    ['sslmode=verify-full&sslrootcert=CERTIFICATE', '127.0.0.1', "does not match certificate's altnames"],
    ['sslmode=verify-ca&sslrootcert=ANOTHER', 'localhost', 'self-signed certificate'],
    ['sslmode=require&sslrootcert=ANOTHER', 'localhost', 'self-signed certificate'],
  ])('is refused with %s at %s', async (parameters, host, reason) => {
    const given = parameters.replace('CERTIFICATE', certificate ?? '').replace('ANOTHER', another ?? '');
    await expect(use(proxy.url(host, given))).rejects.toThrow(reason);
    expect(proxy.counts.plain).toBe(0);
  });

  it('is refused where the server has no TLS', async () => {
    proxy.refuse();
    await expect(use(proxy.url('localhost', 'sslmode=require'))).rejects.toThrow('does not support SSL');
    expect(proxy.counts).toEqual({ encrypted: 0, plain: 0 });
  });
});

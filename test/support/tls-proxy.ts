/**
 * A proxy that speaks TLS as PostgreSQL does, for a server that does not. Source: PostgreSQL, "SSL Session Encryption".
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';

export interface TlsProxy {
  /** The address of the same database through the proxy. */
  url(host: string, parameters: string): string;
  /** How many connections so far asked for TLS and got it, and how many did not ask. */
  readonly counts: { encrypted: number; plain: number };
  /** Answers from now on that there is no TLS. */
  refuse(): void;
  stop(): void;
}

/** Makes `NAME.key` and `NAME.crt` in a directory: self-signed, for the host `localhost`. */
export function makeCertificate(directory: string, name: string): string {
  const [key, certificate] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...options, ...names, '-keyout', key, '-out', certificate], {
    stdio: 'pipe',
  });
  return certificate;
}

const request = Buffer.from('0000000804d2162f', 'hex');

/** @param certificate as `makeCertificate` gives it. */
export async function startTlsProxy(databaseUrl: string, certificate: string): Promise<TlsProxy> {
  const { hostname, port, username, pathname } = new URL(databaseUrl);
  const [cert, key] = [readFileSync(certificate), readFileSync(certificate.replace(/crt$/, 'key'))];
  const sockets = new Set<Socket>();
  const counts = { encrypted: 0, plain: 0 };
  let isRefusing = false;

  function pass(client: Socket, first?: Buffer): void {
    const upstream = connect(Number(port || 5432), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    if (first) upstream.write(first);
    client.pipe(upstream).pipe(client);
  }

  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (data) => {
      if (!data.equals(request)) {
        counts.plain++;
        pass(client, data);
      } else if (isRefusing) {
        client.write('N');
      } else {
        client.write('S');
        const encrypted = new TLSSocket(client, { isServer: true, cert, key });
        encrypted.once('secure', () => counts.encrypted++);
        pass(encrypted);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  return {
    url: (host, parameters) =>
      `postgres://${username}@${host}:${typeof address === 'object' ? address?.port : ''}${pathname}?${parameters}`,
    counts,
    refuse: () => {
      isRefusing = true;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

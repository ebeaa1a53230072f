/** A connection to the database that a test can break, as networks do. */
import { connect, createServer, type Socket } from 'node:net';

export interface DatabaseProxy {
  /** The address of the same database through the proxy. */
  readonly url: string;
  /** Swallows everything from now on, both ways. Connections stay open. */
  silence(): void;
  /** Passes on everything from now on. What was swallowed is lost. */
  speak(): void;
  /** Acts like a pooler that changes connections for each transaction: messages between two statements are lost. */
  dropWhatIsNotAsked(): void;
  /**
   * Passes on the next statement with this text, and swallows every answer on its connection.
   * @returns a promise that resolves when the database has answered.
   */
  swallowAnswerTo(text: string): Promise<void>;
  stop(): void;
}

export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let isSilent = false;
  let isPooler = false;
  let trap: { text: string; answered: PromiseWithResolvers<void> } | null = null;

  const server = createServer((client) => {
    const upstream = connect(Number(port || 5432), hostname);
    let isAsked = true;
    let trapped: PromiseWithResolvers<void> | null = null;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    client.on('data', (data) => {
      if (isSilent) return;
      if (trap && data.includes(trap.text)) {
        trapped = trap.answered;
        trap = null;
      }
      isAsked = true;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      const isLost = isPooler && !isAsked;
      // ReadyForQuery, in no transaction.
      if (data.subarray(-6).equals(Buffer.from('5a0000000549', 'hex'))) isAsked = false;
      if (isLost) return;
      if (trapped) trapped.resolve();
      else if (!isSilent) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

  return {
    url: url.href,
    silence: () => {
      isSilent = true;
    },
    speak: () => {
      isSilent = false;
    },
    dropWhatIsNotAsked: () => {
      isPooler = true;
    },
    swallowAnswerTo: (text) => {
      trap = { text, answered: Promise.withResolvers() };
      return trap.answered.promise;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

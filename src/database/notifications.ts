/**
 * Tells every node of changes through PostgreSQL's NOTIFY. Triggers send each message with the change itself, so no
 * code can forget to. Messages arrive in the order in which transactions commit. A node that has received its own
 * message has received all that was committed before it. Source: PostgreSQL, NOTIFY ("Notes"); LISTEN.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Server } from './address/server.ts';
import type { EmbeddedPglite } from './embedded/renewal.ts';
import { setUpSession } from './session-settings.ts';

/** The subject of a message. */
export type Topic = 'session' | 'user' | 'signing-key';

/** `id` is the row's. */
export type OnMessage = (topic: Topic, id: string) => void;

export interface Subscriber {
  onMessage: OnMessage;
  /**
   * Messages may have been missed. Called at the start and after each lost connection, before any message is trusted.
   */
  onGap: () => Promise<void>;
  /** The connection is lost, and is being made again. */
  onLost?: (error: unknown) => void;
}

export interface Subscription {
  /**
   * A time of `performance.now()`. All that was committed before it has arrived. -Infinity while there is no
   * connection.
   */
  knownUntil(): number;
  /**
   * Resolves when all that was committed before the call has arrived. After a second it resolves without that proof.
   */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

const channel = 'gatewright';

/** The body of a trigger that tells every node of a row. `id` and `when` are SQL. Without `when` it always tells. */
export function tellNodes(topic: Topic, id: string, when?: string): string {
  const tell = `perform pg_notify('${channel}', '${topic} ' || ${id});`;
  return `${when === undefined ? tell : `if ${when} then ${tell} end if;`} return null;`;
}

function receive(payload: string | undefined, onMessage: OnMessage): void {
  const [topic, id] = payload?.split(' ') ?? [];
  if (topic && id) onMessage(topic as Topic, id);
}

/** The embedded database has this one process. Its messages arrive with the answer to the statement that sent them. */
export async function subscribeEmbedded(pglite: EmbeddedPglite, subscriber: Subscriber): Promise<Subscription> {
  const stop = await pglite.listen(channel, (payload) => receive(payload, subscriber.onMessage));
  await subscriber.onGap();
  return {
    knownUntil: () => performance.now(),
    catchUp: async () => {},
    close: async () => {
      if (!pglite.closed) await stop();
    },
  };
}

/** Sends a message by one of the connections that run statements. */
export type Notify = (channel: string, payload: string) => Promise<unknown>;

/** Milliseconds between the proofs that no message is missing. */
const beatInterval = 250;
/** Milliseconds after which a silent connection is given up. */
const silenceLimit = 1500;
const connectLimit = 3000;
const catchUpLimit = 1000;
/** Milliseconds between attempts to connect. */
const retryDelays = [50, 100, 250, 500, 1000];

/**
 * Opens a connection that only listens. Every quarter of a second another connection sends it a message. When that
 * message arrives, all messages before it have arrived. If the listener sent it itself, it would arrive even where
 * other messages do not. A pooler hands over what comes while a statement runs, and drops the rest. So behind a pooler
 * nothing is ever proved.
 */
export async function subscribe(server: Server, subscriber: Subscriber, notify: Notify): Promise<Subscription> {
  let closed = false;
  let connection: Connection | null = null;
  let attempt = 0;
  let retry: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const made = openConnection(server.client(listening), subscriber.onMessage, notify);
    connection = made;
    void made.lost.then((error) => {
      if (connection === made) connection = null;
      if (closed) return;
      subscriber.onLost?.(error);
      retry = setTimeout(connect, retryDelays[Math.min(attempt++, retryDelays.length - 1)]);
    });
    if (await made.start(subscriber.onGap)) attempt = 0;
  }

  await connect();
  return {
    knownUntil: () => connection?.knownUntil() ?? Number.NEGATIVE_INFINITY,
    catchUp: async () => {
      const current = connection;
      if (current) await Promise.race([current.catchUp(), current.lost, delay(catchUpLimit, null, { ref: false })]);
    },
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await connection?.end();
    },
  };
}

interface Connection {
  /** Whether the connection listens now. It never throws: `lost` tells of a failure. */
  start(onGap: () => Promise<void>): Promise<boolean>;
  knownUntil(): number;
  catchUp(): Promise<void>;
  /** Resolves, with the reason, when the connection is over. */
  readonly lost: Promise<unknown>;
  end(): Promise<void>;
}

interface Beat {
  name: string;
  sentAt: number;
  /** When the database accepted the message; null before that. */
  takenAt: number | null;
  arrived: PromiseWithResolvers<void>;
}

const listening = { application_name: 'gatewright listener', keepAlive: true, connectionTimeoutMillis: connectLimit };

function openConnection(client: Client, onMessage: OnMessage, notify: Notify): Connection {
  const own = `gatewright_${randomBytes(8).toString('hex')}`;
  const lost = Promise.withResolvers<unknown>();
  let isStarted = false;
  let isOver = false;
  let knownUntil = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  /** `beat` is the message on its way. `next` resolves with the one after it, for callers that came later. */
  let beat: Beat | null = null;
  let next: PromiseWithResolvers<void> | null = null;

  function giveUp(error: unknown): void {
    if (isOver) return;
    isOver = true;
    knownUntil = Number.NEGATIVE_INFINITY;
    clearInterval(timer);
    lost.resolve(error);
    client.end().catch(() => {});
  }

  function send(): void {
    const sent: Beat = {
      ...{ name: String(++count), sentAt: performance.now(), takenAt: null },
      arrived: next ?? Promise.withResolvers(),
    };
    beat = sent;
    next = null;
    notify(own, sent.name).then(() => {
      sent.takenAt = performance.now();
    }, giveUp);
  }

  function arrive(name: string | undefined): void {
    if (!beat || beat.name !== name || isOver) return;
    knownUntil = beat.sentAt;
    beat.arrived.resolve();
    beat = null;
    if (next) send();
  }

  client.on('error', giveUp).on('end', () => giveUp(new Error('The connection was closed.')));
  client.on('notification', (message) => {
    if (message.channel === own) arrive(message.payload);
    else receive(message.payload, onMessage);
  });

  return {
    lost: lost.promise,
    knownUntil: () => knownUntil,
    start: async (onGap) => {
      try {
        await client.connect();
        await setUpSession(client);
        await client.query(`listen ${channel}`);
        await client.query(`listen ${own}`);
        await onGap();
      } catch (error) {
        giveUp(error);
        return false;
      }
      if (isOver) return false;
      isStarted = true;
      send();
      timer = setInterval(() => {
        if (!beat) send();
        else if (beat.takenAt !== null && performance.now() - beat.takenAt > silenceLimit) {
          giveUp(new Error('The database fell silent.'));
        }
      }, beatInterval).unref();
      return true;
    },
    catchUp: async () => {
      // Before the start an arrival proves nothing.
      if (!isStarted || isOver) return;
      // The message on its way may have been sent before the change that the caller waits for.
      next ??= Promise.withResolvers();
      const { promise } = next;
      if (!beat) send();
      await promise;
    },
    end: async () => {
      isOver = true;
      clearInterval(timer);
      lost.resolve(null);
      await client.end().catch(() => {});
    },
  };
}

/** When something was asked, and from where: what time decides, and what the security log keeps. */
import { networkOf } from '../network.ts';

export interface RequestInfo {
  readonly now: Date;
  /** The client's IP address; null for what an operator does on the server's own machine. */
  readonly address: string | null;
  /** As the client names itself: at most 256 characters, without controls. */
  readonly userAgent: string | null;
  /** The id that the client gets as X-Request-Id. */
  readonly requestId: string | null;
}

/** What attempts of a request are counted by. */
export function networkOfRequest({ address }: RequestInfo): string {
  return networkOf(address);
}

/** What a server or a tool does by itself: nobody asked for it from anywhere. */
export function byOperator(now: Date): RequestInfo {
  return { now, address: null, userAgent: null, requestId: null };
}

const maxUserAgent = 256;

/** A User-Agent header as it may be kept and shown; null if there is nothing to be seen in it. */
export function tidyUserAgent(header: string | undefined): string | null {
  const text = header
    ?.slice(0, maxUserAgent)
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return text || null;
}

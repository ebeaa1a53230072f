/** The moment of a request and where it came from, for decisions about time and for the security log. */
import { networkOf } from '../network.ts';

export interface RequestInfo {
  readonly now: Date;
  /** The client's IP address; null for an operator on the server's own machine. */
  readonly address: string | null;
  /** The User-Agent: at most 256 characters, without controls. */
  readonly userAgent: string | null;
  /** The id that the client receives as X-Request-Id. */
  readonly requestId: string | null;
}

/** The network by which attempts of this request are counted. */
export function networkOfRequest({ address }: RequestInfo): string {
  return networkOf(address);
}

/** For what a server or a tool does by itself, without a request. */
export function byOperator(now: Date): RequestInfo {
  return { now, address: null, userAgent: null, requestId: null };
}

const maxUserAgent = 256;

/** A User-Agent header in the form that may be stored and shown; null if it has no visible character. */
export function tidyUserAgent(header: string | undefined): string | null {
  const text = header
    ?.slice(0, maxUserAgent)
    .toWellFormed()
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return text || null;
}

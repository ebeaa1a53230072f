/** Checks addresses in the environment. A check says what is wrong and what to write instead; null if nothing is. */
import { isIP } from 'node:net';
import { parseAddress, withEnvironment } from '../database/address/address.ts';
import { AddressError } from '../database/address/tls.ts';
import type { Check } from './key.ts';
import type { Environment } from './read.ts';

export const publicUrlFault: Check = (text) => {
  const url = parseUrl(text);
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username) return null;
  return `"${text}" is not the address of a server. Write one such as https://api.example.com.`;
};

/** Drops the slashes at the end, so that a path can be appended. */
export function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Checks the address together with what the environment adds to it. The tools use this as well. */
export function databaseUrlFault(text: string, env: Environment = {}): string | null {
  try {
    parseAddress(withEnvironment(text, env));
    return null;
  } catch (error) {
    if (error instanceof AddressError) return error.message;
    throw error;
  }
}

export const hostFault: Check = (text) =>
  /[\s/]/.test(text) || text.includes('://') ? `"${text}" is not a host. Write an address such as 127.0.0.1.` : null;

export const emailFault: Check = (text) =>
  /^[^@\s]+@[^@\s]+$/.test(text) ? null : `"${text}" is not an e-mail address. Write one such as admin@example.com.`;

export const originFault: Check = (text) => {
  if (text === '*') return '"*" would admit every site. List the origins, such as https://app.example.com.';
  const url = parseUrl(text);
  if (url && /^https?:$/.test(url.protocol) && url.origin === text) return null;
  const hint = url && url.origin !== 'null' ? url.origin : 'https://app.example.com';
  return `"${text}" is not an origin. Write scheme, host and port alone, such as ${hint}.`;
};

export const proxyFault: Check = (text) => {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  const bits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
  if (version !== 0 && bits && rest.length === 0 && Number(prefix ?? 1) !== 0) return null;
  return `"${text}" is not an address. Write those of your proxies, such as 10.0.0.7 or 10.0.0.0/24.`;
};

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/**
 * The unit by which addresses are counted. One IPv6 customer has at least a whole /64, and can use every address in it.
 * Sources: RFC 4291, sections 2.5.4 and 2.5.5; RFC 6052, section 2.1; RFC 6177.
 */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All texts that are not an address share this network, so an odd text gains nothing. */
export const unknownNetwork = 'unknown';

/**
 * The network of an address. An IPv4 address is its own network. An IPv6 address that stands for an IPv4 address
 * (mapped, compatible, NAT64) gives that one. Any other IPv6 address gives its /64, such as `2001:db8:0:1::/64`. Any
 * text may be passed; a text that is not an address gives `unknown`.
 */
export function networkOf(address: string | null): string {
  if (address === null) return unknownNetwork;
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare) || !ipaddr.IPv6.isValid(bare)) return unknownNetwork;
  const { parts } = ipaddr.IPv6.parse(bare);
  if (standsForIPv4(parts)) return [6, 7].flatMap((at) => octets(parts[at] as number)).join('.');
  return `${new ipaddr.IPv6([...parts.slice(0, 4), 0, 0, 0, 0])}/64`;
}

/** An address with a port; IPv6 is then in brackets. Brackets may also stand alone. Source: RFC 7239, section 6. */
const withPort = /^(?:\[(?<six>[^\][]*)\]|(?<four>[\d.]+))(?::\d{1,5})?$/;

/**
 * The address in an item of `X-Forwarded-For`, such as `203.0.113.7:2000` or `[2001:db8::1]:443`, without its port,
 * brackets and zone. Null if the item has no address. Any text may be passed.
 */
export function addressIn(item: string | undefined): string | null {
  const text = item?.trim() ?? '';
  const { six, four } = withPort.exec(text)?.groups ?? {};
  if (four !== undefined) return isIPv4(four) ? four : null;
  const [address = ''] = (six ?? text).split('%', 1);
  return isIPv6(address) ? address : null;
}

/** The first 96 bits before an embedded IPv4 address: compatible, mapped, NAT64. */
const prefixes = [
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
];

function standsForIPv4(parts: readonly number[]): boolean {
  // `::` and `::1` look like compatible addresses, but are IPv6 addresses of their own.
  const isOwn = parts.slice(0, 7).every((part) => part === 0) && (parts[7] as number) <= 1;
  return !isOwn && prefixes.some((prefix) => prefix.every((part, index) => part === parts[index]));
}

function octets(part: number): number[] {
  return [part >> 8, part & 0xff];
}

import { isIP, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressIn, networkOf } from '../../src/network.ts';

describe('a network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::/64'],
    ['::', '::/64'],
    ['2001:db8:0:1::9', '2001:db8:0:1::/64'],
    ['2001:0DB8:0000:0001:0000:0000:0000:0009', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:2:3:203.0.113.7', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['fe80::1', 'fe80::/64'],
  ])('of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));

  it.each([
    '::ffff:203.0.113.7',
    '::FFFF:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
    '::ffff:203.0.113.7%eth0',
    '::203.0.113.7',
    '::cb00:7107',
    '64:ff9b::203.0.113.7',
    '64:ff9b::cb00:7107',
    '0064:FF9B:0:0:0:0:CB00:7107',
  ])('of %s is that of the IPv4 address in it', (address) => expect(networkOf(address)).toBe('203.0.113.7'));

  it.each([
    '',
    'unknown',
    'localhost',
    '203.0.113.7:443',
    '[2001:db8::1]',
    '203.0.113',
    '0203.0.113.7',
    '0xcb007107',
    '3405803783',
    '203.0.113.7%eth0',
    '203.0.113.7, 198.51.100.1',
    '2001:db8::1::2',
    ' 203.0.113.7',
    '\0',
  ])('of %j, which is no address, is one for all such', (text) => expect(networkOf(text)).toBe('unknown'));
});

const words = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: length, maxLength: length });
/** Global unicast addresses, which stand for no IPv4 address. */
const prefix = words(4).map(([first = 0, ...rest]) => [0x2000 | (first & 0x1fff), ...rest]);
const spell = (parts: number[]) => parts.map((part) => part.toString(16)).join(':');

describe('any IPv6 address', () => {
  it('shares its network with all of its /64', () => {
    fc.assert(
      fc.property(prefix, words(4), words(4), (start, one, other) => {
        expect(networkOf(spell([...start, ...one]))).toBe(networkOf(spell([...start, ...other]).toUpperCase()));
      }),
    );
  });

  it('shares it with none of the next /64', () => {
    fc.assert(
      fc.property(prefix, fc.nat({ max: 3 }), words(4), (start, at, rest) => {
        const neighbour = start.map((part, index) => (index === at ? part ^ 1 : part));
        expect(networkOf(spell([...start, ...rest]))).not.toBe(networkOf(spell([...neighbour, ...rest])));
      }),
    );
  });
});

it('any IPv4 address is its own network, in every spelling', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.constantFrom('', '::ffff:', '64:ff9b::', '0:0:0:0:0:FFFF:'), (address, before) => {
      expect(networkOf(`${before}${address}`)).toBe(address);
    }),
  );
});

it('any text has a network, of bounded length', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (text) => {
      expect(networkOf(text).length).toBeLessThan(50);
    }),
  );
});

it('any address that Node takes for one has a network', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(networkOf(address) === 'unknown').toBe(!isIPv6(address));
    }),
    { numRuns: 1000 },
  );
});

it('no address at all is in the network of what is none', () => {
  expect(networkOf(null)).toBe('unknown');
});

describe('an item of X-Forwarded-For', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:2000', '203.0.113.7'],
    [' 203.0.113.7:2000\t', '203.0.113.7'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[fe80::1%eth0]:443', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
    ['[::ffff:203.0.113.7]:80', '::ffff:203.0.113.7'],
  ])('%j names %s', (item, address) => expect(addressIn(item)).toBe(address));

  it.each([
    ...['', ' ', 'unknown', '_hidden', 'localhost:80', '203.0.113.7:', '203.0.113.7:123456', '203.0.113.7:80:80'],
    ...['203.0.113', '0xcb007107', '3405803783', '0203.0.113.7:80', '203.0.113.7%eth0', '[203.0.113.7]:80'],
    ...[
      '[2001:db8::1',
      '2001:db8::1]',
      '[]',
      '[]:80',
      '[[::1]]',
      '[2001:db8::1]x',
      '"[2001:db8::1]"',
      'for=203.0.113.7',
    ],
  ])('%j names none', (item) => expect(addressIn(item)).toBeNull());

  it('names its address in every spelling of it', () => {
    const port = fc.oneof(
      fc.constant(''),
      fc.nat({ max: 65_535 }).map((number) => `:${number}`),
    );
    const around = fc.stringMatching(/^[ \t]{0,3}$/);
    fc.assert(
      fc.property(fc.ipV4(), port, around, (address, after, space) => {
        expect(addressIn(`${space}${address}${after}${space}`)).toBe(address);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.constantFrom('', '%eth0', '%1'), port, around, (address, zone, after, space) => {
        expect(addressIn(`${space}[${address}${zone}]${after}${space}`)).toBe(address);
        expect(addressIn(`${space}${address}${zone}${space}`)).toBe(address);
      }),
    );
  });

  it('names an address or none, whatever it is', () => {
    const piece = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('[', ']', ':', '%', ' ', 'unknown', '80', '::ffff:'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
        ),
        (item) => {
          const address = addressIn(item);
          expect(address === null || isIP(address) !== 0).toBe(true);
          expect(networkOf(address) === 'unknown').toBe(address === null);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

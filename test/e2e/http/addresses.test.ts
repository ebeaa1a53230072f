/** The address of a request, for counting and for the log. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asAnonymous } from '../../support/personas.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

const client = '198.51.100.1';
const other = '203.0.113.7';

describe.each<{ proxies: string; cases: [string, Record<string, string>, string | null][] }>([
  {
    proxies: '',
    cases: [
      ['is that of the connection', {}, '127.0.0.1'],
      ['is not what X-Forwarded-For says', { 'x-forwarded-for': client }, '127.0.0.1'],
      ['is not what a chain says', { 'x-forwarded-for': `${client}, 127.0.0.1` }, '127.0.0.1'],
      [
        'is not what other headers say',
        {
          forwarded: `for=${client}`,
          'x-real-ip': client,
          'x-client-ip': client,
          'cf-connecting-ip': client,
          'true-client-ip': client,
          'x-forwarded': client,
        },
        '127.0.0.1',
      ],
    ],
  },
  {
    proxies: '127.0.0.1',
    cases: [
      ['is that of the proxy where it says nothing', {}, '127.0.0.1'],
      ['is what the proxy says', { 'x-forwarded-for': client }, client],
      ['may be of IPv6', { 'x-forwarded-for': '2001:db8::1' }, '2001:db8::1'],
      ['is the rightmost that is no proxy', { 'x-forwarded-for': `${other}, ${client}` }, client],
      ['is not one that the client put before it', { 'x-forwarded-for': `127.0.0.1, ${client}` }, client],
      ['is not what other headers say', { forwarded: `for=${client}`, 'x-real-ip': client }, '127.0.0.1'],
      ['counts without its port', { 'x-forwarded-for': `${client}:61234` }, client],
      ['counts without its brackets and its port', { 'x-forwarded-for': '[2001:db8::1]:443' }, '2001:db8::1'],
      ['is none where the proxy names none', { 'x-forwarded-for': `${client}, unknown` }, null],
    ],
  },
  {
    proxies: `127.0.0.1, ${other}`,
    cases: [
      ['is the rightmost that is neither of the two', { 'x-forwarded-for': `10.0.0.1, ${client}, ${other}` }, client],
      ['is that of a proxy that itself asks', { 'x-forwarded-for': other }, other],
    ],
  },
  {
    proxies: other,
    cases: [['is not what a stranger says', { 'x-forwarded-for': `${client}, ${other}` }, '127.0.0.1']],
  },
])('with TRUSTED_PROXIES=$proxies, the address of a request', ({ proxies, cases }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ env: { TRUSTED_PROXIES: proxies } });
  });
  afterAll(() => server.close());

  it.each(cases)('%s', async (_, headers, address) => {
    const answer = await asAnonymous(server).ask('{ __typename }', {}, { headers });
    const id = answer.headers.get('x-request-id');
    const line = await vi.waitFor(() => {
      const found = server.logs().find(({ requestId, msg }) => requestId === id && msg === 'request');
      if (!found) throw new Error('not written yet');
      return found;
    });
    expect(line.ip).toBe(address);
  });
});

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { buildASTSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readTypeDefs } from '../../../../src/api/type-defs.ts';
import { renderExplorer } from '../../../../src/server/explorer/explorer.ts';
import { schemaScript, sessionBar, sessionScript } from '../../../../src/server/explorer/session-bar.ts';
import { welcome } from '../../../../src/server/explorer/welcome.ts';

describe('the explorer’s page', async () => {
  const config = {
    publicUrl: 'https://api.example.com',
    introspection: 'full',
    corsOrigins: ['https://studio.apollographql.com'],
  } as const;
  const page = await renderExplorer(config);
  const html = gunzipSync(page.gzipped).toString();

  it('asks nothing of another host', () => {
    const markup = html.replace(/<script>[\s\S]*?<\/script>/g, '').replace(/<style>[\s\S]*?<\/style>/g, '');
    expect(markup.match(/<script[^>]+src|<link[^>]+href="(?!data:)[^"]*"|@import/g)).toBeNull();
    expect(html.match(/@import[^;]*http/g)).toBeNull();
    expect(page.contentSecurityPolicy).toContain("default-src 'none'");
    expect(page.contentSecurityPolicy).toContain("connect-src 'self'");
  });

  it.each([
    ['full', 2],
    ['visible', 3],
  ] as const)('runs its own scripts and no others, where introspection is %s', async (introspection, count) => {
    const page = await renderExplorer({ ...config, introspection });
    const html = gunzipSync(page.gzipped).toString();
    const scripts = [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    expect(scripts).toHaveLength(count);
    const [allowed = ''] = /script-src [^;]*/.exec(page.contentSecurityPolicy) ?? [];
    for (const script of scripts) {
      expect(allowed).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    }
    expect(allowed).not.toContain('unsafe');
  });

  it('links Apollo Sandbox for this server', () => {
    expect(html).toContain(
      'href="https://studio.apollographql.com/sandbox/explorer?endpoint=https%3A%2F%2Fapi.example.com%2Fgraphql"',
    );
  });

  it('links none when the Sandbox may not call', async () => {
    const closed = await renderExplorer({ ...config, corsOrigins: [] });
    expect(gunzipSync(closed.gzipped).toString()).not.toContain('studio.apollographql.com');
  });

  it('is the same each time, and has a tag to tell it by', async () => {
    expect((await renderExplorer(config)).etag).toBe(page.etag);
    expect((await renderExplorer({ ...config, publicUrl: 'https://other.example.com' })).etag).not.toBe(page.etag);
  });
});

it('the address of the server cannot break out of the link', () => {
  expect(sessionBar('https://a/?b="><script>')).not.toContain('"><script>');
});

it('the operations that it begins with are valid', () => {
  expect(validate(buildASTSchema(readTypeDefs()), parse(welcome))).toEqual([]);
});

it.each([sessionScript, schemaScript])(
  'its script is one that a browser can parse, and cannot end its element',
  (script) => {
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toContain('</');
  },
);

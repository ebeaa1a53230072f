/** `GET /`: GraphiQL as one page that asks nothing of any other host. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../../config/config.ts';
import { sandboxOrigin } from '../../config/origins.ts';
import { schemaScript, sessionBar, sessionScript, sessionStyle } from './session-bar.ts';
import { welcome } from './welcome.ts';

export interface ExplorerPage {
  /** Compressed once, for every client that accepts gzip. */
  gzipped: Buffer;
  etag: string;
  contentSecurityPolicy: string;
}

type ExplorerConfig = Pick<Config, 'publicUrl' | 'introspection' | 'corsOrigins'>;

/** Makes the page at the first request, because it has nine megabytes. */
export function explorerRoute(fastify: FastifyInstance, config: ExplorerConfig): void {
  let page: Promise<ExplorerPage> | null = null;
  fastify.get('/', async (request, reply) => {
    page ??= renderExplorer(config);
    const { gzipped, etag, contentSecurityPolicy } = await page;
    reply.headers({
      'content-security-policy': contentSecurityPolicy,
      'cache-control': 'no-cache',
      etag,
      vary: 'accept-encoding',
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    reply.type('text/html; charset=utf-8');
    if (/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?![\d.]))/i.test(request.headers['accept-encoding'] ?? '')) {
      return reply.header('content-encoding', 'gzip').send(gzipped);
    }
    // Piece by piece, as fast as the client reads it.
    return reply.send(Readable.from([gzipped]).compose(createGunzip()));
  });
}

export async function renderExplorer(config: ExplorerConfig): Promise<ExplorerPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const graphiql = renderGraphiQL({
    title: 'Gatewright',
    logo: '<span></span>',
    endpoint: 'graphql',
    defaultQuery: welcome,
    shouldPersistHeaders: false,
  });
  const scripts = config.introspection === 'visible' ? [sessionScript, schemaScript] : [sessionScript];
  const session = [sessionBar(sandboxUrl(config)), ...scripts.map((script) => `<script>${script}</script>`)].join('');
  const html = graphiql
    .replaceAll('\r', '')
    .replace('</head>', () => `${viewport}<style>${sessionStyle}</style></head>`)
    .replace('<div id="root">', () => `${session}<div id="root">`);
  return {
    gzipped: await promisify(gzip)(html),
    etag: `"${digest(html, 'base64url')}"`,
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src ${inlineScripts(html)
        .map((script) => `'sha256-${digest(script, 'base64')}'`)
        .join(' ')}`,
      // The editor runs language services in workers, and sets styles while it runs.
      'worker-src blob:',
      "style-src 'unsafe-inline'",
      "img-src 'self' data:",
      'font-src data:',
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

/** Without it, phones use the width of a desktop page, and the text is too small to read. */
const viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">';

/** Null if this server would refuse requests of the Sandbox. */
function sandboxUrl({ publicUrl, corsOrigins }: ExplorerConfig): string | null {
  if (!corsOrigins.includes(sandboxOrigin)) return null;
  const url = new URL('/sandbox/explorer', sandboxOrigin);
  url.searchParams.set('endpoint', `${publicUrl}/graphql`);
  return url.href;
}

function inlineScripts(html: string): string[] {
  const scripts: string[] = [];
  for (let end = 0; ; ) {
    const start = html.indexOf('<script>', end);
    if (start < 0) return scripts;
    end = html.indexOf('</script>', start);
    scripts.push(html.slice(start + '<script>'.length, end));
  }
}

function digest(text: string, encoding: 'base64' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding);
}

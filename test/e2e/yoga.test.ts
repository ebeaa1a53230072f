/** The example of docs/library.md: the guard on another schema and under another server. */
import { createHandler } from 'graphql-http/lib/use/fetch';
import { createYoga } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { type Context, guardNewsroom } from '../../docs/examples/yoga/guard.ts';
import { createNewsroom } from '../../docs/examples/yoga/newsroom.ts';
import { createServer, useGuard } from '../../docs/examples/yoga/server.ts';
import { viewerOfToken } from '../../docs/examples/yoga/tokens.ts';

interface Answer {
  status: number;
  challenge: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was asked for
  data: any;
  /** Errors as `CODE path`. */
  errors: string[];
  text: string;
}

type Fetch = (url: string, init: RequestInit) => Response | Promise<Response>;

/** Asks over HTTP. The token is the name of the persona. */
async function ask(server: { fetch: Fetch }, persona: Persona, query: string): Promise<Answer> {
  const response = await server.fetch('http://newsroom.test/graphql', {
    method: 'POST',
    headers: headersOf(persona),
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const { data, errors = [] } = JSON.parse(text);
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    data,
    errors: errors.map((error: { extensions?: { code?: string }; path?: unknown[] }) =>
      [error.extensions?.code, error.path?.join('.')].join(' ').trim(),
    ),
    text,
  };
}

type Persona = 'anonymous' | 'ada' | 'ada-reading' | 'ben' | 'eve' | 'stranger';

function headersOf(persona: Persona): Record<string, string> {
  const json = { 'content-type': 'application/json' };
  return persona === 'anonymous' ? json : { ...json, authorization: `Bearer ${persona}-token` };
}

/** The same schema under servers with an executor of their own, or with the guard in another way. */
const servers: Record<string, () => { fetch: Fetch }> = {
  'GraphQL Yoga, executing through the guard': () => createServer(),
  'GraphQL Yoga with its own executor': () => {
    const { schema } = guardNewsroom(createNewsroom(), 'filter');
    return createYoga({ schema, context: ({ request }) => contextOf(request.headers.get('authorization')) });
  },
  'graphql-http, executing through the guard': () => {
    const guard = guardNewsroom(createNewsroom(), 'filter');
    const handle = createHandler({
      schema: guard.schema,
      execute: (args) => guard.execute(args),
      context: (request) => ({ ...contextOf(request.raw.headers.get('authorization')) }),
    });
    return { fetch: (url, init) => handle(new Request(url, init)) };
  },
};

function contextOf(authorization: string | null): Context {
  return { viewer: viewerOfToken(authorization?.replace('Bearer ', '') ?? '') };
}

describe.each(Object.entries(servers))('%s', (_, create) => {
  it('shows the front page to everyone, and notes and phone numbers only to those who may see them', async () => {
    const query = '{ articles { title body notes writer { name phone } } }';
    const anonymous = await ask(create(), 'anonymous', query);
    const shown = { title: 'Rain', body: 'It rains.', writer: { name: 'Ada', phone: null } };
    expect(anonymous.data).toEqual({ articles: [{ ...shown, notes: null }] });
    expect(anonymous.errors).toEqual(
      expect.arrayContaining(['UNAUTHENTICATED articles.@.notes', 'UNAUTHENTICATED articles.@.writer.phone']),
    );
    for (const persona of ['ada', 'eve'] as const) {
      const { data, errors } = await ask(create(), persona, query);
      const { articles } = data;
      expect([articles[0].notes, articles[0].writer.phone, errors]).toEqual(['Ask Tom.', '555-0101', []]);
    }
    expect((await ask(create(), 'ben', query)).errors).toEqual([
      'FORBIDDEN articles.0.notes',
      'FORBIDDEN articles.0.writer.phone',
    ]);
  });

  it('lets only the staff ask for drafts', async () => {
    const query = '{ articles(drafts: true) { title } }';
    expect((await ask(create(), 'ada', query)).data.articles).toHaveLength(2);
    const { data, errors } = await ask(create(), 'anonymous', query);
    expect([data, errors]).toEqual([null, ['UNAUTHENTICATED articles']]);
  });

  it('holds the guard of an interface and those of the types behind it', async () => {
    const query =
      '{ a1: content(id: "a1") { ...all } a2: content(id: "a2") { ...all } l1: content(id: "l1") { ...all } }';
    const all = `${query} fragment all on Content { title body ... on Letter { sender } }`;
    const a1 = { title: 'Rain', body: 'It rains.' };
    const a2 = { title: 'Snow', body: 'It may snow.' };
    const l1 = { title: 'Potholes', body: 'Mind the road.', sender: 'Tom, 4 Mill Lane' };
    expect((await ask(create(), 'eve', all)).data).toEqual({ a1, a2, l1 });
    const ben = await ask(create(), 'ben', all);
    expect([ben.data, ben.errors]).toEqual([{ a1, a2, l1: null }, ['FORBIDDEN l1.sender']]);
    const ada = await ask(create(), 'ada', all);
    expect(ada.data).toEqual({ a1, a2: { ...a2, body: null }, l1: null });
    const anonymous = await ask(create(), 'anonymous', '{ content(id: "l1") { title } }');
    expect([anonymous.data, anonymous.errors]).toEqual([{ content: null }, ['UNAUTHENTICATED content.title']]);
  });

  it('lets a writer change an article of their own, and an editor any', async () => {
    const change = (id: string) => `mutation { updateArticle(input: { id: "${id}", body: "New." }) { body } }`;
    for (const [persona, id] of [
      ['ada', 'a1'],
      ['ben', 'a2'],
      ['eve', 'a1'],
    ] as const) {
      expect((await ask(create(), persona, change(id))).data).toEqual({ updateArticle: { body: 'New.' } });
    }
    const server = create();
    for (const [persona, id] of [
      ['ada', 'a2'],
      ['ben', 'a1'],
      ['eve', 'none'],
    ] as const) {
      const expected = persona === 'eve' ? [] : ['FORBIDDEN updateArticle'];
      const { data, errors } = await ask(server, persona, change(id));
      expect([data, errors]).toEqual([{ updateArticle: null }, expected]);
    }
    expect((await ask(server, 'ada-reading', change('a1'))).errors).toEqual(['FORBIDDEN updateArticle']);
    expect((await ask(server, 'anonymous', change('a1'))).errors).toEqual(['UNAUTHENTICATED updateArticle']);
    const { data } = await ask(server, 'eve', '{ articles(drafts: true) { body } }');
    expect(data.articles.map(({ body }: { body: string }) => body)).toEqual(['It rains.', 'It may snow.']);
  });

  it('lets only an editor publish', async () => {
    const publish = 'mutation { updateArticle(input: { id: "a2", isPublished: true }) { isPublished } }';
    const server = create();
    const { data, errors } = await ask(server, 'ben', publish);
    expect([data, errors]).toEqual([{ updateArticle: null }, ['FORBIDDEN updateArticle']]);
    expect((await ask(server, 'eve', publish)).data).toEqual({ updateArticle: { isPublished: true } });
  });

  it('says who is signed in', async () => {
    expect((await ask(create(), 'ada', '{ me { name phone } }')).data).toEqual({
      me: { name: 'Ada', phone: '555-0101' },
    });
    expect((await ask(create(), 'anonymous', '{ me { name } }')).errors).toEqual(['UNAUTHENTICATED me']);
  });
});

describe('the example under GraphQL Yoga', () => {
  it('refuses a bad token, also on public fields', async () => {
    const { status, challenge, data, errors } = await ask(createServer(), 'stranger', '{ articles { title } }');
    expect([status, challenge, data, errors]).toEqual([
      401,
      'Bearer error="invalid_token"',
      undefined,
      ['UNAUTHENTICATED'],
    ]);
  });

  it('says what would have been enough', async () => {
    const { text } = await ask(createServer(), 'ben', '{ content(id: "l1") { ... on Letter { sender } } }');
    expect(JSON.parse(text).errors[0]).toMatchObject({
      message: 'Letter.sender requires role `EDITOR`.',
      extensions: { code: 'FORBIDDEN', requires: { scopes: [], roles: ['EDITOR'], policies: [] } },
    });
  });

  it('in mode reject, refuses the whole operation, with the status and the challenge', async () => {
    const server = createServer('reject');
    const query = '{ articles { title notes } }';
    const anonymous = await ask(server, 'anonymous', query);
    expect([anonymous.status, anonymous.challenge]).toEqual([401, 'Bearer error="insufficient_scope"']);
    expect(anonymous.text).not.toContain('"data"');
    const ben = await ask(server, 'ben', query);
    expect([ben.status, ben.data, ben.errors]).toEqual([403, undefined, ['FORBIDDEN articles.0.notes']]);
    expect((await ask(server, 'ada', query)).data).toEqual({ articles: [{ title: 'Rain', notes: 'Ask Tom.' }] });
    expect((await ask(server, 'ada', query)).status).toBe(200);
    const { status, challenge } = await subscribe(server, 'ada');
    expect([status, challenge]).toEqual([403, 'Bearer error="insufficient_scope", scope="newsroom:watch"']);
  });

  it('in mode report, serves what it would deny', async () => {
    const { data, errors } = await ask(createServer('report'), 'anonymous', '{ articles { notes } }');
    expect([data, errors]).toEqual([{ articles: [{ notes: 'Ask Tom.' }] }, []]);
  });

  it('masks what a resolver or a look-up of owners throws, and keeps denials beside it', async () => {
    const newsroom = createNewsroom();
    newsroom.resolvers.Article.writer = () => {
      throw new Error('the connection string');
    };
    newsroom.writersOf = async () => {
      throw new Error('the connection string');
    };
    const guard = guardNewsroom(newsroom, 'filter');
    const yoga = createYoga({
      schema: guard.schema,
      logging: false,
      plugins: [useGuard(guard)],
      context: ({ request }) => contextOf(request.headers.get('authorization')),
    });
    const query = '{ articles { notes } content(id: "a1") { ... on Article { writer { name } } } }';
    const { text, errors } = await ask(yoga, 'anonymous', query);
    expect(errors.sort()).toEqual(['INTERNAL_SERVER_ERROR content.writer', 'UNAUTHENTICATED articles.@.notes']);
    const change = await ask(yoga, 'ada', 'mutation { updateArticle(input: { id: "a1" }) { id } }');
    expect(change.errors).toEqual(['INTERNAL_SERVER_ERROR updateArticle']);
    expect(text + change.text).not.toContain('connection string');
  });

  it('sends changes to viewers who may watch, and to each what they may see', async () => {
    const server = createServer();
    const ben = await subscribe(server, 'ben');
    const eve = await subscribe(server, 'eve');
    await ask(server, 'eve', 'mutation { updateArticle(input: { id: "a1", notes: "New." }) { id } }');
    expect(await eve.next()).toEqual({ data: { articleChanged: { title: 'Rain', notes: 'New.' } } });
    const seen = await ben.next();
    expect(seen.data).toEqual({ articleChanged: { title: 'Rain', notes: null } });
    expect(seen.errors[0].extensions.code).toBe('FORBIDDEN');
    await Promise.all([ben.close(), eve.close()]);
  });

  it('sends nothing to a viewer who may not watch', async () => {
    for (const [persona, code] of [
      ['ada', 'FORBIDDEN'],
      ['anonymous', 'UNAUTHENTICATED'],
    ] as const) {
      const refused = await subscribe(createServer(), persona);
      expect((await refused.next()).errors[0].extensions.code).toBe(code);
      expect(await refused.next()).toBeNull();
    }
  });
});

/** Listens over SSE. `next` gives the next result, null at the end. */
async function subscribe(server: { fetch: Fetch }, persona: Persona) {
  const query = 'subscription { articleChanged { title notes } }';
  const response = await server.fetch('http://newsroom.test/graphql', {
    method: 'POST',
    headers: { ...headersOf(persona), accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  const next = async () => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        buffer += value;
        continue;
      }
      const message = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      const data = /^data: (.+)$/m.exec(message)?.[1];
      if (data) return JSON.parse(data);
    }
  };
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    next,
    close: () => reader.cancel(),
  };
}

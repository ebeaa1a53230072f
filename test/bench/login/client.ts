/** The clients: GraphQL over kept-alive HTTP connections, with as little work as possible. */
import { Agent, request } from 'node:http';

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
  /** From the call to the last byte. */
  readonly milliseconds: number;
}

export interface Client {
  /** @throws Error if there is no answer within half a minute. */
  send(body: string, token?: string): Promise<Reply>;
  close(): void;
}

const patience = 30_000;

/** With as many connections as there are requests at once. */
export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });
  return {
    send: (body, token) =>
      new Promise((resolve, reject) => {
        const started = performance.now();
        const sent = request(`${url}/graphql`, {
          agent,
          method: 'POST',
          timeout: patience,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            accept: 'application/graphql-response+json',
            ...(token && { authorization: `Bearer ${token}` }),
          },
        });
        sent.once('error', reject);
        sent.once('timeout', () => sent.destroy(new Error(`No answer within ${patience / 1000} s.`)));
        sent.once('response', (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (more: string) => {
            text += more;
          });
          response.once('error', reject);
          response.once('end', () => {
            const { statusCode: status = 0, headers } = response;
            resolve({ status, retryAfter: headers['retry-after'], text, milliseconds: performance.now() - started });
          });
        });
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

export function body(query: string, variables: Record<string, unknown> = {}): string {
  return JSON.stringify({ query, variables });
}

/** @throws Error with the answer, if it has errors. */
export function dataOf<Data>({ status, text }: Reply): Data {
  const { data, errors } = parse(text) as { data?: Data | null; errors?: unknown };
  if (status !== 200 || data == null || errors !== undefined) throw wrong('data', { status, text });
  return data;
}

/** By status: for refused password hashes, and for requests without a place. */
export const refusalCodes: Readonly<Record<number, string>> = { 429: 'TOO_MANY_REQUESTS', 503: 'SERVICE_UNAVAILABLE' };

/** @throws Error unless it is a refusal with its status, its code, and Retry-After. */
export function checkRefusal({ status, retryAfter, text }: Reply): void {
  const { errors } = parse(text) as { errors?: { extensions?: { code?: unknown } }[] };
  const code = refusalCodes[status];
  const isPromised =
    code !== undefined && errors?.[0]?.extensions?.code === code && /^[1-9]\d*$/.test(retryAfter ?? '');
  if (!isPromised) throw wrong('a refusal with Retry-After', { status, text });
}

export function wrong(expected: string, { status, text }: Pick<Reply, 'status' | 'text'>): Error {
  return new Error(`a wrong answer, not ${expected}: ${status} ${text.slice(0, 300)}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Rotates keys while two servers on one database answer requests. No good token is ever refused. */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createServerDatabase } from '../support/database.ts';
import { asAnonymous, asUser } from '../support/personas.ts';
import { graphql, type SpawnedServer, spawnServer } from '../support/server.ts';
import { runTool } from '../support/tool.ts';
import { RefreshDocument } from './documents/graphql.ts';

const me = '{ me { username } }';
const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

describe.runIf(inject('server'))('rotating keys under load', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-rotation-'));
  let database: Awaited<ReturnType<typeof createServerDatabase>>;
  let env: Record<string, string>;
  let nodes: SpawnedServer[];
  beforeAll(async () => {
    database = await createServerDatabase();
    env = {
      DATABASE_URL: database.url,
      JWT_SECRET: randomBytes(32).toString('base64'),
      PUBLIC_URL: 'http://gatewright.test',
    };
    nodes = await Promise.all([spawnServer(env), spawnServer(env)]);
  });
  afterAll(async () => {
    await Promise.all(nodes?.map((node) => node.end()) ?? []);
    await database.drop();
    rmSync(cwd, { recursive: true });
  });

  const node = (turn: number): SpawnedServer => nodes[turn % nodes.length] as SpawnedServer;
  const keys = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runTool('keys', args, { cwd, env });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  };
  /** An unknown kid makes a server read its keys again, unless it did so within the last second. */
  const tell = ({ url }: SpawnedServer) => {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: randomBytes(32).toString('base64url') };
    return graphql(url, me, {}, { token: `${Buffer.from(JSON.stringify(header)).toString('base64url')}.e30.AAAA` });
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) {
      await Promise.all(nodes.map(tell));
      await wait(100);
    }
  };
  const published = async ({ url }: SpawnedServer): Promise<string[]> => {
    const response = await fetch(`${url}/.well-known/jwks.json`);
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };

  it('serves every good token on both servers; a retired key’s are refused on both', { timeout: 120_000 }, async () => {
    const first = await asUser(node(0));
    const firstKid = kidOf(first.session.accessToken);
    const seen = new Set<string>();
    const failures: unknown[] = [];
    let isDone = false;
    let served = 0;

    /** Asks both servers with the newest token and the one before it. Trades for another token now and then. */
    const client = async (): Promise<void> => {
      const user = await asUser(node(1));
      let { accessToken, refreshToken } = user.session;
      let former = accessToken;
      for (let turn = 0; !isDone; turn++) {
        for (const token of [accessToken, former]) {
          const { status, data, errors } = await graphql(node(turn).url, me, {}, { token });
          if (status === 200 && data?.me.username === user.username) served++;
          else failures.push({ status, errors, kid: kidOf(token) });
        }
        if (turn % 5 !== 0) continue;
        const { data } = await asAnonymous(node(turn + 1)).ask(RefreshDocument, { input: { refreshToken } });
        former = accessToken;
        ({ accessToken, refreshToken } = data!.refresh.session!);
        seen.add(kidOf(accessToken));
      }
    };
    const clients = Promise.all([client(), client(), client()]);

    for (let round = 0; round < 2; round++) {
      const made = /made ([\w-]{43})/.exec(await keys('rotate', '--in', '3s'))?.[1] as string;
      await until(async () => (await Promise.all(nodes.map(published))).every((kids) => kids.includes(made)));
      await until(async () => seen.has(made));
    }
    const { status, data } = await graphql(node(1).url, me, {}, { token: first.session.accessToken });
    expect([status, data?.me.username]).toEqual([200, first.username]);
    isDone = true;
    await clients;
    expect(failures).toEqual([]);
    expect(served).toBeGreaterThan(50);
    expect(seen.size).toBe(3);

    await keys('retire', firstKid);
    await until(async () => {
      const answers = await Promise.all(
        nodes.map(({ url }) => graphql(url, me, {}, { token: first.session.accessToken })),
      );
      return answers.every((answer) => answer.status === 401);
    });
  });
});

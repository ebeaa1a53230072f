import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSessionView } from '../../../../src/authentication/sessions/session-view.ts';
import { viewerOf } from '../../../../src/authentication/tokens/bearer.ts';
import type { Database } from '../../../../src/database/database.ts';
import { newId } from '../../../../src/database/ids.ts';
import { InvalidTokenError } from '../../../../src/errors.ts';
import type { Viewer } from '../../../../src/users/viewer.ts';
import { testDatabases } from '../../../support/database.ts';
import { createWorld, type World } from '../world.ts';

describe.each(testDatabases())('an Authorization header on $name', ({ open }) => {
  let database: Database;
  let world: World;
  let token: string;
  let ada: Viewer;

  beforeAll(async () => {
    database = await open();
    world = await createWorld(database);
    const session = await world.register('ada');
    token = session.accessToken;
    ada = (await world.viewer(session)) as Viewer;
  });
  afterAll(() => database.close());

  const ask = (authorization: string | string[] | undefined): Promise<Viewer | null> =>
    viewerOf(authorization, world.authentication, world.now());

  it('that is missing leaves the viewer anonymous', async () => {
    expect(await ask(undefined)).toBeNull();
  });

  it.each([
    ['Bearer', (good: string) => `Bearer ${good}`],
    ['bearer in small letters', (good: string) => `bearer ${good}`],
    ['BEARER in capitals', (good: string) => `BEARER ${good}`],
    ['several spaces', (good: string) => `Bearer   ${good}`],
    ['a list of one', (good: string) => [`Bearer ${good}`]],
  ])('with %s and a good token names the viewer', async (_what, header) => {
    expect(await ask(header(token))).toEqual(ada);
  });

  it.each([
    ['empty', () => ''],
    ['an empty list', () => []],
    ['the scheme alone', () => 'Bearer'],
    ['the scheme and a space', () => 'Bearer '],
    ['the token alone', (good: string) => good],
    ['another scheme', (good: string) => `Basic ${good}`],
    ['a scheme that only ends right', (good: string) => `XBearer ${good}`],
    ['no space', (good: string) => `Bearer${good}`],
    ['a tab', (good: string) => `Bearer\t${good}`],
    ['a space before', (good: string) => ` Bearer ${good}`],
    ['a space after', (good: string) => `Bearer ${good} `],
    ['two tokens', (good: string) => `Bearer ${good} ${good}`],
    ['two tokens and a comma', (good: string) => `Bearer ${good}, Bearer ${good}`],
    ['two headers', (good: string) => [`Bearer ${good}`, `Bearer ${good}`]],
    ['a good header and an empty one', (good: string) => [`Bearer ${good}`, '']],
    ['the token in quotes', (good: string) => `Bearer "${good}"`],
    ['a line break', (good: string) => `Bearer ${good}\n`],
    ['a NUL', (good: string) => `Bearer ${good}\0`],
    ['a token that is none', () => 'Bearer null'],
    ['an endless token', () => `Bearer ${'x'.repeat(10_000_000)}`],
    ['a padded token', (good: string) => `Bearer ${good}=`],
    ['a refresh token', () => `Bearer gwr_${'A'.repeat(43)}`],
  ])('is refused when it is %s', async (_what, header) => {
    await expect(ask(header(token))).rejects.toThrow(new InvalidTokenError());
  });

  it('is refused when its session does not exist', async () => {
    const forSession = async (sessionId: string): Promise<string> => {
      const claims = { userId: ada.id, sessionId, role: 'USER', scopes: [] } as const;
      return `Bearer ${(await world.authentication.accessTokens.issue(claims, world.now())).token}`;
    };
    await expect(ask(await forSession(newId()))).rejects.toThrow(new InvalidTokenError());
    expect(await ask(await forSession(ada.sessionId))).toMatchObject({ id: ada.id });
  });

  it('answers a fault of the database with a fault, neither with a viewer nor with a refusal', async () => {
    const broken = database.fork();
    broken.getKysely = () => {
      throw new Error('connection lost');
    };
    const sessions = await createSessionView({ fork: () => broken, subscribe: database.subscribe });
    const { accessTokens } = world.authentication;
    const attempt = viewerOf(`Bearer ${token}`, { accessTokens, sessions }, world.now());
    await expect(attempt).rejects.toThrow('connection lost');
  });
});

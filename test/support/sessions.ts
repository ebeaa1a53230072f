/** Checks what sessions are worth to their clients. */
import { expect } from 'vitest';
import { RefreshDocument, type RefreshMutation } from '../e2e/documents/graphql.ts';
import { asAnonymous, type SignedIn } from './personas.ts';

interface At {
  readonly url: string;
}

/** Trades their refresh token, as a client does: without an access token. */
export async function refresh(at: At, { session }: Pick<SignedIn, 'session'>): Promise<RefreshMutation['refresh']> {
  const input = { refreshToken: session.refreshToken };
  const { data, errors } = await asAnonymous(at).ask(RefreshDocument, { input });
  if (!data) throw new Error(`Nothing was answered: ${JSON.stringify(errors)}`);
  return data.refresh;
}

/** Expects that both of their tokens are refused. */
export async function expectEnded(at: At, ...viewers: SignedIn[]): Promise<void> {
  for (const viewer of viewers) {
    const { status, data, codes, headers } = await viewer.ask('{ me { id } }');
    expect({ status, data, codes }).toEqual({ status: 401, data: undefined, codes: ['UNAUTHENTICATED'] });
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(await refresh(at, viewer)).toMatchObject({ session: null, errors: [{ code: 'INVALID_REFRESH_TOKEN' }] });
  }
}

/** Expects that both of their tokens are good. */
export async function expectLive(at: At, ...viewers: SignedIn[]): Promise<void> {
  for (const viewer of viewers) {
    const { data, codes } = await viewer.ask('{ me { id } }');
    expect({ data, codes }).toEqual({ data: { me: { id: viewer.userId } }, codes: [] });
    expect((await refresh(at, viewer)).errors).toEqual([]);
  }
}

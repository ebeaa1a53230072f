/**
 * Apollo Client, set up for Gatewright. It sends the access token with each operation. When the token is no longer
 * good, it trades the refresh token once for all operations under way, and asks again.
 *
 *     const { client, signIn } = createClient('http://localhost:4000');
 *     await signIn('ada', 'a long walk on the beach');
 *     const { data } = await client.query({ query: TasksDocument, variables: { first: 10 } });
 */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { ErrorLink } from '@apollo/client/link/error';
import { relayStylePagination } from '@apollo/client/utilities';
import { from, switchMap, throwError } from 'rxjs';
import {
  LoginDocument,
  LogoutDocument,
  RefreshDocument,
  RegisterDocument,
  type RegisterInput,
  type RegisterMutation,
} from './documents/graphql.ts';

type Session = NonNullable<RegisterMutation['register']['session']>;
type Payload = RegisterMutation['register'];

/** The faults that the server reports in an input. */
export class InputFaults extends Error {
  readonly faults: Payload['errors'];

  constructor(faults: Payload['errors']) {
    super(faults.map(({ message }) => message).join(' '));
    this.faults = faults;
  }
}

/** @param fetch sends requests. Default: the platform's own. */
export function createClient(url: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  let session: Session | null = null;
  let refreshing: Promise<Session | null> | null = null;

  const http = new HttpLink({ uri: `${url}/graphql`, fetch });

  /** For signing in and refreshing. Sends no Authorization header, and caches nothing. */
  const plain = new ApolloClient({
    link: http,
    cache: new InMemoryCache(),
    defaultOptions: { mutate: { fetchPolicy: 'no-cache' } },
  });

  const authorization = new ApolloLink((operation, forward) => {
    const token = session?.accessToken;
    operation.setContext(({ headers }) => ({ token, headers: token ? authorize(headers, token) : headers }));
    return forward(operation);
  });

  // Asks again only once: an error of the second request does not come here.
  const renewal = new ErrorLink(({ error, operation, forward }) => {
    const { token } = operation.getContext();
    if (!token || !isUnauthenticated(error)) return;
    // Another operation may have brought a new token in the meantime.
    const current = session && session.accessToken !== token ? Promise.resolve(session) : refreshOnce();
    return from(current).pipe(switchMap((renewed) => (renewed ? forward(operation) : throwError(() => error))));
  });

  const client = new ApolloClient({
    link: ApolloLink.from([renewal, authorization, http]),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { tasks: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  });

  function refreshOnce(): Promise<Session | null> {
    refreshing ??= refresh().finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  /** Null, and signed out, if the refresh token is refused. */
  async function refresh(): Promise<Session | null> {
    if (!session) return null;
    const { refreshToken } = session;
    const { data } = await plain.mutate({ mutation: RefreshDocument, variables: { input: { refreshToken } } });
    session = data?.refresh.session ?? null;
    return session;
  }

  /** Clears the cache, so that the new user sees nothing of another. */
  async function keep(payload: Payload | undefined): Promise<Session> {
    if (!payload?.session) throw new InputFaults(payload?.errors ?? []);
    session = payload.session;
    await client.clearStore();
    return payload.session;
  }

  return {
    client,
    /** The present session; null if nobody is signed in. */
    session: () => session,
    /** @throws InputFaults */
    register: async (input: RegisterInput): Promise<Session> => {
      const { data } = await plain.mutate({ mutation: RegisterDocument, variables: { input } });
      return await keep(data?.register);
    },
    /** @throws InputFaults */
    signIn: async (identifier: string, password: string): Promise<Session> => {
      const { data } = await plain.mutate({ mutation: LoginDocument, variables: { input: { identifier, password } } });
      return await keep(data?.login);
    },
    /** Ends the session on the server if it can be reached. In any case it forgets the tokens and the cache. */
    signOut: async (): Promise<void> => {
      try {
        await client.mutate({ mutation: LogoutDocument });
      } finally {
        session = null;
        await client.clearStore();
      }
    },
  };
}

function authorize(headers: Record<string, string> | undefined, token: string): Record<string, string> {
  return { ...headers, authorization: `Bearer ${token}` };
}

/** Whether the token of an operation was refused. A missing right would be FORBIDDEN. */
function isUnauthenticated(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')
  );
}

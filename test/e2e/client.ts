/**
 * Apollo Client, set up for Gatewright: it sends the access token with each operation, and when the token is no
 * longer good, trades the refresh token for a new pair, once for all operations under way, and asks again.
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

/** What the server said is wrong with the input. */
export class InputFaults extends Error {
  readonly faults: Payload['errors'];

  constructor(faults: Payload['errors']) {
    super(faults.map(({ message }) => message).join(' '));
    this.faults = faults;
  }
}

/** @param fetch what sends requests: the platform's own, if left out. */
export function createClient(url: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  let session: Session | null = null;
  let refreshing: Promise<Session | null> | null = null;

  const http = new HttpLink({ uri: `${url}/graphql`, fetch });

  /** For signing in and refreshing: sends no Authorization header, keeps nothing. */
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

  // Asks again once: what goes wrong then does not come by here.
  const renewal = new ErrorLink(({ error, operation, forward }) => {
    const { token } = operation.getContext();
    if (!token || !isUnauthenticated(error)) return;
    // Another operation may have brought a new token while this one was under way.
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

  /** Null, and signed out, if the refresh token is worth nothing any more. */
  async function refresh(): Promise<Session | null> {
    if (!session) return null;
    const { refreshToken } = session;
    const { data } = await plain.mutate({ mutation: RefreshDocument, variables: { input: { refreshToken } } });
    session = data?.refresh.session ?? null;
    return session;
  }

  /** Whoever signs in sees nothing that another has read. */
  async function keep(payload: Payload | undefined): Promise<Session> {
    if (!payload?.session) throw new InputFaults(payload?.errors ?? []);
    session = payload.session;
    await client.clearStore();
    return payload.session;
  }

  return {
    client,
    /** The session in use; null if nobody is signed in. */
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
    /** Ends the session on the server if it can be told, and forgets the tokens and all that was read, whatever it says. */
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

/** Of an operation that was sent with a token it says that the token is not good; else it would be FORBIDDEN. */
function isUnauthenticated(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')
  );
}

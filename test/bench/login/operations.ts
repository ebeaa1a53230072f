/** The questions of the clients, and checks of the answers. */
import { body, dataOf, type Reply, wrong } from './client.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly userId: string;
}

/** The payload of `register`, `login` and `refresh`. */
interface Payload {
  readonly session: Tokens | null;
  readonly errors: readonly { readonly code: string }[];
}

const session = '{ session { accessToken refreshToken userId } errors { code } }';

export function registration(username: string, email: string, password: string): string {
  const input = { username, email, password };
  return body(`mutation Register($input: RegisterInput!) { payload: register(input: $input) ${session} }`, { input });
}

export function signIn(identifier: string, password: string): string {
  const input = { identifier, password };
  return body(`mutation Login($input: LoginInput!) { payload: login(input: $input) ${session} }`, { input });
}

export function refreshing(refreshToken: string): string {
  const input = { refreshToken };
  return body(`mutation Refresh($input: RefreshInput!) { payload: refresh(input: $input) ${session} }`, { input });
}

/** @throws Error unless it signed an account in. */
export function sessionOf(reply: Reply): Tokens {
  const { payload } = dataOf<{ payload: Payload }>(reply);
  return payload.session ?? fail('a session', reply);
}

/** @throws Error unless it refused the credentials. */
export function checkInvalidCredentials(reply: Reply): void {
  const { payload } = dataOf<{ payload: Payload }>(reply);
  const codes = payload.errors.map(({ code }) => code).join();
  if (payload.session !== null || codes !== 'INVALID_CREDENTIALS') fail('INVALID_CREDENTIALS', reply);
}

export const reading = body('query Read { tasks(first: 20) { nodes { id title owner { username } } } }');

/** @throws Error unless it is 20 tasks of that owner. */
export function checkReading(reply: Reply, username: string): void {
  const { nodes } = dataOf<{ tasks: { nodes: { id: string; title: string; owner: { username: string } }[] } }>(
    reply,
  ).tasks;
  const ids = new Set(nodes.map(({ id }) => id));
  const isRight = ids.size === 20 && nodes.every(({ title, owner }) => title !== '' && owner.username === username);
  if (!isRight) fail(`20 tasks of ${username}`, reply);
}

export function newTask(title: string): string {
  const input = { title };
  return body('mutation Task($input: CreateTaskInput!) { payload: createTask(input: $input) { errors { code } } }', {
    input,
  });
}

export function closing(userId: string): string {
  const input = { userId, isActive: false };
  return body(
    'mutation Close($input: SetUserActiveInput!) { payload: setUserActive(input: $input) { errors { code } } }',
    {
      input,
    },
  );
}

/** @throws Error if there are errors in the payload. */
export function checkDone(reply: Reply): void {
  if (dataOf<{ payload: Pick<Payload, 'errors'> }>(reply).payload.errors.length > 0) fail('a change', reply);
}

function fail(expected: string, reply: Reply): never {
  throw wrong(expected, reply);
}

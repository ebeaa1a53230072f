/** The same four personas for every suite. Each signs in over HTTP, as a client would. */
import { randomBytes } from 'node:crypto';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { DocumentNode } from 'graphql';
import {
  CreateTaskDocument,
  type CreateTaskInput,
  LoginDocument,
  RegisterDocument,
  type RegisterMutation,
} from '../e2e/documents/graphql.ts';
import { type Answer, type AskOptions, administrator, graphql } from './server.ts';

export type AuthSession = NonNullable<RegisterMutation['register']['session']>;

export interface Persona {
  /** Sends an operation as this persona. `token` in the options replaces theirs; null sends none. */
  // biome-ignore lint/suspicious/noExplicitAny: an untyped query's data is what the test says it is.
  ask<Data = any, Variables = Record<string, unknown>>(
    query: string | DocumentNode | TypedDocumentNode<Data, Variables>,
    variables?: Variables,
    options?: AskOptions,
  ): Promise<Answer<Data>>;
}

export interface SignedIn extends Persona {
  readonly username: string;
  readonly password: string;
  /** The account's global id. */
  readonly userId: string;
  readonly session: AuthSession;
}

export interface Owner extends SignedIn {
  /** The global id of a task of theirs. */
  readonly taskId: string;
}

interface At {
  readonly url: string;
}

/** A stranger, without a token. */
export function asAnonymous({ url }: At): Persona {
  return { ask: (query, variables, options) => graphql(url, query, variables, options) };
}

/** A new account of role USER. `username`: default random. */
export async function asUser(at: At, { username = randomName() }: { username?: string } = {}): Promise<SignedIn> {
  const password = randomBytes(12).toString('base64url');
  const input = { username, email: `${username}@example.com`, password };
  const { data, errors } = await asAnonymous(at).ask(RegisterDocument, { input });
  return signedIn(at, { username, password, session: data?.register.session, problem: [errors, data] });
}

/** A new account of role USER that has a task. */
export async function asOwner(at: At, task: Partial<CreateTaskInput> = {}): Promise<Owner> {
  const user = await asUser(at);
  const input = { title: 'A task of mine', notes: 'For my eyes only', ...task };
  const { data, errors } = await user.ask(CreateTaskDocument, { input });
  const taskId = data?.createTask.task?.id;
  if (!taskId) throw new Error(`The task was not made: ${JSON.stringify([errors, data])}`);
  return { ...user, taskId };
}

/** The administrator that the server created at its start. */
export async function asAdmin(at: At): Promise<SignedIn> {
  const { username, password } = administrator;
  return await signIn(at, { username, password });
}

/** Signs in to an existing account. `scopes` narrows the session; `headers` are sent with this one request. */
export async function signIn(
  at: At,
  {
    username,
    password,
    scopes,
    headers = {},
  }: { username: string; password: string; scopes?: string[]; headers?: Record<string, string> },
): Promise<SignedIn> {
  const input = { identifier: username, password, ...(scopes && { scopes }) };
  const { data, errors } = await asAnonymous(at).ask(LoginDocument, { input }, { headers });
  return signedIn(at, { username, password, session: data?.login.session, problem: [errors, data] });
}

function signedIn(
  { url }: At,
  {
    username,
    password,
    session,
    problem,
  }: { username: string; password: string; session: AuthSession | null | undefined; problem: unknown },
): SignedIn {
  if (!session) throw new Error(`${username} was not signed in: ${JSON.stringify(problem)}`);
  return {
    username,
    password,
    userId: session.userId,
    session,
    ask: (query, variables, options) => graphql(url, query, variables, { token: session.accessToken, ...options }),
  };
}

function randomName(): string {
  return `u${randomBytes(6).toString('hex')}`;
}

/** The schema and resolvers that several peers share. Each peer adds its own guards. */

import type DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import { createTask, findTask, listTasks, type TaskInput, type TaskRow, type UserRow } from './rows.ts';
import type { Viewer } from './viewer.ts';

export interface Context {
  readonly viewer: Viewer | null;
  readonly users: DataLoader<string, UserRow>;
}

/** Guards as directives, by their place. Default: none. */
export interface Guards {
  readonly me?: string;
  readonly read?: string;
  readonly write?: string;
  readonly notes?: string;
  readonly isActive?: string;
}

export function typeDefs({ me = '', read = '', write = '', notes = '', isActive = '' }: Guards = {}): string {
  return `
    scalar DateTime
    type Query {
      me: User ${me}
      task(id: ID!): Task ${read}
      tasks(first: Int!, everyone: Boolean): [Task!] ${read}
    }
    type Mutation {
      createTask(input: CreateTaskInput!): Task ${write}
    }
    input CreateTaskInput { title: String!, description: String }
    type Task {
      id: ID!
      title: String!
      description: String
      notes: String ${notes}
      status: String!
      priority: String!
      version: Int!
      dueAt: DateTime
      createdAt: DateTime!
      updatedAt: DateTime!
      owner: User!
    }
    type User {
      id: ID!
      username: String!
      displayName: String!
      role: String!
      isActive: Boolean ${isActive}
    }
  `;
}

export const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => (value as Date).toISOString(),
});

/** For servers whose own guards run before: `viewer` is never null. */
export const resolvers = {
  DateTime,
  Query: {
    me: (_: unknown, _args: unknown, { viewer, users }: Context) => users.load((viewer as Viewer).id),
    task: (_: unknown, { id }: { id: string }, { viewer }: Context) => findTask((viewer as Viewer).id, id),
    tasks: (_: unknown, { first, everyone }: { first: number; everyone?: boolean | null }, { viewer }: Context) =>
      listTasks(everyone && mayReadAll(viewer) ? null : (viewer as Viewer).id, first),
  },
  Mutation: {
    createTask: (_: unknown, { input }: { input: TaskInput }, { viewer }: Context) =>
      createTask((viewer as Viewer).id, input),
  },
  Task: {
    owner: ({ ownerId }: TaskRow, _args: unknown, { users }: Context) => users.load(ownerId),
  },
};

function mayReadAll(viewer: Viewer | null): boolean {
  return viewer?.scopes.includes('task:read:any') ?? false;
}

/** The schema and the query that all contestants share. */
import { type Task, tasks } from './rows.ts';

export const query = `query ($rows: Int!) {
  tasks(rows: $rows) {
    id title description notes status version priority dueAt createdAt updatedAt
    owner { id username }
  }
}`;

/** Directives, by their place. */
interface Guards {
  /** On `Query.tasks`. */
  tasks?: string;
  /** On the type `Task`. */
  Task?: string;
  id?: string;
  /** On each field of `Task` but the id. */
  field?: string;
  /** On `Task.notes`, in addition. */
  notes?: string;
  /** On the type `User`. */
  User?: string;
}

/** Fields may be null, so that a denial nulls nothing else. */
export function typeDefs({ tasks = '', Task = '', id = '', field = '', notes = '', User = '' }: Guards = {}): string {
  return `
    type Query {
      tasks(rows: Int!): [Task!]! ${tasks}
    }
    type Task ${Task} {
      id: ID ${id}
      title: String ${field}
      description: String ${field}
      notes: String ${field} ${notes}
      status: Status ${field}
      version: Int ${field}
      priority: Priority ${field}
      dueAt: String ${field}
      createdAt: String ${field}
      updatedAt: String ${field}
      owner: User ${field}
    }
    type User ${User} {
      id: ID
      username: String
    }
    enum Status {
      TODO
      IN_PROGRESS
      DONE
    }
    enum Priority {
      LOW
      NORMAL
      HIGH
      URGENT
    }
  `;
}

/** Rows come later, as from a database. */
export const resolvers = {
  Query: {
    tasks: async (_parent: unknown, args: { rows: number }): Promise<Task[]> => tasks(args.rows),
  },
};

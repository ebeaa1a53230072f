/** Every noun, one line each. Ids, `node`, the schema, its guards, code generation and MikroORM read it. */
import { events } from '../audit/events.noun.ts';
import { sessions } from '../authentication/sessions/sessions.noun.ts';
import { signIn } from '../authentication/sign-in/sign-in.noun.ts';
import type { Noun } from '../graphql/noun.ts';
import { tasks } from '../tasks/tasks.noun.ts';
import { users } from '../users/users.noun.ts';

export const nouns: readonly Noun[] = distinct([users, sessions, signIn, tasks, events]);

/** @throws Error if two nouns share a name or an id prefix, because ids of one would be taken for the other's. */
export function distinct(all: readonly Noun[]): readonly Noun[] {
  for (const key of ['name', 'idPrefix'] as const) {
    const seen = new Map<string, string>();
    for (const noun of all) {
      const value = noun[key];
      if (value === undefined) continue;
      const other = seen.get(value);
      if (other) throw new Error(`${other} and ${noun.name} have the ${key} "${value}". Give one of them another.`);
      seen.set(value, noun.name);
    }
  }
  return all;
}

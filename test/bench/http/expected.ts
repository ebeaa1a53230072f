/** The right answers, read from the database in plain SQL. */
import type { Client } from 'pg';
import type { Answer, AnsweredTask, Subject, WorkloadName } from './contestant.ts';

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const select = `select json_build_object('id', t.id, 'title', t.title, 'description', t.description, 'notes', t.notes,
    'status', t.status, 'priority', t.priority, 'version', t.version, 'dueAt', ${iso('t.due_at')},
    'createdAt', ${iso('t.created_at')}, 'updatedAt', ${iso('t.updated_at')},
    'owner', json_build_object('id', u.id, 'username', u.username, 'displayName', u.display_name)) as task
  from tasks t join users u on u.id = t.owner_id`;
const newest = 'order by t.created_at desc, t.id desc';

/** Null for a workload whose answer is new each time. */
export async function expectedAnswer(client: Client, workload: WorkloadName, subject: Subject): Promise<Answer | null> {
  const tasks = async (rest: string, values: unknown[] = []): Promise<AnsweredTask[]> =>
    (await client.query<{ task: AnsweredTask }>(`${select} ${rest}`, values)).rows.map(({ task }) => task);
  switch (workload) {
    case 'my tasks':
      return { kind: 'tasks', tasks: await tasks(`where t.owner_id = $1 ${newest} limit 50`, [subject.userId]) };
    case 'one task':
      return { kind: 'tasks', tasks: await tasks('where t.id = $1', [subject.taskId]) };
    case "everyone's tasks":
      return { kind: 'tasks', tasks: (await tasks(`${newest} limit 50`)).map((task) => ({ ...task, notes: null })) };
    case 'me': {
      const { rows } = await client.query(
        `select id, username, display_name as "displayName", role from users where id = $1`,
        [subject.userId],
      );
      return { kind: 'account', ...(rows[0] as Omit<Extract<Answer, { kind: 'account' }>, 'kind'>) };
    }
    case 'a denied field': {
      const own = await tasks(`where t.owner_id = $1 ${newest} limit 20`, [subject.userId]);
      return { kind: 'denied field', tasks: own.map(({ id, title }) => ({ id, title })), withheld: own.length };
    }
    case 'anonymous':
      return { kind: 'refused' };
    case 'create a task':
      return null;
  }
}

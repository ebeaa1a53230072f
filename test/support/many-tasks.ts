/** Many tasks, created by SQL in the database, for tests of plans and for the benchmark of growth. */

export interface ManyTasks {
  /** The number of all tasks. At least 2,000. */
  readonly tasks: number;
  /** The number of further accounts: `person1` and so on. */
  readonly others: number;
  /** How many of those, the first ones, own the remaining tasks. Default: all. */
  readonly sharing?: number;
  /** UUIDs of existing accounts. */
  readonly owners: {
    /** Has 500 tasks, or a tenth if that is less, spread over all the time, however many others there are. */
    readonly reader: string;
    /** Has a tenth of all, spread over all the time. */
    readonly heavy: string;
    /** Has nearly the oldest twentieth of all, and nothing since. */
    readonly former: string;
  };
}

/**
 * Words of the made-up tasks, for filters by text. `rare`: five tasks of the reader and five of `heavy`, each followed
 * by its number. `common`: every tenth task.
 */
export const words = { rare: 'zeppelin', common: 'quarterly' };

/**
 * The statements, in order. The table holds tasks in the order of their creation, over two years to now. One in a
 * hundred is still open, all among the newest fiftieth. One in two hundred is URGENT.
 */
export function manyTasks({ tasks, others, sharing = others, owners }: ManyTasks): string[] {
  const { reader, heavy, former } = owners;
  const readers = Math.max(10, Math.floor(tasks / 500));
  return [
    `insert into users (id, username, username_key, email, email_key, display_name, password_hash, role, is_active,
        sessions_valid_from, created_at, updated_at)
      select ${idOf('made', 'number')}, name, name, name || '@example.com', name || '@example.com', 'Person ' || number,
        'none', (case when number % 100 = 7 then 'ADMIN' else 'USER' end)::user_role, number % 50 > 0, made, made, made
      from (select number, 'person' || number as name, ${momentOf('number', others)} as made
        from generate_series(1, ${others}) number) people`,
    `insert into tasks (id, owner_id, title, description, notes, status, priority, due_at, completed_at, version,
        created_at, updated_at)
      select ${idOf('made', 'number')},
        case when number % ${readers} = 1 then '${reader}' when number % 10 = 0 then '${heavy}'
          when number <= ${tasks} / 20 then '${former}' else others.id end,
        ${pick(['Review', 'Write', 'Send', 'Check', 'Order', 'Discuss', 'Plan', 'Close', 'Repair', 'Print'], 3)} || ' the '
          || ${pick([words.common, 'annual', 'draft', 'final', 'shared', 'hidden', 'broken', 'open', 'late', 'old'], 7)} || ' '
          || ${pick(['report', 'budget', 'contract', 'schedule', 'invoice', 'offer', 'ticket', 'plan', 'survey', 'list'], 91)}
          || case when number % (${tasks} / 5) in (${readers} + 1, 10) then ' of the ${words.rare} ' || number else '' end,
        case when hash % 10 < 7 then 'Ask ' || ${pick(['Ada', 'Bob', 'Cleo', 'Dan', 'Eve'], 11)} || ' about part '
          || hash % 977 || ' before it goes out, and file what they say with ' || md5(number::text) end,
        case when hash % 10 < 3 then 'A note, ' || md5('note' || number) end,
        (case when number <= ${tasks} * 0.98 or hash % 4 > 1 then 'DONE' when hash % 4 = 1 then 'TODO'
          else 'IN_PROGRESS' end)::task_status,
        (case when hash / 29 % 1000 < 5 then 'URGENT' when hash / 29 % 1000 < 100 then 'HIGH'
          when hash / 29 % 1000 < 700 then 'NORMAL' else 'LOW' end)::task_priority,
        case when hash / 37 % 10 < 6 then made + hash % 90 * interval '1 day' end, null, 1,
        made, made + hash % 100000 * interval '1 minute'
      from (select number, hashint8(number) & 2147483647 as hash, ${momentOf('number', tasks)} as made
        from generate_series(1, ${tasks}) number) many
      join (select id, substr(username_key, 7)::int as place from users where username_key like 'person%') others
        on others.place = 1 + hash % ${sharing}
      order by number`,
    'vacuum analyze users, tasks',
  ];
}

/** A UUIDv7 for that moment. */
function idOf(moment: string, number: string): string {
  return `(lpad(to_hex((extract(epoch from ${moment}) * 1000)::bigint), 12, '0') || '7'
    || substr(md5(${number}::text), 1, 3) || '8' || substr(md5(${number}::text), 4, 15))::uuid`;
}

/** The last task is created now, and the first two years ago. */
function momentOf(number: string, count: number): string {
  return `date_trunc('milliseconds', now() - (${count} - ${number}) * (interval '2 years' / ${count}))`;
}

function pick(list: readonly string[], salt: number): string {
  return `(array[${list.map((word) => `'${word}'`).join()}])[1 + hash / ${salt} % ${list.length}]`;
}

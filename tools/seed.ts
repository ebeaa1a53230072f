/**
 * Fills the database with made-up accounts and tasks, for trials.
 *
 *   npm run db:seed -- --users 100 --tasks 10000 --seed 1
 *
 * Refuses a database in production, one with accounts or tasks, and one on which a server has started, because every
 * reader of this file knows the password. `--force NAME` fills it anyway. The refusal tells the name.
 *
 * The same seed makes the same users and tasks. They differ only in their ids, in the endings that make their
 * usernames unique, and in their dates, which lie around today. Every account has the password that is printed at the
 * end.
 */
import { parseArgs } from 'node:util';
import { faker } from '@faker-js/faker';
import { createPasswordHasher } from '../src/authentication/passwords/password-hash.ts';
import type { EntityManager } from '../src/database/database.ts';
import { newId } from '../src/database/ids.ts';
import { emailKey, usernameKey } from '../src/users/identifiers/identifiers.ts';
import { type OpenedDatabase, openConfigured, shortly } from './database.ts';
import { progress } from './progress.ts';
import { contentsOf, refusalOf } from './seed.refusal.ts';

const usage =
  'usage: npm run db:seed -- [--users 1 to 100000] [--tasks 0 to 10000000] [--seed NUMBER] [--force DATABASE]';
const password = 'made-up people 4 testing';
const batchSize = 1000;

interface Amounts {
  users: number;
  tasks: number;
  seed: number;
  /** The key of the database to fill, whatever it holds. */
  force: string | null;
}

const amounts = readAmounts(process.argv.slice(2));
if (amounts) await run(amounts);
else {
  console.error(usage);
  process.exitCode = 2;
}

function readAmounts(argv: string[]): Amounts | null {
  const text = { type: 'string' } as const;
  // A number such as `--users -1` is refused as a number, and not read as an option.
  const args = argv
    .join('\0')
    .replace(/(--\w+)\0(?=-\d)/g, '$1=')
    .split('\0')
    .filter(Boolean);
  try {
    const { values } = parseArgs({ args, options: { users: text, tasks: text, seed: text, force: text } });
    return {
      users: wholeNumber(values.users ?? '100', 1, 100_000),
      tasks: wholeNumber(values.tasks ?? '10000', 0, 10_000_000),
      seed: wholeNumber(values.seed ?? '1', 0, 2 ** 32 - 1),
      force: values.force ?? null,
    };
  } catch (error) {
    console.error(`db:seed: ${shortly(error)}`);
    return null;
  }
}

function wholeNumber(text: string, minimum: number, maximum: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new Error(`${text} is not a whole number from ${minimum} to ${maximum}`);
}

async function run({ users, tasks, seed, force }: Amounts): Promise<void> {
  let opened: OpenedDatabase | null = null;
  try {
    opened = await openConfigured();
    const refusal = refusalOf({ ...opened, contents: await contentsOf(opened.database.fork()) }, force);
    if (refusal) throw new Error(refusal);
    await opened.database.migrate();
    faker.seed(seed);
    faker.setDefaultRefDate(new Date());
    const em = opened.database.fork();
    const started = performance.now();
    const people = await insertUsers(em, users);
    await insertTasks(em, tasks, people);
    // Gives the first queries good plans, and puts all texts into their index.
    await em.execute('vacuum analyze users, tasks');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${opened.name}: made ${users} accounts and ${tasks} tasks in ${seconds} s`);
    console.log(`Sign in as, say, ${people[0]?.username}; the password of all is: ${password}`);
  } catch (error) {
    console.error(`db:seed: ${shortly(error)}`);
    process.exitCode = 1;
  } finally {
    await opened?.database.close();
  }
}

interface Person {
  id: string;
  username: string;
  createdAt: Date;
}

async function insertUsers(em: EntityManager, count: number): Promise<Person[]> {
  const passwords = createPasswordHasher({
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
    maxConcurrent: 1,
    maxWaiting: 0,
  });
  const passwordHash = await passwords.hash(password);
  // The moment of this run, in letters and digits, so that no two runs make the same usernames.
  const suffix = Date.now().toString(36);
  const people: Person[] = [];
  const bar = progress('accounts', count);
  for (let made = 0; made < count; made += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, count - made) }, (_, i) => {
      const firstName = faker.person.firstName();
      const lastName = faker.person.lastName();
      const letters = firstName
        .normalize('NFKD')
        .replace(/[^A-Za-z]/g, '')
        .toLowerCase()
        .slice(0, 12);
      const username = `${letters || 'user'}.${suffix}.${made + i}`;
      const email = `${username}@example.com`;
      const createdAt = faker.date.past({ years: 2 });
      const id = newId();
      people.push({ id, username, createdAt });
      return {
        id,
        username,
        username_key: usernameKey(username),
        email,
        email_key: emailKey(email),
        display_name: `${firstName} ${lastName}`,
        password_hash: passwordHash,
        role: 'USER',
        is_active: true,
        sessions_valid_from: createdAt,
        created_at: createdAt,
        updated_at: createdAt,
      };
    });
    await insert(em, 'users', rows);
    bar.step(rows.length);
  }
  bar.stop();
  return people;
}

async function insertTasks(em: EntityManager, count: number, people: readonly Person[]): Promise<void> {
  const bar = progress('tasks', count);
  for (let made = 0; made < count; made += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, count - made) }, () => madeUpTask(people));
    await insert(em, 'tasks', rows);
    bar.step(rows.length);
  }
  bar.stop();
}

function madeUpTask(people: readonly Person[]) {
  const owner = faker.helpers.arrayElement(people);
  const createdAt = faker.date.between({ from: owner.createdAt, to: Date.now() });
  const updatedAt = faker.date.between({ from: createdAt, to: Date.now() });
  const status = faker.helpers.arrayElement(['TODO', 'IN_PROGRESS', 'DONE']);
  const verb = faker.hacker.verb();
  return {
    id: newId(),
    owner_id: owner.id,
    title: `${verb.charAt(0).toUpperCase()}${verb.slice(1)} the ${faker.hacker.adjective()} ${faker.hacker.noun()}`,
    description: faker.helpers.maybe(() => faker.hacker.phrase(), { probability: 0.7 }) ?? null,
    notes: faker.helpers.maybe(() => faker.company.catchPhrase(), { probability: 0.3 }) ?? null,
    status,
    priority: faker.helpers.weightedArrayElement([
      { value: 'LOW', weight: 2 },
      { value: 'NORMAL', weight: 5 },
      { value: 'HIGH', weight: 2 },
      { value: 'URGENT', weight: 1 },
    ]),
    due_at: faker.helpers.maybe(() => faker.date.soon({ days: 90, refDate: createdAt }), { probability: 0.6 }) ?? null,
    completed_at: status === 'DONE' ? updatedAt : null,
    version: 1,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

async function insert(em: EntityManager, table: 'users' | 'tasks', rows: Record<string, unknown>[]): Promise<void> {
  await em.getKysely<Record<string, Record<string, unknown>>>().insertInto(table).values(rows).execute();
}

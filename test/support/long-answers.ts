/** Answers of many bytes. */
import type { SignedIn } from './personas.ts';

const description = '€'.repeat(3000);

/** Gives somebody 50 tasks, each with a description of 9,000 bytes. */
export async function makeLongTasks(user: SignedIn): Promise<void> {
  const fields = Array.from({ length: 10 }, (_, i) => `a${i}: createTask(input: $input) { task { id } }`);
  const query = `mutation ($input: CreateTaskInput!) { ${fields.join(' ')} }`;
  for (let i = 0; i < 5; i++) {
    const { codes, data } = await user.ask(query, { input: { title: 'A long one', description } });
    if (!data?.a9.task) throw new Error(`The tasks were not made: ${codes}`);
  }
}

/** Selects the 50 tasks so often, with the description twice: 0.9 MB each time, of whoever `makeLongTasks` was for. */
export function longLists(times: number): string {
  const list = (_: unknown, i: number) => `l${i}: tasks(first: 50) { nodes { description again: description } }`;
  return Array.from({ length: times }, list).join(' ');
}

/** As much as an answer may have, nearly: 9.9 MB. */
export const longQuery = `{ ${longLists(11)} }`;
/** 10.8 MB. */
export const tooLongQuery = `{ ${longLists(12)} }`;

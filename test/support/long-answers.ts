/** Answers of many bytes. */
import type { SignedIn } from './personas.ts';

const description = '€'.repeat(3000);

/** Gives an account 50 tasks, each with a description of 9,000 bytes. */
export async function makeLongTasks(user: SignedIn): Promise<void> {
  const fields = Array.from({ length: 10 }, (_, i) => `a${i}: createTask(input: $input) { task { id } }`);
  const query = `mutation ($input: CreateTaskInput!) { ${fields.join(' ')} }`;
  for (let i = 0; i < 5; i++) {
    const { codes, data } = await user.ask(query, { input: { title: 'A long one', description } });
    if (!data?.a9.task) throw new Error(`The tasks were not made: ${codes}`);
  }
}

/**
 * Selects the viewer's 50 tasks this many times, with the description twice: 0.9 MB each time. Call `makeLongTasks` for
 * the viewer first.
 */
export function longLists(times: number): string {
  const list = (_: unknown, i: number) => `l${i}: tasks(first: 50) { nodes { description again: description } }`;
  return Array.from({ length: times }, list).join(' ');
}

/** Nearly the longest allowed answer: 9.9 MB. */
export const longQuery = `{ ${longLists(11)} }`;
/** 10.8 MB. */
export const tooLongQuery = `{ ${longLists(12)} }`;

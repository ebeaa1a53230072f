/** Finds all faults in the fields of a new or a changed task at once. */

import { isStorableMoment } from '../database/timestamps.ts';
import type { InputError, UpdateTaskInput } from '../graphql/schema-types.ts';
import { countCharacters, isLine, isStorable } from '../text.ts';

const maximumTitle = 200;
/** In UTF-8. Lower case can make it half as long again, and it must still fit in an index. */
const maximumTitleBytes = 1600;
const maximumText = 10_000;

type TaskFields = Pick<UpdateTaskInput, 'title' | 'description' | 'notes' | 'status' | 'priority' | 'dueAt'>;

/** Fields that are left out are not checked. Null is a fault for a required field. */
export function checkTaskFields(fields: TaskFields): InputError[] {
  return [
    fields.title === undefined ? null : checkTitle(fields.title),
    checkText('description', fields.description),
    checkText('notes', fields.notes),
    fields.status === null ? error('status', 'INVALID', 'A task has a status. Leave it out to keep it.') : null,
    fields.priority === null ? error('priority', 'INVALID', 'A task has a priority. Leave it out to keep it.') : null,
    checkDueAt(fields.dueAt),
  ].filter((found) => found !== null);
}

/** A title in its stored form. */
export function tidyTitle(title: string): string {
  return title.trim();
}

function checkTitle(title: string | null): InputError | null {
  if (title === null) return error('title', 'INVALID', 'A task has a title. Leave it out to keep it.');
  const tidy = tidyTitle(title);
  if (tidy === '') return error('title', 'TOO_SHORT', `Write a title of 1 to ${maximumTitle} characters.`);
  if (Buffer.byteLength(tidy) > maximumTitleBytes || countCharacters(tidy) > maximumTitle) {
    return error('title', 'TOO_LONG', `Write at most ${maximumTitle} characters, and ${maximumTitleBytes} bytes.`);
  }
  if (isLine(tidy)) return null;
  return error('title', 'INVALID', 'A title has no control characters, line breaks or bidi overrides.');
}

function checkText(field: string, text: string | null | undefined): InputError | null {
  if (text == null) return null;
  if (text.length > 2 * maximumText || [...text].length > maximumText) {
    return error(field, 'TOO_LONG', `Write at most ${maximumText.toLocaleString('en')} characters.`);
  }
  if (!isStorable(text)) return error(field, 'INVALID', 'Leave out the NUL character and halves of surrogate pairs.');
  return null;
}

function checkDueAt(dueAt: Date | null | undefined): InputError | null {
  if (dueAt == null || isStorableMoment(dueAt)) return null;
  return error('dueAt', 'INVALID', 'Name a moment from the year 1000 to the year 9999.');
}

function error(field: string, code: InputError['code'], message: string): InputError {
  return { path: ['input', field], code, message };
}

/**
 * A value in a message, cut before it is copied. A client may send a value of any size, and cause many messages about
 * it.
 */

/** The most characters of a value. */
const maxShown = 200;
/** The most characters of what graphql-js or a scalar says is wrong with a value. It may quote the value again. */
const maxText = 500;
const maxItems = 10;
const maxDepth = 2;

/** Writes the value as graphql-js does in its messages, but in 200 characters at most. */
export function shownValue(value: unknown): string {
  let text = '';
  write(value, 0);
  return shortened(text, maxShown);

  function write(part: unknown, depth: number): void {
    if (text.length > maxShown) return;
    if (typeof part === 'string') text += JSON.stringify(part.slice(0, maxShown));
    else if (typeof part === 'function') text += '[function]';
    else if (typeof part !== 'object' || part === null) text += String(part);
    else if (Array.isArray(part)) writeList(part, depth);
    else writeObject(part as Record<string, unknown>, depth);
  }

  function writeList(items: readonly unknown[], depth: number): void {
    if (items.length > 0 && depth >= maxDepth) {
      text += '[Array]';
      return;
    }
    text += '[';
    for (let i = 0; i < items.length && i < maxItems; i++) {
      if (i > 0) text += ', ';
      write(items[i], depth + 1);
    }
    const more = items.length - maxItems;
    if (more > 0) text += `, ... ${more} more ${more === 1 ? 'item' : 'items'}`;
    text += ']';
  }

  function writeObject(object: Record<string, unknown>, depth: number): void {
    let isFirst = true;
    for (const name in object) {
      if (depth >= maxDepth) {
        text += '[Object]';
        return;
      }
      text += `${isFirst ? '{ ' : ', '}${name.slice(0, maxShown)}: `;
      isFirst = false;
      write(object[name], depth + 1);
      if (text.length > maxShown) return;
    }
    text += isFirst ? '{}' : ' }';
  }
}

/** Cuts a text that is longer than `max` characters. */
export function shortened(text: string, max = maxText): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

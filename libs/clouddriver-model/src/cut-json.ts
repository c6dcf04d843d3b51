/**
 * Reads JSON that may have been cut off anywhere, as far as it goes: a body of megabytes is read
 * from its first two kilobytes. Members that are not whole are left out; an object or a list that is
 * not whole keeps what came before the cut.
 */

interface Cursor {
  readonly text: string;
  at: number;
  isCut: boolean;
}

const cutOff = Symbol('cut off');

/** The value that a text holds, as far as the text goes; `undefined` when nothing can be read. */
export function readCutJson(text: string): unknown {
  const value = readValue({ text, at: 0, isCut: false });
  return value === cutOff ? undefined : value;
}

function readValue(cursor: Cursor): unknown {
  skipSpace(cursor);
  switch (cursor.text[cursor.at]) {
    case '{':
      return readObject(cursor);
    case '[':
      return readList(cursor);
    case '"':
      return readString(cursor);
    default:
      return readWord(cursor);
  }
}

function readObject(cursor: Cursor): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  do {
    const key = enterItem(cursor, '}') ? readString(cursor) : cutOff;
    if (typeof key !== 'string') return object;
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== ':') return cut(cursor, object);
    cursor.at += 1;
    const value = readValue(cursor);
    if (value !== cutOff) object[key] = value;
  } while (hasNext(cursor, '}'));
  return object;
}

function readList(cursor: Cursor): unknown[] {
  const list: unknown[] = [];
  do {
    if (!enterItem(cursor, ']')) return list;
    const value = readValue(cursor);
    if (value !== cutOff) list.push(value);
  } while (hasNext(cursor, ']'));
  return list;
}

/** Steps over the bracket or comma before an item; `false` at the end of an empty collection. */
function enterItem(cursor: Cursor, close: string): boolean {
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== close) return true;
  cursor.at += 1;
  return false;
}

/** Whether a comma follows; steps over the closing bracket when that follows. */
function hasNext(cursor: Cursor, close: string): boolean {
  if (cursor.isCut) return false;
  skipSpace(cursor);
  const next = cursor.text[cursor.at];
  if (next === ',') return true;
  if (next === close) cursor.at += 1;
  else cursor.isCut = true;
  return false;
}

function readString(cursor: Cursor): unknown {
  const { text } = cursor;
  if (text[cursor.at] !== '"') return cut(cursor, cutOff);
  let end = text.indexOf('"', cursor.at + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  if (end === -1) return cut(cursor, cutOff);
  const token = text.slice(cursor.at, end + 1);
  cursor.at = end + 1;
  return parsed(cursor, token);
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text[at] === '\\') at -= 1;
  return (quote - at) % 2 === 0;
}

/** A number or a literal; one that touches the end of the text may go on, and counts as cut. */
function readWord(cursor: Cursor): unknown {
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !',]} \t\r\n'.includes(cursor.text[cursor.at] ?? '')) {
    cursor.at += 1;
  }
  if (cursor.at === cursor.text.length) return cut(cursor, cutOff);
  return parsed(cursor, cursor.text.slice(start, cursor.at));
}

function parsed(cursor: Cursor, token: string): unknown {
  try {
    return JSON.parse(token);
  } catch {
    // Not JSON at all: nothing behind this point can be trusted.
    return cut(cursor, cutOff);
  }
}

function cut<T>(cursor: Cursor, value: T): T {
  cursor.isCut = true;
  return value;
}

function skipSpace(cursor: Cursor): void {
  while (' \t\r\n'.includes(cursor.text[cursor.at] ?? 'x')) cursor.at += 1;
}

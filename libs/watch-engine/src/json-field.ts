/** Members of a document that nobody promised the shape of. */

/** A member of an object; undefined of anything else. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (Reflect.get(value, name) as unknown)
    : undefined;
}

/** A member that is a text; '' if it is none. */
export function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === 'string' ? text : '';
}

/** A member that is an array; empty if it is none. */
export function arrayOf(value: unknown, name: string): readonly unknown[] {
  const array = fieldOf(value, name);
  return Array.isArray(array) ? array : [];
}

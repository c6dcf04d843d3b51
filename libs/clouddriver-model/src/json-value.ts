/** Narrowing of parsed JSON whose shape nobody promises. */

/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; anything else is an object without members. */
export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** Whether a value is a JSON object (not null, not a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list; anything else is an empty list. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string; anything else is `''`. */
export function stringOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The members of an object whose values are strings; the others are left out. */
export function stringsOr(value: unknown): Readonly<Record<string, string>> {
  const source = objectOr(value);
  for (const key in source) {
    if (typeof source[key] !== 'string') return onlyStrings(source);
  }
  return source as Readonly<Record<string, string>>;
}

function onlyStrings(source: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    }),
  );
}

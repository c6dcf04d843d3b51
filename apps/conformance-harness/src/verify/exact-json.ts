// JSON read without losing a digit, so that two objects can be compared as values while their
// numbers are compared as they were written.

/** A JSON value; a number that a double would change is an {@link isExactNumber}. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

interface ExactNumber {
  readonly rawJSON: string;
}
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** What TypeScript's library does not describe yet (JSON.parse source text access, Node 22). */
const json = JSON as unknown as {
  parse(text: string, reviver?: Reviver): unknown;
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): boolean;
};

/** After a colon, comma or bracket, a number that a double may not give back as it was written. */
const RISKY_NUMBER = /[:,[]\s*-?(?:\d{16}|\d+\.\d|\d+[eE])/;

/** Reads JSON text exactly. Throws SyntaxError for text that is no JSON. */
export function parseExact(text: string): JsonValue {
  if (!RISKY_NUMBER.test(text)) return JSON.parse(text) as JsonValue;
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? json.rawJSON(source)
      : value,
  ) as JsonValue;
}

/** True for a number that is kept as its text. */
export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value);
}

/** True for a JSON object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)
  );
}

/** The object under `key`, or an empty one. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  return isObject(value) ? value : {};
}

/** The text under `key`, or ''. */
export function textAt(parent: JsonObject, key: string): string {
  const value = parent[key];
  return typeof value === 'string' ? value : '';
}

/** One text for one value, whatever the order of its keys. */
export function canonicalText(value: JsonValue): string {
  return JSON.stringify(sortKeys(value));
}

/**
 * The path of the first difference, in the order of the first value's keys, such as
 * `.spec.containers[0].image`; undefined when both are the same.
 */
export function firstDifference(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path = '',
): string | undefined {
  if (Array.isArray(a) && Array.isArray(b)) return differenceInLists(a, b, path);
  if (isObject(a) && isObject(b)) return differenceInObjects(a, b, path);
  return JSON.stringify(a) === JSON.stringify(b) ? undefined : path === '' ? '.' : path;
}

function differenceInLists(
  a: readonly JsonValue[],
  b: readonly JsonValue[],
  path: string,
): string | undefined {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = firstDifference(a[index], b[index], `${path}[${index}]`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function differenceInObjects(a: JsonObject, b: JsonObject, path: string): string | undefined {
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const difference = firstDifference(a[key], b[key], `${path}${stepOf(key)}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function stepOf(key: string): string {
  return /^\w+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => sortKeys(item));
  if (!isObject(value)) return value;
  const sorted: Record<string, JsonValue> = {};
  for (const key of Object.keys(value).sort()) sorted[key] = sortKeys(value[key] as JsonValue);
  return sorted;
}

// JSON as an API server reads and writes it: whole numbers keep every digit (a plain JSON.parse
// would round an int64), and text is escaped as Go's encoder does.

/** A JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object, open for change by its owner. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

interface RawJson {
  rawJSON: string;
}
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
/** The part of JSON that TypeScript's library does not describe yet (ES proposal, in Node 22). */
const json = JSON as unknown as {
  parse(text: string, reviver?: Reviver): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): boolean;
};

/** Numbers that a double may not hold as they were written: long ones, fractions, exponents. */
const RISKY_NUMBER = /\d{16}|\d\.\d|\d[eE][+-]?\d/;

/** Reads JSON text; a number that a double would change is kept as its own text. */
export function parseJson(text: string): JsonValue {
  if (!RISKY_NUMBER.test(text)) return JSON.parse(text) as JsonValue;
  return json.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? json.rawJSON(context.source)
      : value,
  ) as JsonValue;
}

/** True for a JSON object (a number kept as text is none). */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value)
  );
}

/** The object under `key`, or undefined when there is none. */
export function objectAt(parent: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = parent?.[key];
  return isJsonObject(value) ? value : undefined;
}

/** The text under `key`, or '' when there is none. */
export function textAt(parent: JsonObject | undefined, key: string): string {
  const value = parent?.[key];
  return typeof value === 'string' ? value : '';
}

/** The list under `key`, or an empty one. */
export function listAt(parent: JsonObject | undefined, key: string): readonly JsonValue[] {
  const value = parent?.[key];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** Writes JSON as Go does: no white space, and `<`, `>`, `&`, U+2028, U+2029 as escapes. */
export function stringifyJson(value: JsonValue | JsonObject): string {
  const text = JSON.stringify(value);
  return /[<>&\u2028\u2029]/.test(text) ? text.replace(/[<>&\u2028\u2029]/g, unicodeEscape) : text;
}

/** A deep copy that shares nothing with the original (texts and kept numbers apart). */
export function cloneJson<T extends JsonValue | undefined>(value: T): T {
  if (Array.isArray(value)) return value.map((item: JsonValue) => cloneJson(item)) as unknown as T;
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) copy[key] = cloneJson(member);
  return copy as T;
}

/** The same value with the keys of every object in order, as Go prints maps. */
export function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => sortKeys(item));
  if (!isJsonObject(value)) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) sorted[key] = sortKeys(member);
  }
  return sorted;
}

/** True when two values are the same JSON, whatever the order of their keys. */
export function sameJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

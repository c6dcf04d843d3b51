// Looks for the values of a Secret in what is stored of it, in every form in which they could
// stand there: base64, decoded, and decoded with JSON's escapes.
import { isObject, type JsonObject, type JsonValue, objectAt } from './exact-json.ts';

/** Decoded texts shorter than this are found everywhere by chance. */
const MIN_TEXT_BYTES = 4;

/** The keys of `data` whose values occur in `stored` more often than in what may be stored. */
export function leakedKeys(
  secret: JsonObject,
  stored: JsonValue,
  expected: JsonObject,
): readonly string[] {
  const storedTexts = textsOf(stored);
  const allowedTexts = textsOf(expected);
  return valuesOf(secret)
    .filter(({ forms }) =>
      forms.some((form) => count(storedTexts, form) > count(allowedTexts, form)),
    )
    .map(({ key }) => key);
}

function valuesOf(secret: JsonObject): { key: string; forms: readonly string[] }[] {
  return Object.entries(objectAt(secret, 'data')).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [{ key, forms: formsOf(value) }] : [],
  );
}

function formsOf(base64: string): readonly string[] {
  const bytes = Buffer.from(base64, 'base64');
  const forms = bytes.length >= MIN_TEXT_BYTES - 1 ? [base64] : [];
  if (bytes.length < MIN_TEXT_BYTES) return forms;
  const text = bytes.toString();
  const escaped = JSON.stringify(text).slice(1, -1);
  return [...new Set([...forms, text, escaped])];
}

/** The whole value as text, and every string in it as it is without escapes. */
function textsOf(value: JsonValue): readonly string[] {
  return [JSON.stringify(value), ...stringsIn(value)];
}

function stringsIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => stringsIn(item));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...stringsIn(member)]);
}

function count(texts: readonly string[], form: string): number {
  return texts.reduce((sum, text) => sum + text.split(form).length - 1, 0);
}

/**
 * The two of a list's options that say what a request is: whether it watches, and whether it is about
 * one object. As `metainternalversion.ListOptions` is decoded from a query.
 */

/** What a query says. */
export interface ListOptions {
  readonly watch: boolean;
  /** Of a field selector `metadata.name=x`, x; '' where there is none. */
  readonly name: string;
}

/** Parameters that must be whole numbers, else nothing but `watch` counts. */
const numbers = ['limit', 'timeoutSeconds'] as const;

/**
 * Reads a query. In doubt it has no name, which is how a request says less about itself: a server
 * refuses such queries.
 */
export function listOptionsOf(query: string): ListOptions {
  const values = firstValues(query);
  const watch = isTrue(values.get('watch'));
  const isSound =
    numbers.every((key) => /^[+-]?\d{1,18}$/.test(values.get(key) ?? '0')) &&
    isPlainLabelSelector(values.get('labelSelector') ?? '');
  return { watch, name: isSound ? nameIn(values.get('fieldSelector') ?? '') : '' };
}

/** Only the absence of a value, `false` and `0` are false (apimachinery, runtime/conversion.go). */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && !['false', '0'].includes(value.toLowerCase());
}

/** As Go's `url.ParseQuery`: a pair with `;`, or encoded wrongly, is left out; the first one counts. */
function firstValues(query: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const at = pair.indexOf('=');
    const key = unescaped(at < 0 ? pair : pair.slice(0, at));
    const value = unescaped(at < 0 ? '' : pair.slice(at + 1));
    if (key !== undefined && value !== undefined && !values.has(key)) values.set(key, value);
  }
  return values;
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Go takes bytes that are no UTF-8 as they are; no name and no boolean has any.
    return /%(?![0-9a-f]{2})/i.test(text) ? undefined : '\ufffd';
  }
}

/** The forms that clients write; others are not judged here. */
function isPlainLabelSelector(selector: string): boolean {
  const term = String.raw`!?[\w./-]+|[\w./-]+\s*(=|==|!=)\s*[\w.-]*|[\w./-]+ (in|notin) \([\w., -]*\)`;
  return selector === '' || new RegExp(`^(${term})(\\s*,\\s*(${term}))*$`).test(selector);
}

/** What a term of a field selector is made of, `==` before `=`. */
const term = /^([^=!]*?)(!=|==|=)(.*)$/s;

function nameIn(selector: string): string {
  // Escapes are for commas and equal signs, which no name has.
  if (selector.includes('\\')) return '';
  const names: string[] = [];
  for (const part of selector.split(',').sort()) {
    if (part === '') continue;
    const [, field, operator, value = ''] = term.exec(part) ?? [];
    if (operator === undefined || value.includes('=')) return '';
    if (field === 'metadata.name' && operator !== '!=') names.push(value);
  }
  const name = names[0] ?? '';
  return /^(\.{1,2})?$|[/%]/.test(name) ? '' : name;
}

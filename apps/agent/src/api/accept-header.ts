/** What a client would take, narrowed to what can be filtered: JSON. Pure. */

/** Which forms of JSON may be asked for. */
export type JsonForms = 'all' | 'noTable';

/** Of `as`: what an API server can make of an object (meta.k8s.io). */
const transforms = new Set(['table', 'partialobjectmetadata', 'partialobjectmetadatalist']);

/**
 * The ranges of an `Accept` header that are JSON, in its order; undefined when there are none. No header
 * means that everything will do.
 */
export function jsonAccept(accept: string | undefined, forms: JsonForms): string | undefined {
  const text = accept === undefined || accept.trim() === '' ? '*/*' : accept;
  const ranges = text.split(',').flatMap((range) => jsonRange(range, forms) ?? []);
  return ranges.length === 0 ? undefined : [...new Set(ranges)].join(',');
}

function jsonRange(range: string, forms: JsonForms): string | undefined {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  if (!['application/json', 'application/*', '*/*'].includes(type.toLowerCase())) return undefined;
  const kept: string[] = [];
  for (const parameter of parameters) {
    const [, name = '', value = ''] = /^([a-z]+)="?([\w.]*)"?$/i.exec(parameter) ?? [];
    const key = name.toLowerCase();
    if (key === 'q' && Number(value) === 0) return undefined;
    if (key === 'as' && !transforms.has(value.toLowerCase())) return undefined;
    if (key === 'as' && value.toLowerCase() === 'table' && forms === 'noTable') return undefined;
    if (['as', 'v', 'g', 'q'].includes(key)) kept.push(`${key}=${value}`);
  }
  return ['application/json', ...kept].join(';');
}

/** Whether an answer is JSON that nobody has packed. */
export function isPlainJson(headers: Readonly<Record<string, string>>): boolean {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  return type === 'application/json' && (encoding === 'identity' || encoding === '');
}

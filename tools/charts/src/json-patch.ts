/**
 * The difference between two JSON values as operations of RFC 6902, the form that Kustomize takes
 * for every kind alike. Lists of equal length are compared item by item; others are replaced whole,
 * since what they are keyed by is not known here. Pure.
 */

/** One operation; `path` is a JSON pointer (RFC 6901). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What makes `to` of `from`, in the order of the keys of `to`; nothing when they are equal. */
export function diffJson(from: unknown, to: unknown, path = ''): PatchOperation[] {
  if (isMap(from) && isMap(to)) return diffMaps(from, to, path);
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return to.flatMap((item, index) => diffJson(from[index], item, `${path}/${String(index)}`));
  }
  return isSame(from, to) ? [] : [{ op: 'replace', path, value: to }];
}

/** Whether two JSON values are equal; the order of keys does not matter. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (isMap(a) && isMap(b)) return diffMaps(a, b, '').length === 0;
  return a === b;
}

type JsonMap = Readonly<Record<string, unknown>>;

function diffMaps(from: JsonMap, to: JsonMap, path: string): PatchOperation[] {
  const below = (key: string) => `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const removed = Object.keys(from)
    .filter((key) => !(key in to))
    .map((key): PatchOperation => ({ op: 'remove', path: below(key) }));
  const rest = Object.entries(to).flatMap(([key, value]): PatchOperation[] =>
    key in from ? diffJson(from[key], value, below(key)) : [{ op: 'add', path: below(key), value }],
  );
  return [...removed, ...rest];
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

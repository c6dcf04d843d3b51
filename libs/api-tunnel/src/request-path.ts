/**
 * The path of a request, decoded once as Go's `net/url` does it, unless it is one that an HTTP proxy
 * or a load balancer before the API server could turn into another.
 */

/** What a path is, or what is wrong with it. */
export type CheckedPath =
  | {
      readonly kind: 'path';
      readonly path: string;
      /** Has empty segments or encoded slashes: only to be read by whoever a `proxy` leads to. */
      readonly isOpaque: boolean;
    }
  | { readonly kind: 'wrong'; readonly reason: string };

/** Checks and decodes the part of a request's target before `?`. */
export function checkedPath(raw: string): CheckedPath {
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(raw)) return wrong('its path is not valid HTTP');
  const path = decoded(raw);
  if (path === undefined) return wrong('its path is encoded wrongly');
  if (/[\x00-\x1f\x7f\\]/.test(path))
    return wrong('its path has control characters or backslashes');
  // Also of what is encoded twice: somebody on the way may decode once more.
  const isDotted = [path, decoded(path) ?? path].some((text) => /(^|\/)\.{1,2}(\/|$)/.test(text));
  if (isDotted) return wrong('its path has dot segments');
  const isOpaque = path.includes('//') || /%2f/i.test(raw);
  return { kind: 'path', path, isOpaque };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // What is wrong with it is no news: it is refused.
  }
}

function wrong(reason: string): CheckedPath {
  return { kind: 'wrong', reason };
}

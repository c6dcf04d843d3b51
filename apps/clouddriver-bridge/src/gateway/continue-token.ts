/** What leads from one page of a list to the next: opaque to clients, honest about what it stands for. */
import { CachedReadError } from './cached-read-error.ts';

/** Where a list goes on, and as of when. */
export interface ListPlace {
  /** The journal that remembers what has changed since; `''`: nobody wrote then. */
  readonly journal: string;
  /** The epoch of the account's last writer. */
  readonly epoch: number;
  /** Position in the journal. */
  readonly position: number;
  /** Version of the whole list. */
  readonly resourceVersion: string;
  /** The last row that was looked at. */
  readonly afterId: string;
}

/** A place as text that is safe in a URL. */
export function encodeListPlace(place: ListPlace): string {
  const { journal, epoch, position, resourceVersion, afterId } = place;
  const parts = [journal, epoch, position, resourceVersion, afterId];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Reads a place. Throws {@link CachedReadError} 400. */
export function decodeListPlace(token: string): ListPlace {
  const parts = parse(token);
  const [journal, epoch, position, resourceVersion, afterId] = parts;
  const isOne =
    typeof journal === 'string' &&
    typeof epoch === 'number' &&
    typeof position === 'number' &&
    typeof resourceVersion === 'string' &&
    typeof afterId === 'string';
  if (!isOne) throw new CachedReadError(400, 'continue: not a token that a page has given');
  return { journal, epoch, position, resourceVersion, afterId };
}

function parse(token: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  } catch {
    // Told by the caller.
    return [];
  }
}

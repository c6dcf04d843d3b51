/** Where a search goes on: opaque to callers, so that it may change. */
import { SqlCacheError } from './sql-cache-error.ts';

/** The last row that has been looked at. */
export interface SearchCursor {
  /** Its type. */
  readonly type: string;
  /** Its id; `''` when the type has not been begun. */
  readonly afterId: string;
}

/** A cursor as text that is safe in a URL. */
export function encodeCursor(cursor: SearchCursor): string {
  return Buffer.from(JSON.stringify([cursor.type, cursor.afterId])).toString('base64url');
}

/**
 * Reads a cursor.
 * @throws SqlCacheError `invalidOptions`
 */
export function decodeCursor(text: string): SearchCursor {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const [type, afterId] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    if (typeof type === 'string' && typeof afterId === 'string') return { type, afterId };
  } catch {
    // Falls through to the one error there is.
  }
  throw new SqlCacheError('invalidOptions', 'continue is not one of ours');
}

// The token that joins the pages of one list: where the next page starts, and the resourceVersion
// at which the whole list is read. Same form as the real server's (base64url JSON).
import { StatusError } from './status-error.ts';

/** The place in a list at which the next page starts. */
export interface ContinueToken {
  /** The resourceVersion of the list; -1 goes on with whatever is there now. */
  readonly resourceVersion: number;
  /** The first key that may be on the next page. */
  readonly startKey: string;
}

/** Writes a token. */
export function encodeContinueToken(token: ContinueToken): string {
  const body = { v: 'meta.k8s.io/v1', rv: token.resourceVersion, start: token.startKey };
  return Buffer.from(JSON.stringify(body)).toString('base64url');
}

/**
 * Reads a token.
 *
 * @throws StatusError BadRequest when it is none of ours
 */
export function decodeContinueToken(text: string): ContinueToken {
  try {
    const body = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    const { v, rv, start } = body;
    if (v === 'meta.k8s.io/v1' && typeof rv === 'number' && typeof start === 'string') {
      return { resourceVersion: rv, startKey: start };
    }
  } catch {
    // Whatever is wrong with it, the client hears the same as from the real server.
  }
  throw new StatusError('BadRequest', 'continue key is not valid');
}

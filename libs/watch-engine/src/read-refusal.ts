/** From an HTTP answer that is not 200 to what it says: the Status in its body, and Retry-After. */
import type { ClusterApiResponse } from './cluster-api.ts';
import { fieldOf, textOf } from './json-field.ts';
import type { Refusal } from './watch-status.ts';

/** A Status is below 2 KB; proxies send HTML pages. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Reads the answer; a body that is no Status, or breaks, leaves reason and message empty. */
export async function readRefusal(
  response: ClusterApiResponse,
  nowMs: number,
): Promise<Refusal & { readonly retryAfterMs: number }> {
  const body = await readStatus(response);
  const details = fieldOf(body, 'details');
  const inDetails = Number(fieldOf(details, 'retryAfterSeconds') ?? 0) * 1000;
  const inHeader = retryAfterMs(response.headers['retry-after'] ?? '', nowMs);
  return {
    status: response.status,
    reason: textOf(body, 'reason'),
    message: textOf(body, 'message'),
    retryAfterMs: inHeader > 0 ? inHeader : Math.max(0, inDetails || 0),
  };
}

async function readStatus(response: ClusterApiResponse): Promise<unknown> {
  try {
    const body: unknown = JSON.parse(await response.text(MAX_STATUS_BYTES));
    return fieldOf(body, 'kind') === 'Status' ? body : undefined;
  } catch {
    // Not JSON, too long, or cut: the HTTP status alone says what to do.
    return undefined;
  }
}

/** Seconds or a date (RFC 9110, 10.2.3) as milliseconds from now; 0 if it is neither. */
function retryAfterMs(header: string, nowMs: number): number {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}

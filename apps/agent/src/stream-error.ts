/**
 * Why a link broke or could not be had, in few words that stay the same from one attempt to the
 * next. grpc-js 1.14 repeats code and details in the message, wraps the socket's error in the words
 * of its load balancer (`load-balancer-pick-first`), and adds the time to some.
 */

const notConnected = /^No connection established\. Last error: (.*)\. Resolution note: (.*)$/s;
/** OpenSSL's `thread:error:code:library:function:reason:file:line:data`. */
const openSslError = /^[0-9A-F]+:error:[0-9A-F]*:([^:]*):[^:]*:([^:]*):.*$/s;
const trailingTime = / \(\d{4}-\d{2}-\d{2}T[\d:.]+Z\)$/;

/** The useful part of a stream's error. */
export function describeStreamError(error: unknown): string {
  const details = (error as { details?: unknown }).details;
  if (typeof details === 'string' && details !== '') return usefulPart(details);
  return error instanceof Error ? error.message : 'the link broke';
}

function usefulPart(details: string): string {
  const [, lastError, note = ''] = notConnected.exec(details) ?? [];
  if (lastError === undefined) return details;
  // What it says before it has met an error.
  if (lastError === 'null') return 'no connection established';
  const cause = lastError
    .replace(/^Error: /, '')
    .trim()
    .replace(openSslError, '$1: $2')
    .replace(trailingTime, '');
  return note === '' ? cause : `${cause} (${note})`;
}

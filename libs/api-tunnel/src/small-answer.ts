/** Answers that say they are small are gathered, so that they travel as one message. */
import { chunksOf, type ApiResponse } from './api-exchange.ts';
import { maxPieceBytes } from './tunnel-wire.ts';

/**
 * The answer with its body as bytes where its length is given and fits one message; else as it is.
 * Rejects when the body breaks off: HTTP holds a body to the length that was given.
 */
export async function wholeIfSmall(response: ApiResponse): Promise<ApiResponse> {
  const { headers, body, status } = response;
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (body instanceof Uint8Array || status === 101 || !(length <= maxPieceBytes)) return response;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(body)) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  const whole = chunks.length === 1 ? chunks[0] : undefined;
  return { ...response, body: whole ?? Buffer.concat(chunks, bytes) };
}

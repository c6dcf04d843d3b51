/** Answers of an API server without a network: whole ones, and bodies that a test writes into. */
import type { ClusterApiResponse } from '../cluster-api.ts';

const encoder = new TextEncoder();

/** A body that is written while it is read, and ends as the test wants it to. */
export class MemoryBody implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #wake: () => void = () => undefined;
  #isLeft = false;

  constructor(signal?: AbortSignal) {
    const abort = (): void => this.#finish(new Error('aborted'), 'now');
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  }

  /** True once nobody will read any more. */
  get isOver(): boolean {
    return this.#end !== undefined || this.#isLeft;
  }

  /** Chunks written and not read yet. */
  get unread(): number {
    return this.#chunks.length;
  }

  /** Text, or anything else as a line of JSON. */
  write(content: unknown): void {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content)}\n`;
    this.#chunks.push(encoder.encode(text));
    this.#wake();
  }

  /** Ends the body in order, after what was written. */
  close(): void {
    this.#finish(undefined, 'afterRest');
  }

  /** Breaks the connection, after what was written. */
  break(code = 'ECONNRESET'): void {
    this.#finish(Object.assign(new Error('broken'), { code }), 'afterRest');
  }

  /** What was written and not read yet, then what comes; throws when the body breaks. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) yield chunk;
        else if (this.#end !== undefined) {
          if (this.#end.error !== undefined) throw this.#end.error;
          return;
        } else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#isLeft = true;
    }
  }

  #finish(error: Error | undefined, when: 'now' | 'afterRest'): void {
    if (when === 'now') this.#chunks.length = 0;
    this.#end ??= { error };
    this.#wake();
  }
}

/** An answer with this body. */
export function memoryResponse(
  status: number,
  body: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): ClusterApiResponse {
  return {
    status,
    headers,
    body,
    text: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

/** A whole answer: text as it is, anything else as JSON. */
export function wholeResponse(
  status: number,
  content: unknown,
  headers: Readonly<Record<string, string>> = {},
): ClusterApiResponse {
  const body = new MemoryBody();
  if (content !== '') body.write(content);
  body.close();
  return memoryResponse(status, body, headers);
}

/** A failure as an API server words it. */
export function statusResponse(
  code: number,
  reason = '',
  headers: Readonly<Record<string, string>> = {},
): ClusterApiResponse {
  return wholeResponse(code, statusObject(code, reason), headers);
}

/** The Status object of a failure. */
export function statusObject(code: number, reason: string, message = ''): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}

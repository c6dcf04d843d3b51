/** An answer that does not end, read line by line. */
export class LineStream {
  readonly #abort: AbortController;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly response: Response;
  #text = '';

  constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    if (response.body === null) throw new Error('an answer without a body');
    this.#chunks = response.body[Symbol.asyncIterator]();
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<LineStream> {
    const abort = new AbortController();
    return new LineStream(await fetch(url, { headers, signal: abort.signal }), abort);
  }

  /** The next line, without its end; `undefined` when the answer has ended. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end !== -1) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#text += Buffer.from(value).toString();
    }
  }

  /** The next line, which is JSON. */
  async json(): Promise<unknown> {
    return JSON.parse((await this.line()) ?? 'null');
  }

  close(): void {
    this.#abort.abort();
  }
}

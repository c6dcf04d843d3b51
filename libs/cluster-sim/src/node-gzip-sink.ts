// Compresses an answer as kube-apiserver does: only if it is longer than 128 KiB, at level 1, and
// never a watch (who serves watches does not come here).
// https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/writers.go
import { createGzip, constants, type Gzip } from 'node:zlib';
import { PassingSink, type ResponseSink } from './response-sink.ts';

/** `defaultGzipThresholdBytes` of kube-apiserver: an answer of just so many bytes is left plain. */
export const GZIP_THRESHOLD_BYTES = 128 * 1024;
/** Output is handed on in pieces of at most so many bytes. */
const CHUNK_BYTES = 64 * 1024;

/** Told once, at the end of a compressed answer. */
export type OnCompressed = (bytes: { readonly plain: number; readonly compressed: number }) => void;

/** True when a client takes gzip; the real server knows no weights (`gzip;q=1` is no gzip). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((token) => token.trim() === 'gzip');
}

/** Puts a compressor between a handler and its sink; short answers pass as they are. */
export function createGzipSink(sink: ResponseSink, onCompressed: OnCompressed): ResponseSink {
  return new GzipSink(sink, onCompressed);
}

class GzipSink extends PassingSink {
  readonly #onCompressed: OnCompressed;
  #status = 200;
  #headers: Readonly<Record<string, string>> = {};
  #held: Uint8Array[] = [];
  #plainBytes = 0;
  #compressedBytes = 0;
  #gzip: Gzip | undefined;

  constructor(sink: ResponseSink, onCompressed: OnCompressed) {
    super(sink);
    this.#onCompressed = onCompressed;
  }

  /** Waits: whether the answer is compressed stands in its headers, and depends on its length. */
  override start(status: number, headers: Readonly<Record<string, string>>): void {
    this.#status = status;
    this.#headers = headers;
  }

  override write(bytes: Uint8Array): boolean {
    this.#plainBytes += bytes.length;
    if (this.#gzip !== undefined) return this.#gzip.write(bytes);
    this.#held.push(bytes);
    if (this.#plainBytes <= GZIP_THRESHOLD_BYTES) return true;
    return this.#startCompressing();
  }

  override drained(): Promise<void> {
    const gzip = this.#gzip;
    if (gzip === undefined || !gzip.writableNeedDrain || this.closed.aborted) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = (): void => {
        gzip.off('drain', done);
        this.closed.removeEventListener('abort', done);
        resolve();
      };
      gzip.once('drain', done);
      this.closed.addEventListener('abort', done, { once: true });
    });
  }

  override end(): void {
    if (this.#gzip !== undefined) {
      this.#gzip.end();
      return;
    }
    super.start(this.#status, this.#headers);
    for (const bytes of this.#held) super.write(bytes);
    super.end();
  }

  override destroy(): void {
    this.#gzip?.destroy();
    super.destroy();
  }

  #startCompressing(): boolean {
    const gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES });
    this.#gzip = gzip;
    const { 'content-length': _plainLength, ...headers } = this.#headers;
    const encoding = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' };
    super.start(this.#status, { ...headers, ...encoding });
    gzip.on('data', (bytes: Buffer) => this.#forward(gzip, bytes));
    gzip.once('end', () => {
      this.#onCompressed({ plain: this.#plainBytes, compressed: this.#compressedBytes });
      super.end();
    });
    this.closed.addEventListener('abort', () => gzip.destroy(), { once: true });
    let hasRoom = true;
    for (const bytes of this.#held) hasRoom = gzip.write(bytes);
    this.#held = [];
    return hasRoom;
  }

  #forward(gzip: Gzip, bytes: Buffer): void {
    this.#compressedBytes += bytes.length;
    if (super.write(bytes)) return;
    gzip.pause();
    void super.drained().then(() => gzip.resume());
  }
}

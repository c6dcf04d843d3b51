/**
 * Objects of a batch where the kernel has put them: read there as long as nobody else needs that
 * memory, in a copy afterwards. Most are handed on before the next chunk is scanned, and whoever
 * says so (`release`) is spared the copy and the collector the garbage.
 */
import type { Batch, Borrower } from './kernel.ts';
import type { WantedKeys } from './member-reader.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ObjectTable } from './taken-object.ts';

const nothing = Buffer.alloc(0);
const noRows = new Int32Array(0);

/** The table of one batch. */
export class LentTable implements ObjectTable, Borrower {
  readonly apiVersion: string;
  readonly kind: string;
  readonly readAnnotations: WantedKeys;
  bytes: Buffer;
  rows: Int32Array;
  #isLent = true;

  constructor(options: ResolvedScannerOptions, { bytes, rows }: Batch) {
    this.apiVersion = options.apiVersion;
    this.kind = options.kind;
    this.readAnnotations = options.readAnnotations;
    this.bytes = bytes;
    this.rows = rows;
  }

  keep(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    const copy = Buffer.allocUnsafe(this.bytes.length);
    copy.set(this.bytes);
    this.bytes = copy;
    this.rows = this.rows.slice();
  }

  /** Nobody reads its objects any more; they throw from now on, unless they were copied already. */
  release(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    this.bytes = nothing;
    this.rows = noRows;
  }
}

/**
 * Scans an object that stands as member `object` of a small wrapper: a watch event, which adds
 * `type`, or a row of a Table. The wrapper is walked as strictly as the object itself.
 */
import { JsonWalker } from './json-walker.ts';
import { scanStatuses, slot } from './kernel.ts';
import type { Checking, ScanKernel, ScanStatus } from './kernel.ts';
import { decodeString } from './member-reader.ts';

const malformed = scanStatuses.indexOf('malformed');
const duplicateKey = scanStatuses.indexOf('duplicateKey');
const badIdentity = scanStatuses.indexOf('badIdentity');

/** Longest key, in raw bytes, that can be `object` however it is escaped; six bytes a letter. */
const longestKeyBytes = 36;
/** Longest event type in raw bytes; a longer one is none of those that exist. */
const longestTypeBytes = 64;

/** What the walk over a wrapper found. */
export interface WrappedScan {
  readonly status: ScanStatus;
  /** Position behind the wrapper; only meaningful when `complete`. */
  readonly end: number;
  /** Value of `type`; `''` when absent. */
  readonly type: string;
  /** Where the object starts, -1 when none was reached; the kernel's fields are its results. */
  readonly objectStart: number;
}

/** Walks wrappers that lie in a kernel's window. */
export class WrappedObjectScanner {
  readonly #kernel: ScanKernel;
  readonly #checking: Checking;
  readonly #walker = new JsonWalker();
  #type = '';
  #hasType = false;
  #objectStart = -1;
  #objectStatus: ScanStatus = 'complete';

  constructor(kernel: ScanKernel, checking: Checking) {
    this.#kernel = kernel;
    this.#checking = checking;
  }

  /** Walks the wrapper at `start`; the byte at `limit` must be 0. */
  scan(start: number, limit: number): WrappedScan {
    this.#walker.bytes = this.#kernel.bytes;
    this.#walker.limit = limit;
    this.#type = '';
    this.#hasType = false;
    this.#objectStart = -1;
    this.#objectStatus = 'complete';
    const end = this.#members(start);
    return {
      status: end < 0 ? this.#fault() : 'complete',
      end,
      type: this.#type,
      objectStart: this.#objectStart,
    };
  }

  #fault(): ScanStatus {
    if (this.#objectStatus !== 'complete') return this.#objectStatus;
    return scanStatuses[this.#walker.fault] ?? 'malformed';
  }

  #members(start: number): number {
    const walker = this.#walker;
    if (walker.at(start) !== 0x7b) return walker.fail(start, malformed);
    let p = walker.space(start + 1);
    for (;;) {
      const keyEnd = walker.keyEnd(p);
      if (keyEnd < 0) return keyEnd;
      const key = keyEnd - p > longestKeyBytes + 2 ? '' : this.#text(p, keyEnd);
      p = walker.valueStart(keyEnd);
      if (p < 0) return p;
      p = this.#valueEnd(key, p);
      if (p < 0) return p;
      p = walker.space(p);
      if (walker.at(p) === 0x7d) return this.#close(p);
      if (walker.at(p) !== 0x2c) return walker.fail(p, malformed);
      p = walker.space(p + 1);
    }
  }

  #close(p: number): number {
    return this.#objectStart < 0 ? this.#walker.fail(p, badIdentity) : p + 1;
  }

  #valueEnd(key: string, p: number): number {
    if (key === 'object') return this.#objectEnd(p);
    if (key !== 'type' || this.#walker.at(p) !== 0x22) return this.#walker.skipValue(p);
    const end = this.#walker.stringEnd(p + 1);
    if (end < 0) return end;
    if (this.#hasType) return this.#walker.fail(p, duplicateKey);
    this.#hasType = true;
    this.#type = end - p > longestTypeBytes ? '' : this.#text(p, end);
    return end;
  }

  /** A Table may be asked to leave its objects out: `null`, which has no identity to report. */
  #objectEnd(p: number): number {
    if (this.#objectStart >= 0) return this.#walker.fail(p, duplicateKey);
    if (this.#walker.at(p) !== 0x7b) return this.#walker.fail(p, badIdentity);
    this.#objectStart = p;
    this.#objectStatus = this.#kernel.scanObject(p, this.#walker.limit, this.#checking);
    return this.#objectStatus === 'complete' ? (this.#kernel.fields[slot.end] ?? -1) : -1;
  }

  /** The string just walked, whose quotes stand at `start` and before `end`. */
  #text(start: number, end: number): string {
    const { bytes } = this.#kernel;
    if (this.#walker.plain) return bytes.toString('latin1', start + 1, end - 1);
    return decodeString(bytes, start, end) ?? '';
  }
}

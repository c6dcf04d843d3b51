/**
 * The kernel in WebAssembly, compiled from `assembly/`. Bytes are copied into its memory and
 * scanned there 16 at a time. One instance serves a whole thread: an instance reserves gigabytes of
 * address space, so one per feed would not do.
 */
import { scannerWasmBase64 } from './gen/scanner-wasm.ts';
import {
  batchBytes,
  batchRows,
  feedTextBytes,
  placeCount,
  scanStatuses,
  slotCount,
} from './kernel.ts';
import type { Batch, BatchFeed, Borrower, Checking, ScanKernel, ScanStatus } from './kernel.ts';

/** Memory that grew beyond this is given back after use; a usual chunk is 64 KiB. */
const keptMemoryBytes = 2 * 1024 * 1024;
/** Room behind the loaded bytes: the zero byte, and what a 64-byte read may overlap. */
const paddingBytes = 96;
/** Size of a page of WebAssembly memory (https://webassembly.github.io/spec, Memory Instances). */
const pageBytes = 65_536;

/** As in `assembly/layout.ts`. */
const knownLayout = 2;

/** The few parts of the JavaScript interface of WebAssembly that are used here. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module) => { readonly exports: unknown };
}

/** A compiled module; opaque. */
type Module = object;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  layout?(): number;
  windowStart(): number;
  fieldsStart(): number;
  typeStart(): number;
  batchStart(): number;
  rowsStart(): number;
  outStart(): number;
  scanObject(start: number, end: number, checking: number): number;
  setFeed(kind: number, apiVersion: number, head: number, cuts: number, objectBytes: number): void;
  takeLines(from: number, end: number): void;
  takeItems(from: number, end: number): void;
  wipeScratch(): void;
}

/** Numbers of `Checking`, as in `assembly/layout.ts`. */
const checkings: Readonly<Record<Checking, number>> = { strict: 0, outline: 1, lineOutline: 2 };

/** Places in the memory; other objects whenever it grows. */
interface Views {
  readonly window: Buffer;
  readonly rawWindow: Uint8Array;
  readonly fields: Int32Array;
  readonly type: Buffer;
  /** Of the last batch: count, next position, bytes, whether it is full, whether an item follows. */
  readonly batch: Int32Array;
  readonly rows: Int32Array;
  readonly out: Buffer;
}

/**
 * Compiles and starts the module.
 * @throws the engine's error where WebAssembly or its SIMD is missing or forbidden, and one when the
 * module is of another version of the source.
 */
export function createWasmKernel(): ScanKernel {
  return new WasmKernel(new (api().Module)(Buffer.from(scannerWasmBase64, 'base64')));
}

class WasmKernel implements ScanKernel {
  readonly name = 'wasm';
  readonly #module: Module;
  #exports: Exports;
  #views: Views;
  #loadedBytes = 0;
  #feed: BatchFeed | undefined;
  #borrower: Borrower | undefined;

  constructor(module: Module) {
    this.#module = module;
    this.#exports = startInstance(module);
    this.#views = viewsOf(this.#exports);
  }

  get bytes(): Buffer {
    return this.#views.window;
  }

  get raw(): Uint8Array {
    return this.#views.rawWindow;
  }

  get fields(): Int32Array {
    return this.#views.fields;
  }

  load(...parts: readonly Uint8Array[]): void {
    this.wipe();
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const missing = length + paddingBytes - this.bytes.length;
    if (missing > 0) {
      this.#endLoan();
      this.#exports.memory.grow(Math.ceil(missing / pageBytes));
      this.#views = viewsOf(this.#exports);
    }
    for (const part of parts) {
      this.raw.set(part, this.#loadedBytes);
      this.#loadedBytes += part.length;
    }
  }

  wipe(): void {
    const { rawWindow } = this.#views;
    if (this.#loadedBytes > 0) rawWindow.fill(0, 0, this.#loadedBytes);
    this.#exports.wipeScratch();
    this.#loadedBytes = 0;
    if (this.bytes.length <= keptMemoryBytes) return;
    this.#endLoan();
    this.#exports = startInstance(this.#module);
    this.#views = viewsOf(this.#exports);
    this.#feed = undefined;
  }

  scanObject(start: number, end: number, checking: Checking): ScanStatus {
    return scanStatuses[this.#exports.scanObject(start, end, checkings[checking])] ?? 'malformed';
  }

  setFeed(feed: BatchFeed): void {
    if (this.#feed === feed) return;
    this.#feed = feed;
    const { kind, apiVersion, head, managedFields, maxObjectBytes } = feed;
    const cuts = managedFields === 'cut' ? 1 : 0;
    this.#views.type.set(Buffer.concat([kind, apiVersion, head]), 0);
    this.#exports.setFeed(kind.length, apiVersion.length, head.length, cuts, maxObjectBytes);
  }

  takeLines(from: number, end: number): Batch {
    this.#endLoan();
    this.#exports.takeLines(from, end);
    return this.#batch();
  }

  takeItems(from: number, end: number): Batch {
    this.#endLoan();
    this.#exports.takeItems(from, end);
    return this.#batch();
  }

  lend(borrower: Borrower): void {
    this.#borrower = borrower;
  }

  #endLoan(): void {
    this.#borrower?.keep();
    this.#borrower = undefined;
  }

  #batch(): Batch {
    const { batch, rows, out } = this.#views;
    const [count = 0, next = 0, length = 0, isFull = 0, isBeforeItem = 0] = batch;
    return {
      count,
      next,
      isFull: isFull !== 0,
      isBeforeItem: isBeforeItem !== 0,
      bytes: out.subarray(0, length),
      rows: rows.subarray(0, count * placeCount),
    };
  }
}

/** Neither the language's nor Node's types declare the global, only those of browsers do. */
function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
}

function startInstance(module: Module): Exports {
  const exports = new (api().Instance)(module).exports as Exports;
  if (exports.layout?.() !== knownLayout) throw new Error('the kernel must be compiled anew');
  return exports;
}

function viewsOf(exports: Exports): Views {
  const { buffer } = exports.memory;
  return {
    window: Buffer.from(buffer, exports.windowStart()),
    rawWindow: new Uint8Array(buffer, exports.windowStart()),
    fields: new Int32Array(buffer, exports.fieldsStart(), slotCount),
    type: Buffer.from(buffer, exports.typeStart(), feedTextBytes),
    batch: new Int32Array(buffer, exports.batchStart(), 5),
    rows: new Int32Array(buffer, exports.rowsStart(), batchRows * placeCount),
    out: Buffer.from(buffer, exports.outStart(), batchBytes),
  };
}

/**
 * The kernel in WebAssembly, compiled from `assembly/`. Bytes are copied into its memory and
 * scanned there 16 at a time. One instance serves a whole thread: an instance reserves gigabytes of
 * address space, so one per feed would not do.
 */
import { scannerWasmBase64 } from './gen/scanner-wasm.ts';
import { scanStatuses, slotCount } from './kernel.ts';
import type { ScanKernel, ScanStatus } from './kernel.ts';

/** Memory that grew beyond this is given back after use; a usual chunk is 64 KiB. */
const keptMemoryBytes = 2 * 1024 * 1024;
/** Room behind the loaded bytes: the zero byte, and what a 16-byte read may overlap. */
const paddingBytes = 32;
/** Size of a page of WebAssembly memory (https://webassembly.github.io/spec, Memory Instances). */
const pageBytes = 65_536;

/** The few parts of the JavaScript interface of WebAssembly that are used here. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module) => { readonly exports: unknown };
}

/** A compiled module; opaque. */
type Module = object;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  windowStart(): number;
  fieldsStart(): number;
  scanObject(start: number, end: number): number;
}

/**
 * Compiles and starts the module.
 * @throws the engine's error where WebAssembly or its SIMD is missing or forbidden.
 */
export function createWasmKernel(): ScanKernel {
  return new WasmKernel(new (api().Module)(Buffer.from(scannerWasmBase64, 'base64')));
}

class WasmKernel implements ScanKernel {
  readonly name = 'wasm';
  readonly #module: Module;
  #exports: Exports;
  #loadedBytes = 0;
  bytes: Buffer;
  raw: Uint8Array;
  fields: Int32Array;

  constructor(module: Module) {
    this.#module = module;
    this.#exports = startInstance(module);
    this.bytes = windowOf(this.#exports);
    this.raw = rawWindowOf(this.#exports);
    this.fields = fieldsOf(this.#exports);
  }

  load(bytes: Uint8Array): void {
    this.wipe();
    const missing = bytes.length + paddingBytes - this.bytes.length;
    if (missing > 0) {
      this.#exports.memory.grow(Math.ceil(missing / pageBytes));
      this.#renewViews();
    }
    this.raw.set(bytes, 0);
    this.#loadedBytes = bytes.length;
  }

  wipe(): void {
    this.raw.fill(0, 0, this.#loadedBytes);
    this.#loadedBytes = 0;
    if (this.bytes.length <= keptMemoryBytes) return;
    this.#exports = startInstance(this.#module);
    this.#renewViews();
  }

  scanObject(start: number, end: number): ScanStatus {
    return scanStatuses[this.#exports.scanObject(start, end)] ?? 'malformed';
  }

  #renewViews(): void {
    this.bytes = windowOf(this.#exports);
    this.raw = rawWindowOf(this.#exports);
    this.fields = fieldsOf(this.#exports);
  }
}

/** Neither the language's nor Node's types declare the global, only those of browsers do. */
function api(): WebAssemblyApi {
  return (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
}

function startInstance(module: Module): Exports {
  return new (api().Instance)(module).exports as Exports;
}

function windowOf(exports: Exports): Buffer {
  return Buffer.from(exports.memory.buffer, exports.windowStart());
}

function rawWindowOf(exports: Exports): Uint8Array {
  return new Uint8Array(exports.memory.buffer, exports.windowStart());
}

function fieldsOf(exports: Exports): Int32Array {
  return new Int32Array(exports.memory.buffer, exports.fieldsStart(), slotCount);
}

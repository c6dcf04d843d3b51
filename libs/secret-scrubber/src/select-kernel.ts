/**
 * Chooses the kernel. Both are made at first use and kept for the thread: they hold nothing between
 * two calls, and starting WebAssembly again for every watch would cost more than the scan.
 */
import type { ScanKernel } from './kernel.ts';
import type { KernelName } from './scanner.ts';
import { createTypescriptKernel } from './typescript-kernel.ts';
import { createWasmKernel } from './wasm-kernel.ts';

/** Makes the two kernels; tests put a failing one in. */
export interface KernelFactories {
  readonly wasm: () => ScanKernel;
  readonly typescript: () => ScanKernel;
}

/** Hands out kernels, each made once; `wasm` becomes `typescript` where it cannot be made. */
export class KernelShelf {
  readonly #factories: KernelFactories;
  #typescript: ScanKernel | undefined;
  #preferred: ScanKernel | undefined;

  constructor(factories: KernelFactories) {
    this.#factories = factories;
  }

  /** The kernel of that name, or the one that stands in for it. */
  take(name: KernelName): ScanKernel {
    return name === 'wasm' ? (this.#preferred ??= this.#startWasm()) : this.#startTypescript();
  }

  #startWasm(): ScanKernel {
    try {
      return this.#factories.wasm();
    } catch {
      // An engine without WebAssembly or SIMD, or one that forbids it. The twin gives the same
      // events, only slower; `availableKernel` lets the application tell people about it.
      return this.#startTypescript();
    }
  }

  #startTypescript(): ScanKernel {
    return (this.#typescript ??= this.#factories.typescript());
  }
}

const shelf = new KernelShelf({ wasm: createWasmKernel, typescript: createTypescriptKernel });

/** The kernel of this thread; what was asked for, or TypeScript where WebAssembly is missing. */
export function selectKernel(name: KernelName): ScanKernel {
  return shelf.take(name);
}

/** Tells which kernel a scanner that asks for `wanted` really gets here; for a line in a log. */
export function availableKernel(wanted: KernelName = 'wasm'): KernelName {
  return shelf.take(wanted).name;
}

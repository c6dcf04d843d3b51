import { KernelShelf, availableKernel } from './select-kernel.ts';
import { createTypescriptKernel } from './typescript-kernel.ts';
import { createWasmKernel } from './wasm-kernel.ts';

describe(KernelShelf, () => {
  it('makes each kernel once', () => {
    const shelf = new KernelShelf({ wasm: createWasmKernel, typescript: createTypescriptKernel });

    expect(shelf.take('wasm').name).toBe('wasm');
    expect(shelf.take('wasm')).toBe(shelf.take('wasm'));
    expect(shelf.take('typescript').name).toBe('typescript');
    expect(shelf.take('typescript')).toBe(shelf.take('typescript'));
  });

  it('falls back where WebAssembly cannot be had, and tries it once only', () => {
    const wasm = jest.fn(() => {
      throw new TypeError('WebAssembly is not defined');
    });
    const shelf = new KernelShelf({ wasm, typescript: createTypescriptKernel });

    expect(shelf.take('wasm').name).toBe('typescript');
    expect(shelf.take('wasm')).toBe(shelf.take('typescript'));
    expect(wasm).toHaveBeenCalledTimes(1);
  });
});

describe(availableKernel, () => {
  it('is WebAssembly here', () => {
    expect(availableKernel()).toBe('wasm');
    expect(availableKernel('typescript')).toBe('typescript');
  });
});

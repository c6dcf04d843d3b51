// Compiles the kernel in this folder and writes it as base64 into `src/gen/member-wasm.ts`, so that
// tests, bundles and the published package all find it by an ordinary import.
import { mkdirSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const here = import.meta.dirname;
const target = new URL('../src/gen/member-wasm.ts', import.meta.url);

/** The bytes of the compiled module; throws with the compiler's words when it does not compile. */
async function compile() {
  let wasm;
  const { error, stderr } = await asc.main(
    [
      'kernel.ts',
      ...['--baseDir', here, '--outFile', 'kernel.wasm', '--runtime', 'stub'],
      ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
      // 16 KiB, a window of 256 KiB, and what a look may reach behind it.
      ...['--enable', 'simd', '--initialMemory', '5', '--maximumMemory', '5'],
    ],
    { writeFile: (_name, contents) => (wasm = contents) },
  );
  if (error || !wasm) throw new Error(`${error?.message ?? 'no output'}\n${stderr.toString()}`);
  const { windowStart, staticEnd } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
  if (staticEnd() > windowStart()) throw new Error('static data reaches into the window');
  return wasm;
}

const wasm = await compile();
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(
  target,
  [
    '/** Made by assembly/generate.mjs from assembly/kernel.ts; not to be edited. */',
    `export const memberWasmBase64 = '${Buffer.from(wasm).toString('base64')}';`,
    '',
  ].join('\n'),
);

/**
 * Looks for secret bytes in every memory of ours after each step: all of the kernels' memory, every
 * buffer that ever carried an unfinished object, the chunks themselves where they are ours to wipe.
 */
import fc from 'fast-check';
import { Carry } from '../src/carry.ts';
import { ScrubberError, createListScanner, createWatchScanner } from '../src/index.ts';
import type {
  KernelName,
  ListScanEvent,
  Scanner,
  ScannerOptions,
  WatchScanEvent,
} from '../src/index.ts';
import { selectKernel } from '../src/select-kernel.ts';
import { damage, damaged } from './damage.ts';
import { chunksOf } from './outcome.ts';

const marker = 'c2VjcmV0';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const feeds: readonly ScannerOptions[] = [
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'Secret', form: 'metadata', maxObjectBytes: 700 },
  { apiVersion: 'v1', kind: 'Secret', redact: ['.metadata.labels'] },
  // Secrets where none are expected.
  { apiVersion: 'v1', kind: 'Pod' },
];

function secret(size: number): string {
  return JSON.stringify({
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 's', annotations: { [lastApplied]: marker.repeat(4) } },
    data: { a: marker.repeat(size), b: marker },
  });
}

const body = fc
  .array(fc.constantFrom(1, 10, 50, 3000, 40_000), { minLength: 1, maxLength: 4 })
  .map((sizes) => sizes.map(secret));

/** Reads all chunks, and looks after each of them. */
function readAll(
  scanner: Scanner<ListScanEvent | WatchScanEvent>,
  chunks: Buffer[],
  look: () => void,
): void {
  try {
    for (const chunk of chunks) {
      scanner.push(chunk);
      look();
    }
    scanner.end();
  } catch (fault: unknown) {
    if (!(fault instanceof ScrubberError)) throw fault;
  }
}

describe.each<KernelName>(['wasm', 'typescript'])('the memory of the %s kernel', (kernel) => {
  const carried = new Set<Buffer>();
  const append = Carry.prototype.append;

  beforeEach(() => {
    carried.clear();
    jest.spyOn(Carry.prototype, 'append').mockImplementation(function (this: Carry, more) {
      carried.add(this.bytes);
      append.call(this, more);
      carried.add(this.bytes);
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  function expectNoSecretInKernel(): void {
    const { buffer } = selectKernel(kernel).bytes;
    expect(Buffer.from(buffer).includes(marker)).toBe(false);
  }

  it.each(['watch', 'list'])('holds no secret after any step of reading a %s', (what) => {
    const how = fc.option(damage, { nil: undefined });
    const property = fc.property(
      body,
      how,
      cuts,
      fc.constantFrom(...feeds),
      (secrets, hurt, at, feed) => {
        carried.clear();
        const lines = secrets.map((object) => `{"type":"ADDED","object":${object}}\n`).join('');
        const text = what === 'watch' ? lines : `{"kind":"List","items":[${secrets.join(',')}]}`;
        const sent = hurt ? damaged(Buffer.from(text), hurt) : Buffer.from(text);
        const chunks = chunksOf(sent, at).map((chunk) => Buffer.from(chunk));
        const make = what === 'watch' ? createWatchScanner : createListScanner;
        const scanner = make({ ...feed, kernel, wipeChunks: true });

        readAll(scanner, chunks, () => {
          expectNoSecretInKernel();
        });
        scanner.dispose();

        expectNoSecretInKernel();
        for (const buffer of carried) expect(buffer.includes(marker)).toBe(false);
        const [first] = chunks;
        expect(first?.every((byte) => byte === 0)).toBe(true);
      },
    );

    fc.assert(property, { seed: 1729, numRuns: 150 });
  });

  it('is searched all over: a secret that is loaded and not wiped would be found', () => {
    const { bytes } = selectKernel(kernel);

    bytes.write(marker, 1000, 'latin1');

    expect(expectNoSecretInKernel).toThrow();
    bytes.fill(0, 1000, 1000 + marker.length);
  });
});

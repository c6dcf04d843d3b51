/** Checks what a scanner is made with and works out, once, what every object needs. */
import { ScrubberError } from './scrubber-error.ts';
import type { KernelName, ScannerOptions } from './scanner.ts';

/** Ten times etcd's default limit of a request (1.5 MiB, `--max-request-bytes`). */
const defaultMaxObjectBytes = 16 * 1024 * 1024;
/** Positions are 32-bit in the kernels; and nobody means more than this. */
const largestMaxObjectBytes = 256 * 1024 * 1024;

/** Checked options with nothing left out. */
export interface ResolvedScannerOptions {
  readonly apiVersion: string;
  readonly kind: string;
  /** Every object is a Secret: the feed's type is core `v1` `Secret`. */
  readonly isSecretFeed: boolean;
  readonly readAnnotations: ReadonlySet<string>;
  /** Unit: bytes as received. */
  readonly maxObjectBytes: number;
  readonly kernel: KernelName;
}

/**
 * Fills in defaults.
 * @throws ScrubberError `invalidOptions` naming every field that is wrong.
 */
export function resolveScannerOptions(options: ScannerOptions): ResolvedScannerOptions {
  const readAnnotations = options.readAnnotations ?? [];
  const maxObjectBytes = options.maxObjectBytes ?? defaultMaxObjectBytes;
  const kernel = options.kernel ?? 'wasm';
  const wrong = [
    !isPlainAscii(options.apiVersion) && 'apiVersion',
    !isPlainAscii(options.kind) && 'kind',
    !readAnnotations.every(isPlainAscii) && 'readAnnotations',
    !isByteLimit(maxObjectBytes) && 'maxObjectBytes',
    !['wasm', 'typescript'].includes(kernel) && 'kernel',
  ].filter((name) => name !== false);
  if (wrong.length > 0) {
    throw new ScrubberError('invalidOptions', `wrong scanner options: ${wrong.join(', ')}`);
  }
  return Object.freeze({
    apiVersion: options.apiVersion,
    kind: options.kind,
    isSecretFeed: isSecret(options.apiVersion, options.kind),
    readAnnotations: new Set(readAnnotations),
    maxObjectBytes,
    kernel,
  });
}

/** Whether this type carries secret values: the core Secret, no custom type of the same name. */
export function isSecret(apiVersion: string, kind: string): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** Printable ASCII that stands for itself in JSON, at least one character. */
function isPlainAscii(text: string): boolean {
  return /^[!#-[\]-~]+$/.test(text);
}

function isByteLimit(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes > 0 && bytes <= largestMaxObjectBytes;
}

/** Checks what a scanner is made with and works out, once, what every object needs. */
import { checkFieldPath } from './field-path.ts';
import { defaultPrune, planCuts } from './field-rules.ts';
import type { CutPlan, CutPlans } from './field-rules.ts';
import { feedTextBytes } from './kernel.ts';
import { lastingBytes } from './lasting-bytes.ts';
import { wantedKeys } from './member-reader.ts';
import type { WantedKeys } from './member-reader.ts';
import { ScrubberError } from './scrubber-error.ts';
import type { BatchFeed, Checking } from './kernel.ts';
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
  readonly readAnnotations: WantedKeys;
  readonly form: 'object' | 'metadata';
  /** What goes, worked out of `redact` and `prune`. */
  readonly plans: CutPlans;
  readonly wipeChunks: boolean;
  readonly objects: 'own' | 'lent';
  /** By outline where nothing can be secret and nothing has to be found inside values. */
  readonly checking: Exclude<Checking, 'lineOutline'>;
  /** For kernels to take ordinary objects in batches; undefined where each is looked at alone. */
  readonly batchFeed: BatchFeed | undefined;
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
  const form = options.form ?? 'object';
  const objects = options.objects ?? 'own';
  const redact = options.redact ?? [];
  const prune = options.prune ?? defaultPrune;
  const wrong = [
    !isPlainAscii(options.apiVersion) && 'apiVersion',
    !isPlainAscii(options.kind) && 'kind',
    !readAnnotations.every(isPlainAscii) && 'readAnnotations',
    !isByteLimit(maxObjectBytes) && 'maxObjectBytes',
    !['wasm', 'typescript'].includes(kernel) && 'kernel',
    !['object', 'metadata'].includes(form) && 'form',
    !['own', 'lent'].includes(objects) && 'objects',
    !redact.every(isFieldPath) && 'redact',
    !prune.every(isFieldPath) && 'prune',
  ].filter((name) => name !== false);
  if (wrong.length > 0) {
    throw new ScrubberError('invalidOptions', `wrong scanner options: ${wrong.join(', ')}`);
  }
  const { apiVersion, kind: feedKind } = options;
  const plans = planCuts({ redact, prune });
  const isSecretFeed = isSecret(apiVersion, feedKind);
  const checking = isSecretFeed || plans.ofOthers.kind === 'walked' ? 'strict' : 'outline';
  const feed = batchFeedOf({ apiVersion, kind: feedKind, plan: plans.ofOthers, maxObjectBytes });
  return Object.freeze({
    apiVersion,
    kind: feedKind,
    isSecretFeed,
    readAnnotations: wantedKeys(readAnnotations),
    form,
    plans,
    checking,
    batchFeed: checking === 'outline' ? feed : undefined,
    wipeChunks: options.wipeChunks ?? false,
    objects,
    maxObjectBytes,
    kernel,
  });
}

/** What batches must know; undefined when names are too long for them or a walk is needed. */
function batchFeedOf({
  apiVersion,
  kind,
  plan,
  maxObjectBytes,
}: Pick<ResolvedScannerOptions, 'apiVersion' | 'kind' | 'maxObjectBytes'> & {
  readonly plan: CutPlan;
}): BatchFeed | undefined {
  const head = `"kind":"${kind}","apiVersion":"${apiVersion}",`;
  if (plan.kind === 'walked' || kind.length + apiVersion.length + head.length > feedTextBytes) {
    return undefined;
  }
  return {
    kind: lastingBytes(kind),
    apiVersion: lastingBytes(apiVersion),
    head: lastingBytes(head),
    managedFields: plan.managedFields,
    maxObjectBytes,
  };
}

/** Whether this type carries secret values: the core Secret, no custom type of the same name. */
export function isSecret(apiVersion: string, kind: string): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** Printable ASCII that stands for itself in JSON, at least one character. */
function isPlainAscii(text: string): boolean {
  return /^[!#-[\]-~]+$/.test(text);
}

function isFieldPath(text: string): boolean {
  return checkFieldPath(text) === undefined;
}

function isByteLimit(bytes: number): boolean {
  return Number.isSafeInteger(bytes) && bytes > 0 && bytes <= largestMaxObjectBytes;
}

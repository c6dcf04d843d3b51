/**
 * Keeps one document: reads it when it is asked for and too old, once for all who ask at a time, and
 * after a failure not again before a growing pause is over. What was read last stays in memory, so
 * that an engine that is away for a while stops nobody.
 */
import type { Backoff, Clock } from '@fairlead/service-kit';
import { digestOfDocument, type SecretDocument } from './secret-document.ts';
import { SecretError } from './secret-error.ts';

/** How fresh it must be: as fresh as the interval keeps it, or read now. */
export type ReadMode = 'cached' | 'fresh';

/** What a reader works with. */
export interface DocumentReaderDeps {
  /** Reads it. */
  readonly read: (signal: AbortSignal) => Promise<SecretDocument>;
  /** Engine and place, for messages. */
  readonly place: string;
  /** Time. */
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Pauses after failures. */
  readonly backoff: Backoff;
  /** How old it may become, in milliseconds. */
  readonly maxAgeMs: () => number;
  /** It has another content than before, or one for the first time. */
  readonly onChange: () => void;
  /** It cannot be read, though it could be before (or was never tried); `undefined`: it can again. */
  readonly onTrouble: (error: SecretError | undefined) => void;
}

/** Longest reading, in milliseconds: several requests, where an engine wants a login first. */
export const readTimeoutMs = 15_000;
/** Who wants it fresh within this time of the last reading gets that one's result. */
const coalesceMs = 1_000;

/** One document. */
export class DocumentReader {
  readonly #deps: DocumentReaderDeps;
  #document: SecretDocument | undefined;
  #digest = '';
  #failure: SecretError | undefined;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #dueMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(deps: DocumentReaderDeps) {
    this.#deps = deps;
  }

  /** When it is to be read again, epoch milliseconds. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** Why it cannot be read; `undefined` when it can, or was not tried. */
  get failure(): SecretError | undefined {
    return this.#failure;
  }

  /** What `get` would answer without asking anybody; `undefined` where it would throw, or wait. */
  get known(): SecretDocument | undefined {
    return this.#document;
  }

  /**
   * The document. While its engine does not answer, the one that was read last; an answer that there
   * is none, or that we may not have it, counts at once.
   * @throws SecretError
   */
  async get(mode: ReadMode): Promise<SecretDocument> {
    if (this.#reading !== undefined || this.#mustRead(mode)) await this.#readOnce();
    const { known } = this;
    if (known !== undefined) return known;
    throw this.#failure ?? new SecretError('unavailable', 'it was not read', this.#deps.place);
  }

  /** Reads it once more, whenever it was read last: somebody has seen it change. */
  async reread(): Promise<void> {
    // What is under way may have read what was there before.
    await this.#reading;
    await this.#readOnce();
  }

  #mustRead(mode: ReadMode): boolean {
    const nowMs = this.#deps.clock.nowMs();
    return nowMs >= this.#dueMs || (mode === 'fresh' && nowMs - this.#triedAtMs >= coalesceMs);
  }

  #readOnce(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const { read, place } = this.#deps;
    try {
      this.#succeeded(await read(AbortSignal.timeout(readTimeoutMs)));
    } catch (error: unknown) {
      this.#failed(SecretError.from(error, place));
    }
  }

  #succeeded(document: SecretDocument): void {
    const { clock, backoff, maxAgeMs, onChange, onTrouble } = this.#deps;
    const digest = digestOfDocument(document);
    const hasChanged = digest !== this.#digest;
    const hadTrouble = this.#failure !== undefined;
    this.#document = document;
    this.#digest = digest;
    this.#failure = undefined;
    this.#triedAtMs = clock.nowMs();
    this.#dueMs = this.#triedAtMs + Math.min(maxAgeMs(), document.maxAgeMs ?? Infinity);
    backoff.reset();
    if (hadTrouble) onTrouble(undefined);
    if (hasChanged || hadTrouble) onChange();
  }

  #failed(error: SecretError): void {
    const { clock, backoff, onTrouble } = this.#deps;
    const isNews = this.#failure?.message !== error.message;
    this.#failure = error;
    if (error.code !== 'unavailable') this.#forget();
    this.#triedAtMs = clock.nowMs();
    this.#dueMs = this.#triedAtMs + backoff.nextDelayMs();
    if (isNews) onTrouble(error);
  }

  #forget(): void {
    this.#document = undefined;
    this.#digest = '';
  }
}

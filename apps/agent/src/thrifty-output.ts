/**
 * The output of one feed that leaves out of a snapshot what the bridge has already: it asks at the
 * beginning what is stored, holds the snapshot back until the answer is there (not for long), and
 * names what was left out before the end. Everything else goes to the sender as it is.
 */
import {
  hashObjectVersion,
  ProtocolError,
  VersionSet,
  type DeltaRecord,
  type KnownObjects,
} from '@fairlead/protocol';
import type { Delta, FeedOutput, FeedStatus } from '@fairlead/watch-engine';
import type { FeedSender } from './feed-sender.ts';
import type { LingerClock } from './linger-queue.ts';
import { outgoingRecord } from './outgoing-delta.ts';

/**
 * What is stored of a feed: nothing, rows that say what its objects would say now, or rows that were
 * made under another policy, which must be sent anew though their versions are the same.
 */
export type StoredRows = 'none' | 'same' | 'other';

/** What an output works with. */
export interface ThriftyOutputOptions {
  /** Where everything goes. */
  readonly sender: FeedSender;
  /** What is stored when it begins. */
  readonly stored: StoredRows;
  /** Time. */
  readonly clock: LingerClock;
  /** Told how many objects of a snapshot were left out. */
  readonly kept: (objects: number) => void;
}

/**
 * How long a snapshot waits for the answer, in milliseconds. A bridge reads a hundred thousand rows
 * in less; an API server does not wait for its reader much longer (--request-timeout, a minute).
 */
export const knownObjectsTimeoutMs = 15_000;

/** No snapshot, one that waits for its answer, or one of which some objects may be known. */
type Phase =
  | { readonly kind: 'plain' }
  | { readonly kind: 'asking'; readonly answered: () => void }
  | { readonly kind: 'knowing'; readonly known: VersionSet };

/** One feed's output, from its opening to its end. */
export class ThriftyOutput implements FeedOutput {
  readonly #options: ThriftyOutputOptions;
  #stored: StoredRows;
  #phase: Phase = { kind: 'plain' };
  /** Snapshots that were asked about. */
  #asked = 0;

  constructor(options: ThriftyOutputOptions) {
    this.#options = options;
    this.#stored = options.stored;
  }

  write(delta: Delta): Promise<void> | void {
    switch (delta.kind) {
      case 'init':
        return this.#begin(delta);
      case 'initApplied':
        return this.#isKnown(delta.object) ? undefined : this.#options.sender.write(delta);
      case 'initDone':
        return this.#end(delta);
      case 'initKept':
      case 'applied':
      case 'deleted':
      case 'checkpoint':
        return this.#options.sender.write(delta);
    }
  }

  status(status: FeedStatus): void {
    this.#options.sender.status(status);
  }

  /** What the bridge has; too late, or for another snapshot, it is of no use. */
  know({ snapshot, versions }: KnownObjects): void {
    const phase = this.#phase;
    if (phase.kind !== 'asking' || snapshot !== this.#asked) return;
    const known = setOf(versions);
    this.#phase = known === undefined ? { kind: 'plain' } : { kind: 'knowing', known };
    phase.answered();
  }

  /** Ends it: whoever waits need not wait any longer. */
  close(): void {
    this.#leavePhase();
  }

  #begin(delta: Delta & { readonly kind: 'init' }): Promise<void> | void {
    this.#leavePhase();
    const { sender } = this.#options;
    const isWorthAsking = this.#stored === 'same' && sender.mayAsk;
    // From here on there are rows of this snapshot at least.
    if (this.#stored === 'none') this.#stored = 'same';
    if (!isWorthAsking) return sender.write(delta);
    this.#asked += 1;
    const answer = this.#awaitAnswer();
    const sent = sender.send(outgoingRecord(this.#record('initOver')));
    return sent === undefined ? answer : sent.then(() => answer);
  }

  async #awaitAnswer(): Promise<void> {
    const waiting = new AbortController();
    this.#phase = { kind: 'asking', answered: () => waiting.abort() };
    const phase = this.#phase;
    // Rejects when the answer is there, which is what we wait for.
    await this.#options.clock.sleep(knownObjectsTimeoutMs, waiting.signal).catch(() => undefined);
    // No answer: everything is sent.
    if (this.#phase === phase) this.#phase = { kind: 'plain' };
  }

  #isKnown(object: Parameters<typeof hashObjectVersion>[0]): boolean {
    // Without a uid an object of the same name and version may be another one.
    return (
      this.#phase.kind === 'knowing' &&
      object.uid !== '' &&
      this.#phase.known.meet(hashObjectVersion(object))
    );
  }

  #end(delta: Delta & { readonly kind: 'initDone' }): Promise<void> | void {
    const { sender, kept } = this.#options;
    const phase = this.#phase;
    this.#phase = { kind: 'plain' };
    if (delta.isComplete) this.#stored = 'same';
    if (phase.kind !== 'knowing' || phase.known.metCount === 0) return sender.write(delta);
    kept(phase.known.metCount);
    // One after the other in any case, so only the second need be waited for.
    void sender.send(outgoingRecord({ ...this.#record('keptObjects'), object: phase.known.met() }));
    return sender.write(delta);
  }

  #leavePhase(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'plain' };
    if (phase.kind === 'asking') phase.answered();
  }

  #record(type: 'initOver' | 'keptObjects'): DeltaRecord {
    const readAtMs = this.#options.clock.nowMs();
    const nothing = { resourceVersion: '', namespace: '', name: '', uid: '' };
    return { ...nothing, type, readAtMs, object: new Uint8Array(0) };
  }
}

/** Bytes that are no set say nothing: then everything is sent. */
function setOf(versions: Uint8Array): VersionSet | undefined {
  try {
    return new VersionSet(versions);
  } catch (error: unknown) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

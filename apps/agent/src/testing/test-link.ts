/** A link without a stream, and a bridge at its end that keeps what came. */
import {
  decodeDeltaBatch,
  PartAssembler,
  unpackBatch,
  type BatchPart,
  type DeltaRecord,
} from '@fairlead/protocol';
import type { AgentMessageBody, BatchSource, Link, LinkTerms } from '../link.ts';

/** What came with one batch. */
export interface ReceivedBatch {
  /** Its feed. */
  readonly feedId: number;
  /** Its number. */
  readonly seq: number;
  /** What it costs. */
  readonly bytes: number;
  /** Its deltas. */
  readonly records: readonly DeltaRecord[];
}

/** A link in a test's hands. */
export class TestLink implements Link {
  terms: LinkTerms = {
    bridgeId: 'b',
    codec: 'zstd',
    maxBatchBytes: 1_000_000,
    maxPartBytes: 1000,
    hasAntiEntropy: false,
    tunnelTicket: '',
  };
  /** Loses the link. */
  readonly ending = new AbortController();
  /** Messages, without pieces of batches. */
  readonly messages: AgentMessageBody[] = [];
  /** Pieces, in the order they came. */
  readonly parts: BatchPart[] = [];
  /** Whole batches, in the order they were whole. */
  readonly received: ReceivedBatch[] = [];
  isDraining = false;
  /** What the stream takes: pieces of any batch, of changes only while it still writes, or none. */
  room: 'any' | 'live' | 'none' = 'any';
  readonly #assembler = new PartAssembler({});
  #source: BatchSource | undefined;
  #feedId = 0;
  #isAsking = false;

  get closed(): AbortSignal {
    return this.ending.signal;
  }

  /** The deltas of all batches. */
  get records(): DeltaRecord[] {
    return this.received.flatMap(({ records }) => records);
  }

  /** The numbers of all batches. */
  get batches(): number[] {
    return this.received.map(({ seq }) => seq);
  }

  nextFeedId(): number {
    this.#feedId += 1;
    return this.#feedId;
  }

  send(body: AgentMessageBody): void {
    this.messages.push(body);
  }

  attach(source: BatchSource): void {
    this.#source = source;
  }

  wake(): void {
    while (this.room !== 'none' && this.takePart());
  }

  /** The stream takes again what there is. */
  drain(): void {
    this.room = 'any';
    this.wake();
  }

  /** Takes one piece; whether there was one. */
  takePart(): boolean {
    if (this.#isAsking) return false;
    this.#isAsking = true;
    const part = this.#source?.next(this.room === 'any' ? 'any' : 'live');
    this.#isAsking = false;
    if (part === undefined) return false;
    this.parts.push(part);
    const batch = this.#assembler.add(part);
    if (batch === undefined) return true;
    const { feedId, batchSeq: seq, uncompressedBytes: bytes } = batch;
    this.received.push({ feedId, seq, bytes, records: decodeDeltaBatch(unpackBatch(batch)) });
    return true;
  }
}

/** Counts what a contestant has handed on, and tells when enough has come. */

/** What was handed on so far. */
export interface Tally {
  /** Objects of the list. */
  readonly objects: number;
  /** Changes after it. */
  readonly events: number;
  /** Bytes of both. */
  readonly bytes: number;
  /** Of the newest change; `''` before the first. */
  readonly resourceVersion: string;
  /** What must not happen: something missing, twice, or out of order. */
  readonly faults: readonly string[];
}

/** What is waited for. */
export type Wanted = Pick<Tally, 'objects' | 'events'>;

/** Faults beyond these say nothing new. */
const maxFaults = 10;

/** A tally under way. */
export class DeltaTally {
  #objects = 0;
  #events = 0;
  #bytes = 0;
  #resourceVersion = '';
  readonly #faults: string[] = [];
  #wanted: Wanted = { objects: Infinity, events: Infinity };
  #reached: () => void = () => undefined;

  /** An object of the list. */
  object(bytes: number): void {
    this.#objects += 1;
    this.#bytes += bytes;
    this.#look();
  }

  /** A change after it. */
  event(bytes: number, resourceVersion: string): void {
    this.#events += 1;
    this.#bytes += bytes;
    this.#resourceVersion = resourceVersion;
    this.#look();
  }

  /** Something that must not happen. */
  fault(what: string): void {
    if (this.#faults.length < maxFaults) this.#faults.push(what);
    this.#reached();
  }

  /** So far. */
  read(): Tally {
    return {
      objects: this.#objects,
      events: this.#events,
      bytes: this.#bytes,
      resourceVersion: this.#resourceVersion,
      faults: [...this.#faults],
    };
  }

  /** Resolves when so much has come, or something went wrong. One waiter at a time. */
  async until(wanted: Wanted): Promise<Tally> {
    this.#wanted = wanted;
    await new Promise<void>((resolve) => {
      this.#reached = resolve;
      this.#look();
      if (this.#faults.length > 0) resolve();
    });
    return this.read();
  }

  #look(): void {
    const { objects, events } = this.#wanted;
    if (this.#objects >= objects && this.#events >= events) this.#reached();
  }
}

/** Two wires joined in memory: what one sends the other hears, a turn later, unless it is paused. */
import type { TunnelWire, WireListener } from '../tunnel-wire.ts';

/** One end, and what tests look at. */
export class MemoryWire<Out, In> implements TunnelWire<Out, In> {
  /** Everything that was sent from this end. */
  readonly sent: Out[] = [];
  /** Whether this end cancelled. */
  isCancelled = false;
  isPaused = false;
  /** Messages that have arrived at this end and are not yet heard. */
  readonly inbox: In[] = [];
  #listener: WireListener<In> | undefined;
  #peer: MemoryWire<In, Out> | undefined;
  #isClosed = false;
  #waiters: (() => void)[] = [];

  /** Joins two ends. */
  join(peer: MemoryWire<In, Out>): void {
    this.#peer = peer;
  }

  listen(listener: WireListener<In>): void {
    this.#listener = listener;
    this.pump();
  }

  send(message: Out): void {
    if (this.#isClosed) return;
    this.sent.push(message);
    this.#peer?.inbox.push(message);
    queueMicrotask(() => this.#peer?.pump());
  }

  room(): Promise<void> | undefined {
    if (this.#isClosed || (this.#peer?.inbox.length ?? 0) < 4) return undefined;
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    queueMicrotask(() => this.pump());
  }

  end(): void {
    this.close('ended');
  }

  cancel(): void {
    this.isCancelled = true;
    this.close('cancelled');
  }

  /** Breaks both ends. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const waiter of this.#waiters.splice(0)) waiter();
    this.#peer?.close(reason);
    queueMicrotask(() => this.#listener?.closed(reason));
  }

  /** Lets those go on who wait for room. */
  makeRoom(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** Hands on what has arrived. */
  pump(): void {
    while (!this.isPaused && !this.#isClosed && this.#listener !== undefined) {
      const message = this.inbox.shift();
      if (message === undefined) return;
      this.#listener.message(message);
      this.#peer?.makeRoom();
    }
  }
}

/** Two ends that hear each other. */
export function wirePair<A, B>(): [MemoryWire<A, B>, MemoryWire<B, A>] {
  const here = new MemoryWire<A, B>();
  const there = new MemoryWire<B, A>();
  here.join(there);
  there.join(here);
  return [here, there];
}

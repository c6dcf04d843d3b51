// Every answer that one cluster is giving at the moment, so that all of them can be cut at once, or
// fall silent and go on later.
import { PassingSink, type ResponseSink } from './response-sink.ts';

/** The answers under way. */
export class OpenAnswers {
  readonly #open = new Set<GatedSink>();
  #speaking: Promise<void> | undefined;
  #speak: () => void = () => undefined;

  /** True while nothing is sent. */
  get isSilent(): boolean {
    return this.#speaking !== undefined;
  }

  /** Lets an answer through this gate. */
  pass(sink: ResponseSink): ResponseSink {
    const gated = new GatedSink(sink, this);
    this.#open.add(gated);
    sink.closed.addEventListener('abort', () => this.#open.delete(gated), { once: true });
    return gated;
  }

  /** Cuts every answer under way. */
  cutAll(): void {
    for (const answer of [...this.#open]) answer.destroy();
  }

  /** From now on nothing is sent; connections stay open. Returns how to go on. */
  silence(): () => void {
    if (this.#speaking === undefined) {
      this.#speaking = new Promise((resolve) => (this.#speak = resolve));
    }
    return () => {
      this.#speaking = undefined;
      for (const answer of [...this.#open]) answer.sendHeld();
      this.#speak();
    };
  }

  /** Settles when things are sent, or the reader has gone. */
  untilSpeaking(closed: AbortSignal): Promise<void> {
    const speaking = this.#speaking;
    if (speaking === undefined || closed.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      void speaking.then(resolve);
      closed.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** Holds back what is sent in silence: at most what a handler writes before it waits. */
class GatedSink extends PassingSink {
  readonly #gate: OpenAnswers;
  #held: (() => void)[] = [];

  constructor(sink: ResponseSink, gate: OpenAnswers) {
    super(sink);
    this.#gate = gate;
  }

  override start(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.#holds(() => super.start(status, headers))) super.start(status, headers);
  }

  override write(bytes: Uint8Array): boolean {
    return !this.#holds(() => void super.write(bytes)) && super.write(bytes);
  }

  override async drained(): Promise<void> {
    await this.#gate.untilSpeaking(this.closed);
    await super.drained();
  }

  override end(): void {
    if (!this.#holds(() => super.end())) super.end();
  }

  override breakOff(chunk?: Uint8Array): void {
    if (!this.#holds(() => super.breakOff(chunk))) super.breakOff(chunk);
  }

  sendHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const send of held) send();
  }

  #holds(send: () => void): boolean {
    if (this.#gate.isSilent) this.#held.push(send);
    return this.#gate.isSilent;
  }
}

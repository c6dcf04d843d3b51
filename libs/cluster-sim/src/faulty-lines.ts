// Sinks that break a watch at the borders of its lines: half a line, a line that is no JSON, an
// ERROR event between two lines.
import { type SinkEffect } from './fault-effects.ts';
import { PassingSink, type ResponseSink } from './response-sink.ts';

/** The effects that strike after a number of lines. */
export type LineFault = Extract<SinkEffect, { kind: 'cutLine' | 'malformedLine' | 'watchError' }>;

/** What stands in place of a line that was spoilt on its way. */
const MALFORMED_LINE = Buffer.from('{"type":"MODIFIED","object":{"kind":"Po\u0000d",,\n');
const NEWLINE = 0x0a;

/** Puts a line fault between a handler and its sink; `errorLine` is what `watchError` sends. */
export function createLineFaultSink(
  sink: ResponseSink,
  fault: LineFault,
  errorLine: Uint8Array,
): ResponseSink {
  return new LineFaultSink(sink, fault, errorLine);
}

class LineFaultSink extends PassingSink {
  readonly #fault: LineFault;
  readonly #errorLine: Uint8Array;
  #linesLeft: number;
  #isOver = false;
  #isSkipping = false;

  constructor(sink: ResponseSink, fault: LineFault, errorLine: Uint8Array) {
    super(sink);
    this.#fault = fault;
    this.#errorLine = errorLine;
    this.#linesLeft = fault.afterLines ?? 0;
  }

  override start(status: number, headers: Readonly<Record<string, string>>): void {
    const { 'content-length': _length, ...rest } = headers;
    super.start(status, rest);
    if (status !== 200) this.#linesLeft = Infinity;
    // An error event need not wait for the next line, which may never come.
    if (this.#linesLeft === 0 && this.#fault.kind === 'watchError') this.#strike(new Uint8Array());
  }

  override write(bytes: Uint8Array): boolean {
    if (this.#isOver) return true;
    if (this.#isSkipping) return this.#skipLine(bytes);
    const end = this.#endOfWholeLines(bytes);
    if (end === undefined) return super.write(bytes);
    const hasRoom = end === 0 || super.write(bytes.subarray(0, end));
    const rest = bytes.subarray(end);
    if (rest.length > 0 || this.#fault.kind === 'watchError') this.#strike(rest);
    return hasRoom;
  }

  override end(): void {
    if (!this.#isOver) super.end();
    this.#isOver = true;
  }

  /** Position after the last line that passes; undefined when more lines than these may pass. */
  #endOfWholeLines(bytes: Uint8Array): number | undefined {
    let end = 0;
    while (this.#linesLeft > 0) {
      const newline = bytes.indexOf(NEWLINE, end);
      if (newline < 0) return undefined;
      end = newline + 1;
      this.#linesLeft--;
    }
    return this.#linesLeft === 0 ? end : undefined;
  }

  #strike(rest: Uint8Array): void {
    this.#linesLeft = -1;
    switch (this.#fault.kind) {
      case 'cutLine': {
        const newline = rest.indexOf(NEWLINE);
        const line = newline < 0 ? rest : rest.subarray(0, newline);
        super.write(line.subarray(0, Math.ceil(line.length / 2)));
        this.#isOver = true;
        if (this.#fault.how === 'close') super.breakOff();
        else super.end();
        return;
      }
      case 'malformedLine':
        super.write(MALFORMED_LINE);
        this.#isSkipping = true;
        this.#skipLine(rest);
        return;
      case 'watchError':
        super.write(this.#errorLine);
        this.#isOver = true;
        super.end();
    }
  }

  /** Leaves out the rest of one line; what follows passes. */
  #skipLine(bytes: Uint8Array): boolean {
    const newline = bytes.indexOf(NEWLINE);
    if (newline < 0) return true;
    this.#isSkipping = false;
    const rest = bytes.subarray(newline + 1);
    return rest.length === 0 || super.write(rest);
  }
}

// Response sinks that break as fault rules say. The effects of several rules work one upon another.
import { type Clock, type Random } from './clock.ts';
import { type SinkEffect } from './fault-effects.ts';
import { createLineFaultSink } from './faulty-lines.ts';
import { createPacedSink } from './paced-sink.ts';
import { type ResponseSink, untilClosed } from './response-sink.ts';

/** What sinks that break need of their surroundings. */
export interface FaultySinkParts {
  /** Time. */
  readonly clock: Clock;
  /** Where pieces end. */
  readonly random: Random;
  /** The line of an ERROR event with a code. */
  readonly errorLine: (code: number) => Uint8Array;
}

/** Puts the effects between a handler and its sink; the first one is nearest to the handler. */
export function createFaultySink(
  sink: ResponseSink,
  effects: readonly SinkEffect[],
  parts: FaultySinkParts,
): ResponseSink {
  return effects.reduceRight((below, effect) => {
    switch (effect.kind) {
      case 'close':
      case 'closeChunk':
      case 'cut':
      case 'stall':
        return createByteFaultSink(below, effect);
      case 'cutLine':
      case 'malformedLine':
        return createLineFaultSink(below, effect, new Uint8Array());
      case 'watchError':
        return createLineFaultSink(below, effect, parts.errorLine(effect.code));
      case 'slow':
      case 'split':
        return createPacedSink(below, effect, parts);
    }
  }, sink);
}

type ByteFault = Extract<SinkEffect, { kind: 'close' | 'closeChunk' | 'cut' | 'stall' }>;

/** After so many bytes it cuts the connection, ends as if all were well, or goes silent. */
function createByteFaultSink(sink: ResponseSink, fault: ByteFault): ResponseSink {
  let left = fault.afterBytes;
  let isBroken = false;
  const strike = (following: Uint8Array): void => {
    isBroken = true;
    if (fault.kind === 'close') sink.breakOff();
    if (fault.kind === 'closeChunk') sink.breakOff(following);
    if (fault.kind === 'cut') sink.end();
  };
  return {
    closed: sink.closed,
    start(status, headers) {
      if (fault.kind === 'close' && left === 0) {
        isBroken = true;
        sink.destroy();
        return;
      }
      // The promised length would give the fault away, or would never be reached.
      const { 'content-length': _length, ...rest } = headers;
      sink.start(status, rest);
      if (left === 0 && fault.kind !== 'closeChunk') strike(new Uint8Array());
    },
    write(bytes) {
      if (isBroken) return fault.kind !== 'stall';
      const part = bytes.length > left ? bytes.subarray(0, left) : bytes;
      left -= part.length;
      const hasRoom = part.length === 0 || sink.write(part);
      if (left > 0) return hasRoom;
      const following = bytes.subarray(part.length);
      // A chunk is broken in the middle of what is sent next.
      if (fault.kind === 'closeChunk' && following.length < 2) return hasRoom;
      strike(following);
      return fault.kind !== 'stall' && hasRoom;
    },
    drained() {
      return isBroken ? untilClosed(sink) : sink.drained();
    },
    end() {
      if (!isBroken) sink.end();
    },
    destroy() {
      sink.destroy();
    },
    breakOff(chunk) {
      sink.breakOff(chunk);
    },
  };
}

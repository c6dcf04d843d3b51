// A response sink that breaks as fault rules say: after so many bytes it cuts the connection, ends
// as if all were well, or goes silent.
import { type FaultEffect } from './fault-rules.ts';
import { type ResponseSink } from './response-sink.ts';

/** The effects that strike while bytes flow. */
export type ByteFault = Extract<FaultEffect, { kind: 'close' | 'cut' | 'stall' }>;

/** True for the effects that strike while bytes flow. */
export function isByteFault(effect: FaultEffect): effect is ByteFault {
  return effect.kind === 'close' || effect.kind === 'cut' || effect.kind === 'stall';
}

/** Puts a fault between a handler and its sink. */
export function createFaultySink(sink: ResponseSink, fault: ByteFault): ResponseSink {
  let left = fault.afterBytes;
  let isBroken = false;
  const strike = (): void => {
    isBroken = true;
    if (fault.kind === 'close') sink.destroy();
    if (fault.kind === 'cut') sink.end();
  };
  return {
    closed: sink.closed,
    start(status, headers) {
      if (fault.kind === 'close' && left === 0) {
        strike();
        return;
      }
      // The promised length would give the fault away, or would never be reached.
      const { 'content-length': _length, ...rest } = headers;
      sink.start(status, rest);
      if (left === 0) strike();
    },
    write(bytes) {
      if (isBroken) return fault.kind !== 'stall';
      const part = bytes.length > left ? bytes.subarray(0, left) : bytes;
      left -= part.length;
      const hasRoom = part.length === 0 || sink.write(part);
      if (left > 0) return hasRoom;
      strike();
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
  };
}

function untilClosed(sink: ResponseSink): Promise<void> {
  if (sink.closed.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    sink.closed.addEventListener('abort', () => resolve(), { once: true });
  });
}

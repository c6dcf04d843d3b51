// The ways in which an answer can go wrong. All but `run` are plain data, so that they can be sent
// to the control API as JSON.
import { type FaultRequest } from './fault-rules.ts';

/** How a request fails. */
export type FaultEffect = AnsweringEffect | SinkEffect | HandlingEffect;

/** Effects that are the whole answer, or come before it. */
export type AnsweringEffect =
  /** Answered with a Status of this code as kube-apiserver words it, or with `body` as it stands. */
  | {
      readonly kind: 'status';
      /** HTTP status. */
      readonly code: number;
      /** The Status object's message. @defaultValue kube-apiserver's words for the code */
      readonly message?: string;
      /** Value of the header Retry-After. @defaultValue no header */
      readonly retryAfterSeconds?: number;
      /** Sent instead of a Status object. @defaultValue a Status object */
      readonly body?: string;
      /** Of `body`. @defaultValue 'text/plain; charset=utf-8' */
      readonly contentType?: string;
    }
  /** 404 in plain text, as for a type that is not served (any more). */
  | { readonly kind: 'notServed' }
  /** 500 as when the webhook that converts a custom resource's versions does not answer. */
  | { readonly kind: 'conversionWebhook' }
  /** A page is refused with 410 and the token of an inconsistent rest; first pages pass. */
  | { readonly kind: 'expiredToken' }
  /** 200 and not a byte. */
  | { readonly kind: 'empty' }
  /** Never answered, not even with headers; the connection stays open. */
  | { readonly kind: 'silence' }
  /** The answer comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** `action` is done first, then the request is answered. */
  | { readonly kind: 'run'; readonly action: (request: FaultRequest) => void | Promise<void> };

/** Effects on the bytes of an answer. */
export type SinkEffect =
  /** The connection is cut after so many bytes of the body; 0: before the answer. */
  | { readonly kind: 'close'; readonly afterBytes: number }
  /** The connection is cut inside an HTTP chunk: its length was announced, its end never comes. */
  | { readonly kind: 'closeChunk'; readonly afterBytes: number }
  /** The answer ends in order after so many bytes, wherever that is (in the middle of a line). */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nothing more is sent after so many bytes, and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** After so many whole lines half a line is sent, then the answer ends or the connection does. */
  | {
      readonly kind: 'cutLine';
      /** Whole lines before the half one. */
      readonly afterLines: number;
      /** Whether the answer ends in order or the connection is cut. @defaultValue 'end' */
      readonly how?: 'end' | 'close';
    }
  /** In place of the line after so many comes one that is no JSON; then all goes on. */
  | { readonly kind: 'malformedLine'; readonly afterLines: number }
  /** A watch sends an ERROR event with this code after so many lines, then ends. */
  | {
      readonly kind: 'watchError';
      /** Of the Status in the event: 410, 500. */
      readonly code: number;
      /** Whole lines before the event. @defaultValue 0 */
      readonly afterLines?: number;
    }
  /** The body comes at so many bytes a second. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** The body comes in pieces of random lengths of at most so many bytes, each in a chunk of its own. */
  | { readonly kind: 'split'; readonly maxBytes: number };

/** Effects on how a request is understood and what it reads. */
export type HandlingEffect =
  /** A watch gets no bookmarks. */
  | { readonly kind: 'noBookmarks' }
  /** `sendInitialEvents` is answered as by a server that has it not (see `gitVersion`). */
  | { readonly kind: 'noStreamingLists' }
  /** Before a second page is read, the first object of it is deleted. */
  | { readonly kind: 'deleteBetweenPages' }
  /**
   * Answered by a server whose cache is so many changes behind, or stands still at a version. As on
   * a real one, lists and gets that ask for the newest state (no resourceVersion) still get it,
   * unless `isStaleAlways`.
   */
  | {
      readonly kind: 'lag';
      /** How many changes the cache is behind. @defaultValue 0 */
      readonly changes?: number;
      /** The version at which the cache stands still. @defaultValue it moves */
      readonly atResourceVersion?: number;
      /** Also for requests that ask for the newest state. @defaultValue false */
      readonly isStaleAlways?: boolean;
    };

const SINK_EFFECTS: Readonly<Record<SinkEffect['kind'], true>> = {
  close: true,
  closeChunk: true,
  cut: true,
  cutLine: true,
  malformedLine: true,
  slow: true,
  split: true,
  stall: true,
  watchError: true,
};
const HANDLING_EFFECTS: Readonly<Record<HandlingEffect['kind'], true>> = {
  deleteBetweenPages: true,
  lag: true,
  noBookmarks: true,
  noStreamingLists: true,
};

/** True for effects on the bytes of an answer. */
export function isSinkEffect(effect: FaultEffect): effect is SinkEffect {
  return Object.hasOwn(SINK_EFFECTS, effect.kind);
}

/** True for effects on how a request is handled. */
export function isHandlingEffect(effect: FaultEffect): effect is HandlingEffect {
  return Object.hasOwn(HANDLING_EFFECTS, effect.kind);
}

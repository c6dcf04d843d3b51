// Faults by name, for command lines and the control API: `unavailable=0.05`, or with a time
// `forbidden=secrets@10-30` (from the 10th to the 30th second). `start-fault.ts` starts them.
import { type FaultEffect } from './fault-effects.ts';
import { type FaultMatch, type FaultRule } from './fault-rules.ts';
import { type FaultValue, isFaultValue } from './fault-value.ts';
import { type NamedIncident, namedIncidents } from './named-incidents.ts';

/** A fault that can be asked for by name. */
export type NamedFault = NamedRule | NamedIncident;

/** A fault that strikes requests. */
export interface NamedRule {
  /** What its value means; a resource is a plural name, or `*` for all. */
  readonly value: FaultValue;
  /** What it does, for people. */
  readonly description: string;
  /** The rule for a value. */
  readonly rule: (value: string) => FaultRule;
}

/** A fault as it was asked for. */
export interface ParsedFault {
  /** As it was written. */
  readonly text: string;
  /** Its value. */
  readonly value: string;
  /** What it is. */
  readonly fault: NamedFault;
  /** When it starts, from now. */
  readonly fromMs: number;
  /** When it ends, from now; Infinity for never. */
  readonly untilMs: number;
}

const watches: FaultMatch = { verb: 'watch' };
const lists: FaultMatch = { verb: 'list' };
const listsAndWatches: FaultMatch = { verb: ['list', 'watch'] };

function likely(effect: FaultEffect, match: FaultMatch = {}): NamedRule['rule'] {
  return (value) => ({ match, effect, probability: Number(value) });
}

function ofResource(effect: FaultEffect): NamedRule['rule'] {
  return (value) => ({ match: value === '*' ? {} : { resource: value }, effect });
}

function counted(match: FaultMatch, effect: (count: number) => FaultEffect): NamedRule['rule'] {
  return (value) => ({ match, effect: effect(Number(value)) });
}

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n';

const namedRules: Readonly<Record<string, NamedRule>> = {
  unavailable: {
    value: 'probability',
    description: 'answers 503 to this share of requests',
    rule: likely({ kind: 'status', code: 503, retryAfterSeconds: 1 }),
  },
  'bad-gateway': {
    value: 'probability',
    description: 'answers 502 with a page of HTML to this share of requests',
    rule: likely({ kind: 'status', code: 502, body: HTML, contentType: 'text/html' }),
  },
  'too-many': {
    value: 'probability',
    description: 'answers 429 with Retry-After to this share of requests',
    rule: likely({ kind: 'status', code: 429, retryAfterSeconds: 1 }),
  },
  unauthorized: {
    value: 'probability',
    description: 'answers 401 to this share of requests',
    rule: likely({ kind: 'status', code: 401 }),
  },
  forbidden: {
    value: 'resource',
    description: 'answers 403 for this resource',
    rule: ofResource({ kind: 'status', code: 403 }),
  },
  'not-found': {
    value: 'resource',
    description: 'answers 404 for this resource, as when its definition has gone',
    rule: ofResource({ kind: 'notServed' }),
  },
  conversion: {
    value: 'resource',
    description: 'answers 500 for this resource: its conversion webhook is away',
    rule: ofResource({ kind: 'conversionWebhook' }),
  },
  gone: {
    value: 'probability',
    description: 'answers this share of watches with status 410',
    rule: likely({ kind: 'status', code: 410 }, watches),
  },
  expired: {
    value: 'probability',
    description: 'begins this share of watches with a 410 ERROR event',
    rule: likely({ kind: 'watchError', code: 410 }, watches),
  },
  'expired-later': {
    value: 'lines',
    description: 'ends every watch with a 410 ERROR event after so many lines',
    rule: counted(watches, (afterLines) => ({ kind: 'watchError', code: 410, afterLines })),
  },
  'expired-page': {
    value: 'probability',
    description: 'answers 410 to this share of continue tokens',
    rule: likely({ kind: 'expiredToken' }, { ...lists, isFurtherPage: true }),
  },
  empty: {
    value: 'probability',
    description: 'answers this share of lists and watches with 200 and no body',
    rule: likely({ kind: 'empty' }, listsAndWatches),
  },
  'instant-close': {
    value: 'probability',
    description: 'breaks the connection of this share of requests before the answer',
    rule: likely({ kind: 'close', afterBytes: 0 }),
  },
  silent: {
    value: 'probability',
    description: 'never answers this share of requests; the connection stays open',
    rule: likely({ kind: 'silence' }),
  },
  'cut-watch': {
    value: 'bytes',
    description: 'ends every watch after so many bytes, in the middle of a line',
    rule: counted(watches, (afterBytes) => ({ kind: 'cut', afterBytes })),
  },
  'close-watch': {
    value: 'bytes',
    description: 'breaks the connection of every watch after so many bytes',
    rule: counted(watches, (afterBytes) => ({ kind: 'close', afterBytes })),
  },
  'stall-watch': {
    value: 'bytes',
    description: 'goes silent on every watch after so many bytes',
    rule: counted(watches, (afterBytes) => ({ kind: 'stall', afterBytes })),
  },
  'half-line': {
    value: 'lines',
    description: 'ends every watch in order with half an object after so many lines',
    rule: counted(watches, (afterLines) => ({ kind: 'cutLine', afterLines })),
  },
  'close-line': {
    value: 'lines',
    description: 'breaks the connection of every watch inside a line after so many lines',
    rule: counted(watches, (afterLines) => ({ kind: 'cutLine', afterLines, how: 'close' })),
  },
  'close-chunk': {
    value: 'bytes',
    description: 'breaks the connection of lists and watches inside an HTTP chunk',
    rule: counted(listsAndWatches, (afterBytes) => ({ kind: 'closeChunk', afterBytes })),
  },
  malformed: {
    value: 'lines',
    description: 'puts a line that is no JSON in place of the one after so many, in every watch',
    rule: counted(watches, (afterLines) => ({ kind: 'malformedLine', afterLines })),
  },
  'half-list': {
    value: 'bytes',
    description: 'ends every list in order after so many bytes',
    rule: counted(lists, (afterBytes) => ({ kind: 'cut', afterBytes })),
  },
  'delete-between-pages': {
    value: 'resource',
    description: 'deletes the first object of every further page before it is read',
    rule: ofResource({ kind: 'deleteBetweenPages' }),
  },
  'no-bookmarks': {
    value: 'resource',
    description: 'sends no bookmarks in watches of this resource',
    rule: ofResource({ kind: 'noBookmarks' }),
  },
  'no-streaming': {
    value: 'resource',
    description: 'refuses sendInitialEvents for this resource, as with the feature gate off',
    rule: ofResource({ kind: 'noStreamingLists' }),
  },
  lag: {
    value: 'changes',
    description: 'every second connection reaches a server whose cache is so many changes behind',
    rule: (value) => ({
      match: { connections: 'odd' },
      effect: { kind: 'lag', changes: Number(value) },
    }),
  },
  stale: {
    value: 'changes',
    description: 'every second request is answered from so many changes ago, whatever it asks for',
    rule: (value) => ({
      effect: { kind: 'lag', changes: Number(value), isStaleAlways: true },
      probability: 0.5,
    }),
  },
  slow: {
    value: 'milliseconds',
    description: 'answers every request so much later',
    rule: counted({}, (ms) => ({ kind: 'delay', ms })),
  },
  'slow-body': {
    value: 'bytes',
    description: 'sends so many bytes of each list and watch a second',
    rule: counted(listsAndWatches, (bytesPerSecond) => ({ kind: 'slow', bytesPerSecond })),
  },
  split: {
    value: 'bytes',
    description: 'sends lists and watches in pieces of random lengths up to so many bytes',
    rule: counted(listsAndWatches, (maxBytes) => ({ kind: 'split', maxBytes })),
  },
};

/** Faults by name. */
export const namedFaults: Readonly<Record<string, NamedFault>> = {
  ...namedRules,
  ...namedIncidents,
};

const FORM = /^([^=@]+)(?:=([^@]*))?(?:@(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?)?$/;

/** Reads `NAME=VALUE[@FROM[-UNTIL]]`; a text says what is wrong with it. */
export function parseFault(text: string): ParsedFault | string {
  const [, name = '', value = '', from = '0', until = 'Infinity'] = FORM.exec(text) ?? [];
  const fault = Object.hasOwn(namedFaults, name) ? namedFaults[name] : undefined;
  if (fault === undefined) {
    return `no fault is named "${name || text}"; there are: ${Object.keys(namedFaults).join(', ')}`;
  }
  if (!isFaultValue(fault.value, value)) return `${name} needs ${fault.value}: ${name}=...`;
  return { text, value, fault, fromMs: Number(from) * 1000, untilMs: Number(until) * 1000 };
}

/** One line for each fault, for help texts. */
export function describeFaults(): string {
  return Object.entries(namedFaults)
    .map(([name, { value, description }]) => `  ${name}=<${value}>  ${description}`)
    .join('\n');
}

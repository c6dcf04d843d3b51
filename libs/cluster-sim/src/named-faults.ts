// Faults by name, for command lines and the control API: `unavailable=0.05` and so on, each one a
// rule for a simulated cluster.
import { type FaultRule } from './fault-rules.ts';

/** A fault that can be asked for by name. */
interface NamedFault {
  /** What its value means. */
  readonly value: 'probability' | 'milliseconds' | 'resource' | 'bytes';
  /** What it does, for people. */
  readonly description: string;
  /** The rule for a value. */
  readonly rule: (value: string) => FaultRule;
}

const probability =
  (effect: FaultRule['effect'], match: FaultRule['match'] = {}): NamedFault['rule'] =>
  (value) => ({ match, effect, probability: Number(value) });

/** Faults by name. */
export const namedFaults: Readonly<Record<string, NamedFault>> = {
  unavailable: {
    value: 'probability',
    description: 'answers 503 to this share of requests',
    rule: probability({ kind: 'status', code: 503, retryAfterSeconds: 1 }),
  },
  'too-many': {
    value: 'probability',
    description: 'answers 429 with Retry-After to this share of requests',
    rule: probability({ kind: 'status', code: 429, retryAfterSeconds: 1 }),
  },
  expired: {
    value: 'probability',
    description: 'begins this share of watches with a 410 ERROR event',
    rule: probability({ kind: 'watchError', code: 410 }, { verb: 'watch' }),
  },
  empty: {
    value: 'probability',
    description: 'answers this share of lists and watches with 200 and no body',
    rule: probability({ kind: 'empty' }, { when: ({ target }) => isListOrWatch(target) }),
  },
  forbidden: {
    value: 'resource',
    description: 'answers 403 for this resource (plural name)',
    rule: (resource) => ({ match: { resource }, effect: { kind: 'status', code: 403 } }),
  },
  unauthorized: {
    value: 'probability',
    description: 'answers 401 to this share of requests',
    rule: probability({ kind: 'status', code: 401 }),
  },
  slow: {
    value: 'milliseconds',
    description: 'answers every request so much later',
    rule: (ms) => ({ effect: { kind: 'delay', ms: Number(ms) } }),
  },
  'cut-watch': {
    value: 'bytes',
    description: 'ends every watch after so many bytes, in the middle of a line',
    rule: (bytes) => ({
      match: { verb: 'watch' },
      effect: { kind: 'cut', afterBytes: Number(bytes) },
    }),
  },
  'close-watch': {
    value: 'bytes',
    description: 'breaks the connection of every watch after so many bytes',
    rule: (bytes) => ({
      match: { verb: 'watch' },
      effect: { kind: 'close', afterBytes: Number(bytes) },
    }),
  },
  'stall-watch': {
    value: 'bytes',
    description: 'goes silent on every watch after so many bytes',
    rule: (bytes) => ({
      match: { verb: 'watch' },
      effect: { kind: 'stall', afterBytes: Number(bytes) },
    }),
  },
};

/** Reads `NAME=VALUE`; a text says what is wrong with it. */
export function parseFault(flag: string): FaultRule | string {
  const equals = flag.indexOf('=');
  const name = equals < 0 ? flag : flag.slice(0, equals);
  const value = equals < 0 ? '' : flag.slice(equals + 1);
  const fault = Object.hasOwn(namedFaults, name) ? namedFaults[name] : undefined;
  if (fault === undefined) {
    return `no fault is named "${name}"; there are: ${Object.keys(namedFaults).join(', ')}`;
  }
  return isValid(fault, value)
    ? { name: flag, ...fault.rule(value) }
    : `${name} needs a ${fault.value}: ${name}=...`;
}

/** One line for each fault, for the help text. */
export function describeFaults(): string {
  return Object.entries(namedFaults)
    .map(([name, { value, description }]) => `  ${name}=<${value}>  ${description}`)
    .join('\n');
}

function isValid({ value: kind }: NamedFault, value: string): boolean {
  if (value === '') return false;
  if (kind === 'resource') return true;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 && (kind !== 'probability' || number <= 1);
}

function isListOrWatch(target: { readonly kind: string; readonly verb?: string }): boolean {
  return target.verb === 'list' || target.verb === 'watch';
}

// What shall go wrong on a simulated API server: rules that can be set and taken back at any time,
// each saying which requests it strikes and how. Pure; `faulty-sink.ts` does the damage.
import { type Random } from './clock.ts';
import { type FaultEffect } from './fault-effects.ts';
import { type RequestTarget, type Verb } from './request-target.ts';

/** Which requests a rule strikes; every part that is given must fit. */
export interface FaultMatch {
  /** HTTP method. */
  readonly method?: string;
  /** The whole path, or a pattern in it. */
  readonly path?: string | RegExp;
  /** Plural resource name. */
  readonly resource?: string;
  /** API group of that resource; '' for the core group. */
  readonly group?: string;
  /** Kubernetes verb, or any of several. */
  readonly verb?: Verb | readonly Verb[];
  /** True: only further pages of a list; false: only requests without a continue token. */
  readonly isFurtherPage?: boolean;
  /** Only every second connection, as if two servers stood behind one address. */
  readonly connections?: 'odd' | 'even';
  /** Anything else; sees the query too. */
  readonly when?: (request: FaultRequest) => boolean;
}

/** One rule. */
export interface FaultRule {
  /** What people call it. @defaultValue the kind of its effect */
  readonly name?: string;
  /** Which requests. @defaultValue all */
  readonly match?: FaultMatch;
  /** How they fail. */
  readonly effect: FaultEffect;
  /** How often it strikes a matching request, 0 to 1. @defaultValue 1 */
  readonly probability?: number;
  /** Matching requests that it lets pass first. @defaultValue 0 */
  readonly skip?: number;
  /** After so many strikes it is used up. @defaultValue no end */
  readonly count?: number;
  /** It is in force from so many milliseconds after it was added. @defaultValue 0 */
  readonly fromMs?: number;
  /** It is in force until so many milliseconds after it was added. @defaultValue no end */
  readonly untilMs?: number;
}

/** What a rule sees of a request. */
export interface FaultRequest {
  /** HTTP method. */
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** Query. */
  readonly query: URLSearchParams;
  /** What the request is about. */
  readonly target: RequestTarget;
  /** Number of the connection it came on, from 0. @defaultValue 0 */
  readonly connection?: number;
}

/** A rule in force. */
export interface ActiveFault {
  /** Its number among the rules of its cluster. */
  readonly id: number;
  /** What people call it. */
  readonly name: string;
  /** How many requests it has struck. */
  readonly strikes: number;
  /** Takes the rule back; what it already struck stays struck. */
  remove(): void;
}

interface RuleState {
  readonly rule: FaultRule;
  readonly addedAtMs: number;
  readonly handle: ActiveFault;
  seen: number;
  strikes: number;
}

/** The rules of one cluster. */
export class FaultRules {
  readonly #random: Random;
  readonly #nowMs: () => number;
  readonly #onRemoved: () => void;
  #incidents: readonly ActiveFault[] = [];
  #rules: readonly RuleState[] = [];
  #lastId = 0;

  /** Without `nowMs` time stands still; `onRemoved` is called when rules were taken back. */
  constructor(random: Random, parts: { nowMs?: () => number; onRemoved?: () => void } = {}) {
    this.#random = random;
    this.#nowMs = parts.nowMs ?? (() => 0);
    this.#onRemoved = parts.onRemoved ?? (() => undefined);
  }

  /** Puts a rule in force, after those already there. */
  add(rule: FaultRule): ActiveFault {
    const handle: ActiveFault = {
      id: ++this.#lastId,
      name: rule.name ?? rule.effect.kind,
      get strikes() {
        return state.strikes;
      },
      remove: () => {
        this.#rules = this.#rules.filter((other) => other !== state);
        this.#onRemoved();
      },
    };
    const state: RuleState = { rule, addedAtMs: this.#nowMs(), handle, seen: 0, strikes: 0 };
    this.#rules = [...this.#rules, state];
    return handle;
  }

  /** What is in force: rules in their order, then everything else. */
  get active(): readonly ActiveFault[] {
    return [...this.#rules.map(({ handle }) => handle), ...this.#incidents];
  }

  /** Lists something else that goes wrong among the rules, so that it is taken back with them. */
  register(incident: {
    readonly name: string;
    /** How often it has happened. */
    readonly strikes: () => number;
    /** Takes it back. */
    readonly remove: () => void;
  }): ActiveFault {
    const handle: ActiveFault = {
      id: ++this.#lastId,
      name: incident.name,
      get strikes() {
        return incident.strikes();
      },
      remove: () => {
        this.#incidents = this.#incidents.filter((other) => other !== handle);
        incident.remove();
      },
    };
    this.#incidents = [...this.#incidents, handle];
    return handle;
  }

  /** Takes everything back. */
  clear(): void {
    this.#rules = [];
    for (const incident of this.#incidents) incident.remove();
    this.#onRemoved();
  }

  /** The effects that strike a request, in the order of the rules. */
  strike(request: FaultRequest): readonly FaultEffect[] {
    if (this.#rules.length === 0) return [];
    return this.#rules.filter((state) => this.#strikes(state, request)).map((s) => s.rule.effect);
  }

  /** True while the rule of an effect is there, and its time has not passed. */
  isInForce(effect: FaultEffect): boolean {
    return this.#rules.some((state) => state.rule.effect === effect && this.#isTimeOf(state));
  }

  #isTimeOf({ rule, addedAtMs }: RuleState): boolean {
    const ageMs = this.#nowMs() - addedAtMs;
    return ageMs >= (rule.fromMs ?? 0) && ageMs < (rule.untilMs ?? Infinity);
  }

  #strikes(state: RuleState, request: FaultRequest): boolean {
    const { rule } = state;
    if (!this.#isTimeOf(state)) return false;
    if (state.strikes >= (rule.count ?? Infinity) || !fits(rule.match ?? {}, request)) return false;
    if (state.seen++ < (rule.skip ?? 0)) return false;
    if (this.#random.next() >= (rule.probability ?? 1)) return false;
    state.strikes++;
    return true;
  }
}

function fits(match: FaultMatch, request: FaultRequest): boolean {
  const { target } = request;
  const resource = target.kind === 'resource' ? target : undefined;
  const isFurtherPage = (request.query.get('continue') ?? '') !== '';
  return (
    (match.method ?? request.method) === request.method &&
    fitsPath(match.path, request.path) &&
    (match.resource === undefined || match.resource === resource?.resource) &&
    (match.group === undefined || match.group === resource?.group) &&
    (match.verb === undefined || [match.verb].flat().some((verb) => verb === resource?.verb)) &&
    (match.isFurtherPage ?? isFurtherPage) === isFurtherPage &&
    (match.connections === undefined || fitsConnection(match.connections, request)) &&
    (match.when?.(request) ?? true)
  );
}

function fitsPath(wanted: string | RegExp | undefined, path: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === path : wanted.test(path);
}

function fitsConnection(wanted: 'odd' | 'even', { connection = 0 }: FaultRequest): boolean {
  return (connection % 2 === 1) === (wanted === 'odd');
}

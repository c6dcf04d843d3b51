// What shall go wrong on a simulated API server: rules that can be set and taken back at any time,
// each saying which requests it strikes and how. Pure; `faulty-sink.ts` does the damage.
import { type Random } from './clock.ts';
import { type RequestTarget, type Verb } from './request-target.ts';

/** Which requests a rule strikes; every part that is given must fit. */
export interface FaultMatch {
  /** HTTP method. */
  readonly method?: string;
  /** The whole path, or a pattern in it. */
  readonly path?: string | RegExp;
  /** Plural resource name. */
  readonly resource?: string;
  /** Kubernetes verb. */
  readonly verb?: Verb;
  /** Anything else; sees the query too. */
  readonly when?: (request: FaultRequest) => boolean;
}

/** How a request fails. */
export type FaultEffect =
  /** Answered with a Status of this code, or with `body` as it stands. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
      readonly body?: string;
    }
  /** 200 and not a byte. */
  | { readonly kind: 'empty' }
  /** The connection is cut after so many bytes of the body; 0: before the answer. */
  | { readonly kind: 'close'; readonly afterBytes: number }
  /** The answer ends in order after so many bytes, wherever that is (in the middle of a line). */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Nothing more is sent after so many bytes, and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** A watch sends an ERROR event with this code first, then ends. */
  | { readonly kind: 'watchError'; readonly code: number }
  /** The answer comes so much later. */
  | { readonly kind: 'delay'; readonly ms: number };

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
  readonly handle: ActiveFault;
  seen: number;
  strikes: number;
}

/** The rules of one cluster. */
export class FaultRules {
  readonly #random: Random;
  #rules: readonly RuleState[] = [];
  #lastId = 0;

  constructor(random: Random) {
    this.#random = random;
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
      },
    };
    const state: RuleState = { rule, handle, seen: 0, strikes: 0 };
    this.#rules = [...this.#rules, state];
    return handle;
  }

  /** The rules in force, in their order. */
  get active(): readonly ActiveFault[] {
    return this.#rules.map(({ handle }) => handle);
  }

  /** Takes all rules back. */
  clear(): void {
    this.#rules = [];
  }

  /** The effects that strike a request, in the order of the rules. */
  strike(request: FaultRequest): readonly FaultEffect[] {
    if (this.#rules.length === 0) return [];
    return this.#rules.filter((state) => this.#strikes(state, request)).map((s) => s.rule.effect);
  }

  #strikes(state: RuleState, request: FaultRequest): boolean {
    const { rule } = state;
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
  return (
    (match.method ?? request.method) === request.method &&
    fitsPath(match.path, request.path) &&
    (match.resource === undefined || match.resource === resource?.resource) &&
    (match.verb === undefined || match.verb === resource?.verb) &&
    (match.when?.(request) ?? true)
  );
}

function fitsPath(wanted: string | RegExp | undefined, path: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === path : wanted.test(path);
}

/**
 * The tunnels of one link, as the bridge keeps them: some idle ones ready, more asked for when
 * requests wait, and those that nobody uses ended again. A request is given to a tunnel when one is
 * there; until then nothing of it has left the bridge.
 */
import type { ApiRequest, ApiResponse } from './api-exchange.ts';
import { ApiTunnelError } from './api-tunnel-error.ts';
import type { BridgeWire } from './outgoing-exchange.ts';
import { RequestTunnel } from './request-tunnel.ts';
import type { TunnelClock } from './tunnel-wire.ts';

/** What a pool works with. */
export interface TunnelPoolOptions {
  /** Asks the agent for so many more. */
  readonly ask: (count: number) => void;
  /** For waits of requests and the end of idle tunnels. */
  readonly clock: TunnelClock;
  /** Bounds. @defaultValue {@link tunnelLimits} */
  readonly limits?: Partial<TunnelLimits>;
}

/** Bounds of a pool. */
export interface TunnelLimits {
  /** Idle tunnels that are kept ready for the next requests. */
  readonly spare: number;
  /** Tunnels of one link, idle ones and those on their way among them. */
  readonly most: number;
  /** Exchanges of one account at a time, so that no account takes all tunnels of its agent. */
  readonly mostPerAccount: number;
  /** How long a request waits for a tunnel, in milliseconds. */
  readonly waitMs: number;
  /** How long a tunnel beyond the spare ones stays idle, in milliseconds. */
  readonly idleMs: number;
  /** After so long a tunnel that was asked for is given up, in milliseconds. */
  readonly arrivalMs: number;
}

/**
 * Two spare tunnels save the next client a round trip to the agent; a page of a console or an
 * informer set opens some dozens at once. GitLab's KAS ends at 500 tunnels of an agent, which its
 * users have met; a tunnel at rest costs some 20 KB on each side.
 */
export const tunnelLimits: TunnelLimits = Object.freeze({
  spare: 2,
  most: 2_000,
  mostPerAccount: 1_000,
  waitMs: 5_000,
  idleMs: 60_000,
  arrivalMs: 5_000,
});

interface Waiting {
  readonly account: string;
  readonly request: ApiRequest;
  resolve(answer: Promise<ApiResponse>): void;
  reject(error: Error): void;
  /** Forgets the limit and the caller's signal. */
  release(): void;
}

/** The tunnels of a link. */
export class TunnelPool {
  readonly #options: TunnelPoolOptions;
  readonly #limits: TunnelLimits;
  /** The last one used is the first to be used again. */
  readonly #idle: RequestTunnel[] = [];
  readonly #busy = new Map<RequestTunnel, string>();
  readonly #perAccount = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  /** For each tunnel on its way, how to forget its limit; the oldest first. */
  readonly #coming: (() => void)[] = [];
  #closedBecause: string | undefined;
  /** The fewest idle tunnels there were since the last look: these were of no use. */
  #leastIdle = 0;
  #stopLooking: () => void = () => undefined;

  constructor(options: TunnelPoolOptions) {
    this.#options = options;
    this.#limits = { ...tunnelLimits, ...options.limits };
    this.#look();
    this.#askForMore();
  }

  /** How many carry an exchange. */
  get busy(): number {
    return this.#busy.size;
  }

  /** How many are there. */
  get open(): number {
    return this.#busy.size + this.#idle.length;
  }

  /** The agent has opened one. Answers whether it is taken; else the caller ends it. */
  add(wire: BridgeWire): boolean {
    if (this.#closedBecause !== undefined || this.open >= this.#limits.most) return false;
    this.#coming.shift()?.();
    const tunnel = new RequestTunnel({
      wire,
      clock: this.#options.clock,
      onIdle: (idle) => this.#freed(idle),
      onClosed: (gone) => this.#gone(gone),
    });
    this.#use(tunnel);
    this.#askForMore();
    return true;
  }

  /** Sends a request as soon as there is a tunnel. Rejects with `ApiTunnelError`. */
  exchange(account: string, request: ApiRequest): Promise<ApiResponse> {
    if (this.#closedBecause !== undefined) return Promise.reject(unavailable(this.#closedBecause));
    const running = this.#perAccount.get(account) ?? 0;
    if (running >= this.#limits.mostPerAccount) {
      return Promise.reject(unavailable(`${running} requests of the account are under way`));
    }
    this.#perAccount.set(account, running + 1);
    const tunnel = this.#idle.pop();
    this.#leastIdle = Math.min(this.#leastIdle, this.#idle.length);
    const answer =
      tunnel === undefined
        ? this.#waitForTunnel(account, request)
        : this.#start(tunnel, account, request);
    this.#askForMore();
    return answer;
  }

  /** Ends all tunnels; what waits or runs fails. */
  close(reason: string): void {
    if (this.#closedBecause !== undefined) return;
    this.#closedBecause = reason;
    this.#stopLooking();
    for (const forget of this.#coming.splice(0)) forget();
    for (const waiting of [...this.#waiting]) this.#refuse(waiting, unavailable(reason));
    for (const tunnel of [...this.#idle, ...this.#busy.keys()]) tunnel.close(reason);
  }

  #waitForTunnel(account: string, request: ApiRequest): Promise<ApiResponse> {
    const { waitMs } = this.#limits;
    return new Promise<ApiResponse>((resolve, reject) => {
      const late = (): void =>
        this.#refuse(waiting, unavailable(`no tunnel to the agent in ${waitMs / 1000} s`));
      const abort = (): void =>
        this.#refuse(waiting, new ApiTunnelError('aborted', 'nobody waits any more'));
      const stopWaiting = this.#options.clock.after(waitMs, late);
      const release = (): void => {
        stopWaiting();
        request.signal.removeEventListener('abort', abort);
      };
      const waiting: Waiting = { account, request, resolve, reject, release };
      this.#waiting.add(waiting);
      request.signal.addEventListener('abort', abort, { once: true });
      if (request.signal.aborted) abort();
    });
  }

  #refuse(waiting: Waiting, error: Error): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.release();
    this.#leave(waiting.account);
    waiting.reject(error);
  }

  #start(tunnel: RequestTunnel, account: string, request: ApiRequest): Promise<ApiResponse> {
    this.#busy.set(tunnel, account);
    return tunnel.exchange(account, request);
  }

  /** Gives a free tunnel to whoever has waited longest. */
  #use(tunnel: RequestTunnel): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#idle.push(tunnel);
      return;
    }
    this.#waiting.delete(next);
    next.release();
    next.resolve(this.#start(tunnel, next.account, next.request));
  }

  #freed(tunnel: RequestTunnel): void {
    this.#ended(tunnel);
    this.#use(tunnel);
  }

  #gone(tunnel: RequestTunnel): void {
    this.#ended(tunnel);
    const at = this.#idle.indexOf(tunnel);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#askForMore();
  }

  #ended(tunnel: RequestTunnel): void {
    const account = this.#busy.get(tunnel);
    if (account === undefined) return;
    this.#busy.delete(tunnel);
    this.#leave(account);
  }

  #leave(account: string): void {
    const left = (this.#perAccount.get(account) ?? 1) - 1;
    if (left > 0) this.#perAccount.set(account, left);
    else this.#perAccount.delete(account);
  }

  #askForMore(): void {
    if (this.#closedBecause !== undefined) return;
    const { spare, most, arrivalMs } = this.#limits;
    const coming = this.#coming.length;
    const wanted = this.#waiting.size + spare - this.#idle.length - coming;
    const count = Math.min(wanted, most - this.open - coming);
    if (count <= 0) return;
    for (let at = 0; at < count; at += 1) this.#expect(arrivalMs);
    this.#options.ask(count);
  }

  /** A tunnel that does not come is asked for again, as long as somebody needs it. */
  #expect(arrivalMs: number): void {
    const forget = this.#options.clock.after(arrivalMs, () => {
      this.#coming.splice(this.#coming.indexOf(forget), 1);
      this.#askForMore();
    });
    this.#coming.push(forget);
  }

  /** Now and then ends the tunnels that have been idle all the time since the last look. */
  #look(): void {
    this.#leastIdle = this.#idle.length;
    this.#stopLooking = this.#options.clock.after(this.#limits.idleMs, () => {
      const unused = Math.max(0, this.#leastIdle - this.#limits.spare);
      // The oldest stand first: the last ones used are used again.
      for (const tunnel of this.#idle.splice(0, unused)) tunnel.close('nobody needs it');
      this.#look();
    });
  }
}

function unavailable(why: string): ApiTunnelError {
  return new ApiTunnelError('unavailable', why);
}

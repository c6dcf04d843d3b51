/**
 * One link, from the agent's Hello to its end, as the contract in `proto/fairlead/v1/link.proto`
 * tells it. Knows nothing of gRPC: it speaks through a {@link LinkWire}.
 */
import {
  capabilities,
  Capability,
  heartbeatMs,
  maxMessageBytes,
  missedHeartbeats,
  batchLimits,
  codecToWire,
  negotiateCodec,
  negotiateProtocolVersion,
  ProtocolError,
  protocolVersions,
  RefusalCode,
  type AgentMessage,
  type BridgeMessage,
  type Hello,
  type RegisterAccount,
} from '@fairlead/protocol';
import { type AccountWriter } from './account-writer.ts';
import { type AgentIdentity } from './access/agent-authenticator.ts';
import { LinkFeeds } from './link-feeds.ts';
import { TooMany, type LinkLimits, type LinkViolation } from './link-limits.ts';

/** What a bridge says, without the envelope. */
export type BridgeSays = NonNullable<BridgeMessage['message']>;

/** The stream under a link. */
export interface LinkWire {
  /** Sends a message; messages to a slow reader wait in memory, see {@link backlog}. */
  send(message: BridgeMessage): void;
  /** Messages that wait to be sent. */
  readonly backlog: number;
  /** Ends the stream after what waits is sent. */
  end(): void;
}

/** What a session needs of the bridge. */
export interface LinkHost {
  /** Name of this bridge process. */
  readonly bridgeId: string;
  /** The agent has said who it is. */
  opened(session: LinkSession): void;
  /** The agent broke the contract, which ends its link. */
  violated(session: LinkSession, violation: LinkViolation): void;
  /** The link is gone. Called once. */
  closed(session: LinkSession, reason: string): void;
  /** The agent offers an account. */
  register(session: LinkSession, account: RegisterAccount): void;
  /** The agent takes an account back. */
  unregister(session: LinkSession, name: string, reason: string): void;
  /** Whether other agents stand by for an account that this link feeds. */
  hasStandIn(session: LinkSession): boolean;
  /** The writer of an account, if this link feeds it by this epoch. */
  writerOf(session: LinkSession, account: string, epoch: number): AccountWriter | undefined;
  /** A batch begins to arrive; `false` if there is no credit for it. */
  charge(account: string, bytes: number): boolean;
}

/** Time, as a session needs it. */
export interface SessionClock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when the signal says so. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a session is made of. */
export interface LinkSessionDeps {
  /** The stream. */
  readonly wire: LinkWire;
  /** The bridge. */
  readonly host: LinkHost;
  /** Time. */
  readonly clock: SessionClock;
  /** Unique among all links of all bridges. */
  readonly linkId: string;
  /** Who the agent is. */
  readonly identity: AgentIdentity;
  /** Names the link on its tunnels; known to its agent alone. */
  readonly tunnelTicket: string;
  /** How much the agent may have. */
  readonly limits: LinkLimits;
}

type SessionState =
  | /** Waits for Hello. */ { readonly kind: 'greeting' }
  | /** Both speak the same version. */ { readonly kind: 'open'; readonly hello: Hello }
  | /** Nothing is sent or heard any more. */ {
      readonly kind: 'closed';
      readonly hello: Hello | undefined;
    };

/** How often it is seen whether the agent is silent, ms. */
const beatStepMs = 5000;
/** Silence after which a link is lost, ms. */
const patienceMs = heartbeatMs * missedHeartbeats;
/**
 * The same where others stand by, ms: half a heartbeat too late, and another agent feeds. If the
 * silent one lives, it comes back and stands by itself.
 */
const standInPatienceMs = heartbeatMs * 1.5;
/** An agent whose credentials are not valid any more comes back at once if it has newer ones, ms. */
const showAnewMs = 1000;
/** An agent that lets this many messages wait does not read. */
const maxBacklog = 20_000;

/** A link. */
export class LinkSession {
  readonly linkId: string;
  readonly identity: AgentIdentity;
  readonly tunnelTicket: string;
  /** When the link began, epoch milliseconds. */
  readonly connectedAtMs: number;
  readonly #deps: LinkSessionDeps;
  readonly #feeds: LinkFeeds;
  readonly #ended = new AbortController();
  readonly #unwatch: () => void;
  readonly #accounts = new Set<string>();
  #state: SessionState = { kind: 'greeting' };
  #lastHeardMs: number;
  #silentMs = 0;

  constructor(deps: LinkSessionDeps) {
    this.#deps = deps;
    this.linkId = deps.linkId;
    this.identity = deps.identity;
    this.tunnelTicket = deps.tunnelTicket;
    this.connectedAtMs = deps.clock.nowMs();
    this.#lastHeardMs = this.connectedAtMs;
    this.#feeds = new LinkFeeds({
      maxFeeds: deps.limits.feedsPerLink,
      writerOf: (account, epoch) => deps.host.writerOf(this, account, epoch),
      charge: (account, bytes) => deps.host.charge(account, bytes),
    });
    this.#unwatch = deps.identity.watch((reason) => {
      this.reconnect(showAnewMs, reason);
    });
    void this.#beat();
  }

  /** What the agent said of itself; `undefined` before Hello. */
  get hello(): Hello | undefined {
    return this.#state.kind === 'greeting' ? undefined : this.#state.hello;
  }

  /** Whether the agent speaks what `verify.proto` says. */
  get hasAntiEntropy(): boolean {
    return this.hello?.capabilities.includes(Capability.ANTI_ENTROPY) ?? false;
  }

  /** Name of the agent, `''` before Hello. */
  get agentId(): string {
    return this.hello?.agentId ?? '';
  }

  /** The agent's process, `''` before Hello. */
  get instanceId(): string {
    return this.hello?.instanceId ?? '';
  }

  /** When the agent was last heard, epoch milliseconds. */
  get lastHeardMs(): number {
    return this.#lastHeardMs;
  }

  /** Takes a message of the agent. */
  receive({ message }: AgentMessage): void {
    if (this.#state.kind === 'closed') return;
    this.#lastHeardMs = this.#deps.clock.nowMs();
    this.#silentMs = 0;
    if (message === undefined) return;
    try {
      if (this.#state.kind === 'greeting') this.#greet(message);
      else this.#handle(message);
    } catch (error: unknown) {
      this.violate(error);
    }
  }

  /** Sends a message, unless the link is closed. */
  send(message: BridgeSays): void {
    if (this.#state.kind === 'closed') return;
    this.#deps.wire.send({ message });
    if (this.#deps.wire.backlog > maxBacklog) this.lost('its agent does not read');
  }

  /** The agent broke the contract: says so and ends the link. */
  violate(error: unknown): void {
    const violation = error instanceof TooMany ? error.violation : 'protocol';
    if (this.#state.kind !== 'closed') this.#deps.host.violated(this, violation);
    const text = error instanceof ProtocolError ? `${error.code}: ${error.message}` : String(error);
    this.refuse(RefusalCode.PROTOCOL_VIOLATION, text);
  }

  /** Ends the link with a reason that the agent is told. */
  refuse(code: RefusalCode, message: string): void {
    this.send({
      $case: 'refused',
      value: { code, message, supportedVersions: [...protocolVersions] },
    });
    this.lost(`refused: ${message}`);
  }

  /** Sends the agent away for a while, and ends the link. */
  reconnect(afterMs: number, reason: string): void {
    this.send({ $case: 'reconnect', value: { afterMs, reason } });
    this.lost(reason);
  }

  /** An account is fed over this link no longer. */
  closeAccount(account: string): void {
    this.#feeds.close(account);
  }

  /** The link is over, for whatever reason. */
  lost(reason: string): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed', hello: this.hello };
    this.#ended.abort();
    this.#unwatch();
    this.#deps.wire.end();
    this.#deps.host.closed(this, reason);
  }

  #greet(message: NonNullable<AgentMessage['message']>): void {
    if (message.$case !== 'hello') throw new Error(`${message.$case} came before hello`);
    const hello = message.value;
    const version = negotiateProtocolVersion(hello.protocolVersions);
    if (version.kind === 'refused') {
      this.refuse(RefusalCode.UNKNOWN_VERSION, version.message);
      return;
    }
    if (hello.agentId === '') throw new Error('hello names no agent');
    this.#state = { kind: 'open', hello };
    this.send({
      $case: 'welcome',
      value: {
        protocolVersion: version.version,
        codec: codecToWire(negotiateCodec(hello.codecs)),
        bridgeId: this.#deps.host.bridgeId,
        maxMessageBytes,
        maxBatchBytes: batchLimits.maxBatchBytes,
        heartbeatMs,
        capabilities: [...capabilities],
        tunnelTicket: this.tunnelTicket,
        accountNames: [...this.identity.accountNames],
      },
    });
    this.#deps.host.opened(this);
  }

  #handle(message: NonNullable<AgentMessage['message']>): void {
    const { host } = this.#deps;
    switch (message.$case) {
      case 'hello':
        throw new Error('hello came twice');
      case 'registerAccount':
        this.#countAccount(message.value.name);
        host.register(this, message.value);
        return;
      case 'unregisterAccount':
        this.#accounts.delete(message.value.name);
        host.unregister(this, message.value.name, message.value.reason);
        return;
      case 'openFeed':
        this.#feeds.open(message.value);
        return;
      case 'feedStatus':
        this.#feeds.writerOf(message.value.feedId)?.setStatus(message.value);
        return;
      case 'retireFeed':
        this.#feeds.retire(message.value);
        return;
      case 'batchPart':
        this.#feeds.takePart(message.value);
        return;
      case 'checkpoints':
        this.#feeds.takeCheckpoints(message.value);
        return;
      case 'feedDigest':
        this.#feeds.writerOf(message.value.feedId)?.takeDigest(message.value);
        return;
      case 'heartbeat':
        return;
      case 'goodbye':
        this.lost(`its agent stopped: ${message.value.reason}`);
    }
  }

  #countAccount(name: string): void {
    const { accountsPerLink } = this.#deps.limits;
    this.#accounts.add(name);
    if (this.#accounts.size <= accountsPerLink) return;
    throw new TooMany('tooManyAccounts', `more than ${accountsPerLink} accounts on one link`);
  }

  /**
   * Sends heartbeats, and notices when the other side is silent: by steps of its own timer, so that
   * neither a clock that is set nor a pause of this process ends a link.
   */
  async #beat(): Promise<void> {
    const { clock, host } = this.#deps;
    const { signal } = this.#ended;
    try {
      for (let steps = 1; ; steps += 1) {
        await clock.sleep(beatStepMs, signal);
        this.#silentMs += beatStepMs;
        const isPatient = this.#silentMs < standInPatienceMs || !host.hasStandIn(this);
        if (!isPatient || this.#silentMs >= patienceMs) {
          this.lost(`nothing was heard for ${String(this.#silentMs / 1000)} s`);
          return;
        }
        if (steps % (heartbeatMs / beatStepMs) !== 0) continue;
        this.send({ $case: 'heartbeat', value: { sentAtMs: clock.nowMs() } });
      }
    } catch (error: unknown) {
      // The sleep ends early only when the link does.
      if (!signal.aborted) throw error;
    }
  }
}

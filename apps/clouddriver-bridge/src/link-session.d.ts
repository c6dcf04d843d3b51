/**
 * One link, from the agent's Hello to its end, as the contract in `proto/fairlead/v1/link.proto`
 * tells it. Knows nothing of gRPC: it speaks through a {@link LinkWire}.
 */
import { RefusalCode, type AgentMessage, type BridgeMessage, type Hello, type RegisterAccount } from '@fairlead/protocol';
import { type AccountWriter } from './account-writer.ts';
import { type AgentIdentity } from './access/agent-authenticator.ts';
import { type LinkLimits, type LinkViolation } from './link-limits.ts';
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
/** A link. */
export declare class LinkSession {
    #private;
    readonly linkId: string;
    readonly identity: AgentIdentity;
    readonly tunnelTicket: string;
    /** When the link began, epoch milliseconds. */
    readonly connectedAtMs: number;
    constructor(deps: LinkSessionDeps);
    /** What the agent said of itself; `undefined` before Hello. */
    get hello(): Hello | undefined;
    /** Whether the agent speaks what `verify.proto` says. */
    get hasAntiEntropy(): boolean;
    /** Name of the agent, `''` before Hello. */
    get agentId(): string;
    /** The agent's process, `''` before Hello. */
    get instanceId(): string;
    /** When the agent was last heard, epoch milliseconds. */
    get lastHeardMs(): number;
    /** Takes a message of the agent. */
    receive({ message }: AgentMessage): void;
    /** Sends a message, unless the link is closed. */
    send(message: BridgeSays): void;
    /** The agent broke the contract: says so and ends the link. */
    violate(error: unknown): void;
    /** Ends the link with a reason that the agent is told. */
    refuse(code: RefusalCode, message: string): void;
    /** Sends the agent away for a while, and ends the link. */
    reconnect(afterMs: number, reason: string): void;
    /** An account is fed over this link no longer. */
    closeAccount(account: string): void;
    /** The link is over, for whatever reason. */
    lost(reason: string): void;
}
//# sourceMappingURL=link-session.d.ts.map
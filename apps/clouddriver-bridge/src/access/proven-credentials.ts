/**
 * Who has proven who they are, for as long as that may be relied on: a proof is used again for a few
 * seconds, and what stays open longer is proven anew, over and over, until it is closed or the proof
 * fails. Credentials are kept as digests, but for those of what is open.
 */
import { hash } from 'node:crypto';
import { type ClientCredentials } from './client-credentials.ts';
import { type Proof, type ProvenIdentity, type ProveCredentials } from './credential-proof.ts';

/** Time, as it is needed here. */
export interface AccessClock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when the signal says so. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Something open that ends when its credentials do. */
export interface Watched {
  /** Beyond the credentials: why it may not stay, if it may not. @defaultValue it may */
  readonly objection?: () => string | undefined;
  /** It must end now; called once at most. The reason names no secret. */
  readonly onEnded: (reason: string) => void;
}

interface WatchedGroup<Rule> {
  readonly credentials: ClientCredentials;
  readonly members: Set<Watched>;
  readonly identity: ProvenIdentity<Rule>;
  provenAtMs: number;
}

/** How long a proof is used again, ms: a token file that has changed counts after this time. */
export const proofLifeMs = 5000;
/** How often what is open is proven anew, ms: three rounds may be late before the promised 60 s. */
export const recheckMs = 15_000;
/**
 * How long what is open stays while nobody can say whether it may, ms: the restart of an identity
 * provider or of an API server must not cut every link.
 */
export const unavailableMs = 600_000;
/** Proofs that are remembered; 100 bytes and the rules each. */
const maxRemembered = 10_000;
/** Proofs that are asked for at once in a round. */
const atOnce = 16;

/** Proofs of one door. */
export class ProvenCredentials<Rule> {
  readonly #prove: ProveCredentials<Rule>;
  readonly #clock: AccessClock;
  readonly #proofs = new Map<string, { readonly proof: Promise<Proof<Rule>>; untilMs: number }>();
  readonly #watched = new Map<string, WatchedGroup<Rule>>();

  constructor(prove: ProveCredentials<Rule>, clock: AccessClock) {
    this.#prove = prove;
    this.#clock = clock;
  }

  /** A proof of a moment ago, or one under way; `undefined` if it must be made. */
  recent(credentials: ClientCredentials): Promise<Proof<Rule>> | undefined {
    const entry = this.#proofs.get(keyOf(credentials));
    return entry && this.#clock.nowMs() < entry.untilMs ? entry.proof : undefined;
  }

  /** Makes the proof now. Only one that succeeded is remembered. */
  prove(credentials: ClientCredentials): Promise<Proof<Rule>> {
    const key = keyOf(credentials);
    const untilMs = this.#clock.nowMs() + proofLifeMs;
    const entry = { proof: this.#prove(credentials), untilMs };
    this.#proofs.delete(key);
    this.#proofs.set(key, entry);
    const [oldest] = this.#proofs.size > maxRemembered ? this.#proofs.keys() : [];
    if (oldest !== undefined) this.#proofs.delete(oldest);
    const forget = (): void => {
      if (this.#proofs.get(key) === entry) this.#proofs.delete(key);
    };
    entry.proof.then((proof) => {
      if (proof.kind !== 'known') forget();
      else entry.untilMs = Math.min(untilMs, proof.identity.expiresAtMs);
    }, forget);
    return entry.proof;
  }

  /** Tells when something that is open must end. The answer takes it off the list. */
  watch(
    credentials: ClientCredentials,
    identity: ProvenIdentity<Rule>,
    watched: Watched,
  ): () => void {
    const key = keyOf(credentials);
    const provenAtMs = this.#clock.nowMs();
    const known = this.#watched.get(key);
    const group = known ?? { credentials, members: new Set(), identity, provenAtMs };
    this.#watched.set(key, group);
    group.members.add(watched);
    return () => {
      group.members.delete(watched);
      if (group.members.size === 0 && this.#watched.get(key) === group) this.#watched.delete(key);
    };
  }

  /** What is open and is proven anew. */
  get watchedCount(): number {
    let count = 0;
    for (const { members } of this.#watched.values()) count += members.size;
    return count;
  }

  /** Proves what is open anew, round by round, until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(recheckMs, signal);
        await this.recheck();
      }
    } catch (error: unknown) {
      // The sleep ends early only when the bridge does.
      if (!signal.aborted) throw error;
    }
  }

  /** One round. */
  async recheck(): Promise<void> {
    const groups = [...this.#watched];
    const worker = async (): Promise<void> => {
      for (let next = groups.pop(); next !== undefined; next = groups.pop()) {
        await this.#recheckGroup(...next);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async #recheckGroup(key: string, group: WatchedGroup<Rule>): Promise<void> {
    const reason = await this.#whyEnded(group);
    if (reason !== undefined) this.#proofs.delete(key);
    for (const member of [...group.members]) {
      const why = reason ?? member.objection?.();
      if (why === undefined) continue;
      group.members.delete(member);
      member.onEnded(why);
    }
    if (group.members.size === 0 && this.#watched.get(key) === group) this.#watched.delete(key);
  }

  async #whyEnded(group: WatchedGroup<Rule>): Promise<string | undefined> {
    const nowMs = this.#clock.nowMs();
    if (group.identity.expiresAtMs <= nowMs) return 'its credentials have expired';
    const proof = await this.#proveAgain(group);
    const fulfilled = proof.kind === 'known' ? proof.identity.rules : [];
    const lost = group.identity.rules.filter((rule) => !fulfilled.includes(rule));
    if (lost.length === 0) {
      group.provenAtMs = nowMs;
      return undefined;
    }
    const reason = proof.kind === 'known' ? 'they are of another rule' : proof.reason;
    if (lost.some((rule) => !proof.inDoubt.includes(rule))) {
      return `its credentials are not valid any more: ${reason}`;
    }
    if (nowMs - group.provenAtMs < unavailableMs) return undefined;
    return `its credentials could not be checked for too long: ${reason}`;
  }

  /** A proof that fails by itself is none that was refuted. */
  async #proveAgain({ credentials, identity }: WatchedGroup<Rule>): Promise<Proof<Rule>> {
    try {
      return await this.#prove(credentials);
    } catch (error: unknown) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'unavailable', reason, inDoubt: identity.rules };
    }
  }
}

/** Two that show the same are one, wherever they come from. */
function keyOf({ authorization, subject, subjectExpiresAtMs }: ClientCredentials): string {
  return hash('sha256', JSON.stringify([authorization, subject, subjectExpiresAtMs]), 'base64');
}

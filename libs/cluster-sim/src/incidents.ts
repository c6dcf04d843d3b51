// What happens to a cluster as a whole: restarts, restores, compactions, upgrades, silence, new
// tokens. Each is done once, when it is called.
import { type ClusterMoment, type ClusterState } from './cluster-state.ts';
import { type OpenAnswers } from './open-answers.ts';
import { splitApiVersion, apiVersionOf } from './served-resource.ts';

/** The place where a cluster listens, when it has one of its own. */
export interface ClusterPort {
  /** Cuts every connection and refuses new ones. */
  pause(): Promise<void>;
  /** Listens again. */
  resume(): Promise<void>;
}

/** How an upgrade changes what is served. */
export interface ClusterUpgrade {
  /** The new `gitVersion`. */
  readonly gitVersion: string;
  /** Group versions that are served from now on with the types (and objects) of another one. */
  readonly added?: Readonly<Record<string, string>>;
  /** Group versions that are served no more. */
  readonly removed?: readonly string[];
}

/** What incidents are made of. */
export interface IncidentParts {
  /** The cluster's objects. */
  readonly state: ClusterState;
  /** The answers it is giving. */
  readonly answers: OpenAnswers;
  /** Group versions whose server is away. */
  readonly unavailable: Set<string>;
  /** Changes what `/version` says. */
  readonly setGitVersion: (gitVersion: string) => void;
  /** Changes whom it lets in. */
  readonly setTokens: (tokens: readonly string[]) => void;
  /** Ends with the cluster. */
  readonly signal: AbortSignal;
}

/** Brings incidents upon one cluster. */
export class Incidents {
  readonly #parts: IncidentParts;
  #port: ClusterPort | undefined;
  #isDown = false;
  #tokenCount = 0;

  constructor(parts: IncidentParts) {
    this.#parts = parts;
  }

  /** True while requests are cut before they are answered. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Tells where the cluster listens by itself; on a shared port connections are cut instead. */
  listensAt(port: ClusterPort): void {
    this.#port = port;
  }

  /**
   * The API server restarts: every connection is cut, new ones are refused for a while, and its
   * watch cache begins anew, so that watches from before are 410. Settles when it is up again.
   */
  async restart(options: { downMs?: number; keepsHistory?: boolean } = {}): Promise<void> {
    const { state, answers, signal } = this.#parts;
    this.#isDown = true;
    answers.cutAll();
    await this.#port?.pause();
    if (options.keepsHistory !== true) state.compact();
    state.disconnectWatches();
    await state.clock.sleep(options.downMs ?? 1000, signal);
    if (signal.aborted) return;
    await this.#port?.resume();
    this.#isDown = false;
  }

  /** etcd is compacted and every watch ends: every kind must be listed anew. */
  expireAll(): void {
    this.#parts.state.compact();
    this.#parts.state.disconnectWatches();
  }

  /** The state now, for `restore`. */
  moment(): ClusterMoment {
    return this.#parts.state.moment();
  }

  /** etcd is restored from a backup: objects and resourceVersions of then, all watches cut. */
  restore(moment: ClusterMoment): void {
    this.#parts.state.restore(moment);
    this.#parts.answers.cutAll();
  }

  /**
   * Nothing is sent and nothing read any more, on no connection, while all stay open: packets are
   * lost. Returns how to end that; what was held back is sent then.
   */
  silence(): () => void {
    return this.#parts.answers.silence();
  }

  /** From now on only a new token is let in, which is returned; watches under way go on. */
  rotateToken(): string {
    const token = `token-${String(++this.#tokenCount)}`;
    this.#parts.setTokens([token]);
    return token;
  }

  /** The server of an API group is away: announced, and answered with 503. Returns how to end it. */
  takeDown(groupVersion: string): () => void {
    this.#parts.unavailable.add(groupVersion);
    return () => this.#parts.unavailable.delete(groupVersion);
  }

  /** Another Kubernetes version, with other APIs; clients see it when they look. */
  upgrade({ gitVersion, added = {}, removed = [] }: ClusterUpgrade): void {
    const { state } = this.#parts;
    this.#parts.setGitVersion(gitVersion);
    for (const [groupVersion, like] of Object.entries(added)) {
      const names = splitApiVersion(groupVersion);
      for (const type of state.types) {
        if (apiVersionOf(type) === like) state.serve({ ...type, ...names });
      }
    }
    for (const type of state.types) {
      if (removed.includes(apiVersionOf(type))) state.unserve(type);
    }
  }
}

/**
 * Where an account's API server is, and which cluster it is: one small request for all feeds. The
 * resourceVersion of a list of one namespace is that of the whole storage (etcd's revision) at the
 * moment of asking, since a list without a resourceVersion is answered with the newest state.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
import { withinTime } from './aborting.ts';
import type { ClusterApi, Clock } from './cluster-api.ts';
import { arrayOf, fieldOf, textOf } from './json-field.ts';
import { codeOf } from './watch-engine-error.ts';

/** Lives as long as the cluster; its uid is the usual stand-in for a cluster's identity. */
const NAMESPACE = 'kube-system';
/** Metadata of one namespace is below 2 KB. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** An answer serves all feeds that ask within so long: after a restart they come together. */
const FRESH_MS = 1_000;
/** An account that may not read namespaces is not asked again before. */
const REFUSED_FOR_MS = 300_000;

/** What a position is asked for with. */
export interface ServerPositionDeps {
  readonly api: ClusterApi;
  readonly clock: Clock;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  /** uid of `kube-system` as it was known before; '' = whatever it is. */
  readonly clusterUid: string;
  /** The address answers as another cluster. */
  readonly onOtherCluster: () => void;
}

/**
 * The newest resourceVersion; '' if the server does not say; null if it has no namespaces, so that it
 * is no cluster whose types share a storage.
 */
export type Position = string | null;

interface Asking {
  readonly atMs: number;
  /** A {@link ServerPosition.mark} from before is older than the answer. */
  readonly mark: number;
  readonly answer: Promise<Position>;
}

/** The position of one account's API server. */
export class ServerPosition {
  readonly #deps: ServerPositionDeps;
  readonly #ending = new AbortController();
  #uid: string;
  #asking: Asking | undefined;
  #refusedUntilMs = 0;
  #lastMark = 0;
  #lastRefusal: Position = '';

  constructor(deps: ServerPositionDeps) {
    this.#deps = deps;
    this.#uid = deps.clusterUid;
  }

  /** This moment: answers to what was asked for before it do not count for who took it. */
  mark(): number {
    this.#lastMark += 1;
    return this.#lastMark;
  }

  /** Where the server is, asked for after `mark`. Rejects when it cannot be reached. */
  async locate(mark: number): Promise<Position> {
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs < this.#refusedUntilMs) return this.#lastRefusal;
    const known = this.#asking;
    if (known !== undefined && known.mark > mark && nowMs - known.atMs <= FRESH_MS) {
      return known.answer;
    }
    const asking: Asking = { atMs: nowMs, mark: this.mark(), answer: this.#ask() };
    this.#asking = asking;
    return asking.answer;
  }

  /** Ends what is under way. */
  close(): void {
    this.#ending.abort();
  }

  async #ask(): Promise<Position> {
    const { api, clock, timeoutMs } = this.#deps;
    const limit = { clock, timeoutMs, signal: this.#ending.signal };
    try {
      return await withinTime((signal) => this.#request(api, signal), limit);
    } catch (error: unknown) {
      if (codeOf(error) !== 'timeout') throw error;
      // Whether it answers anything at all is found out with the feed's own request.
      return this.#refuse('');
    }
  }

  async #request(api: ClusterApi, signal: AbortSignal): Promise<Position> {
    const response = await api.request({
      path: '/api/v1/namespaces',
      query: { fieldSelector: `metadata.name=${NAMESPACE}` },
      headers: { accept: ACCEPT },
      signal,
    });
    // A body that breaks or is endless does not say where the server is.
    const text = await response.text(MAX_ANSWER_BYTES).catch(() => '');
    return this.#read(response.status, text);
  }

  #refuse(position: Position): Position {
    this.#refusedUntilMs = this.#deps.clock.nowMs() + REFUSED_FOR_MS;
    this.#lastRefusal = position;
    return position;
  }

  #read(status: number, text: string): Position {
    if (status === FORBIDDEN) return this.#refuse('');
    if (status === NOT_FOUND) return this.#refuse(null);
    const list = status === 200 ? parse(text) : undefined;
    const uid = arrayOf(list, 'items')
      .map((item) => fieldOf(item, 'metadata'))
      .filter((metadata) => textOf(metadata, 'name') === NAMESPACE)
      .map((metadata) => textOf(metadata, 'uid'))[0];
    this.#compare(uid ?? '');
    return textOf(fieldOf(list, 'metadata'), 'resourceVersion');
  }

  #compare(uid: string): void {
    if (uid === '') return;
    if (this.#uid === '') this.#uid = uid;
    if (this.#uid !== uid) this.#deps.onOtherCluster();
  }
}

/** HTTP: this account may not list namespaces. */
const FORBIDDEN = 403;
/** HTTP: there are none. */
const NOT_FOUND = 404;

/** Names and versions are enough; servers from before v1.15 send the namespace whole. */
const ACCEPT = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever stands between us and the server does not say where it is.
    return undefined;
  }
}

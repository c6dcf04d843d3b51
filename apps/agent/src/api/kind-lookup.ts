/**
 * The kind of a resource, which a request does not say: by the API server's own discovery. Asked only
 * where rules of the account's configuration go by kinds.
 */
import type { ClusterClient } from '@fairlead/cluster-client';
import type { RequestInfo } from '@fairlead/api-tunnel';

/** How long an answer counts, in milliseconds: as long as kubectl's old discovery cache. */
const rememberedMs = 600_000;
/** What is not there may be a CRD that has just come. */
const missingRememberedMs = 5_000;

interface Known {
  readonly kinds: ReadonlyMap<string, string>;
  readonly readAtMs: number;
}

/** Asks and remembers. */
export class KindLookup {
  readonly #client: () => Pick<ClusterClient, 'request'> | undefined;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, Known>();

  constructor(client: () => Pick<ClusterClient, 'request'> | undefined, nowMs: () => number) {
    this.#client = client;
    this.#nowMs = nowMs;
  }

  /** The kind; undefined when the API server does not know the resource, or cannot be asked. */
  async kindOf({ apiGroup, apiVersion, resource }: RequestInfo): Promise<string | undefined> {
    const root = apiGroup === '' ? '/api' : `/apis/${encodeURIComponent(apiGroup)}`;
    const path = `${root}/${encodeURIComponent(apiVersion)}`;
    const known = this.#known.get(path);
    const ageMs = this.#nowMs() - (known?.readAtMs ?? Number.NEGATIVE_INFINITY);
    const kind = known?.kinds.get(resource);
    const isFresh = ageMs < (kind === undefined ? missingRememberedMs : rememberedMs);
    if (isFresh) return kind;
    const kinds = await this.#read(path);
    if (kinds === undefined) return kind;
    this.#known.set(path, { kinds, readAtMs: this.#nowMs() });
    return kinds.get(resource);
  }

  async #read(path: string): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      const response = await this.#client()?.request({ path });
      const text = (await response?.text()) ?? '';
      return response?.status === 200 ? kindsIn(JSON.parse(text)) : new Map();
    } catch {
      // Nobody can say then what would have to be taken out: the request is refused.
      return undefined;
    }
  }
}

/** Kinds by the names of the resources in an `APIResourceList`, without subresources. */
function kindsIn(document: unknown): ReadonlyMap<string, string> {
  const { resources } = document as { readonly resources?: unknown };
  if (!Array.isArray(resources)) return new Map();
  const entries = resources as readonly { readonly name?: unknown; readonly kind?: unknown }[];
  return new Map(
    entries.flatMap(({ name, kind }) =>
      typeof name === 'string' && typeof kind === 'string' && !name.includes('/')
        ? [[name, kind] as const]
        : [],
    ),
  );
}

/**
 * Asks an API server what it serves: two requests where it offers aggregated discovery (Kubernetes
 * 1.26 and later), else one per group and version. A group that cannot be read makes the outcome
 * incomplete, not a failure.
 */
import type { ClusterApi } from './cluster-api.ts';
import {
  readAggregatedDiscovery,
  readCoreVersions,
  readGroups,
  readResourceList,
  type GroupVersion,
} from './discovery-document.ts';
import type { ResourceType } from './resource-type.ts';
import { codeOf, WatchEngineError } from './watch-engine-error.ts';

/** What an API server serves with list and watch. */
export interface Catalog {
  /** Per group the preferred version, and from others what that lacks. */
  readonly types: readonly ResourceType[];
  /** Groups of which at least one version could not be read. */
  readonly incompleteGroups: ReadonlySet<string>;
}

/** The form kubectl asks for since 1.27: aggregated v2, v2beta1, or plain. */
const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');
/** The aggregated document of a cluster with a thousand CRDs is about 1 MB. */
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
/** Plain discovery asks this many groups at once; client-go asks all of them. */
const PARALLEL_REQUESTS = 8;

/** Reads what is served. Throws `discovery` if `/api` or `/apis` cannot be read at all. */
export async function discover(api: ClusterApi, signal: AbortSignal): Promise<Catalog> {
  const [core, named] = await Promise.all([
    readRoot(api, '/api', signal),
    readRoot(api, '/apis', signal),
  ]);
  return catalogOf([...core, ...named]);
}

/** Picks, per group, each type from the first version that has it. */
export function catalogOf(versions: readonly GroupVersion[]): Catalog {
  const types = new Map<string, ResourceType>();
  const incompleteGroups = new Set<string>();
  for (const version of versions) {
    if (!version.isComplete) incompleteGroups.add(version.group);
    // What a version that cannot be read would offer is not known, so what comes after it in the
    // order of preference is not either: nothing is started on its word.
    if (incompleteGroups.has(version.group)) continue;
    for (const type of version.types) {
      const key = `${type.group}/${type.resource}`;
      if (!types.has(key)) types.set(key, type);
    }
  }
  return { types: [...types.values()], incompleteGroups };
}

async function readRoot(
  api: ClusterApi,
  path: '/api' | '/apis',
  signal: AbortSignal,
): Promise<readonly GroupVersion[]> {
  const document = await readDocument(api, path, signal);
  const aggregated = readAggregatedDiscovery(document);
  if (aggregated !== null) return aggregated;
  const wanted = path === '/api' ? coreVersions(document) : groupVersions(document);
  return inParallel(wanted, (at) => readPlain(api, at, signal));
}

interface Wanted {
  readonly group: string;
  readonly version: string;
}

function coreVersions(document: unknown): readonly Wanted[] {
  const versions = readCoreVersions(document);
  if (versions === null) throw new WatchEngineError('discovery', '/api is no discovery document');
  return versions.map((version) => ({ group: '', version }));
}

function groupVersions(document: unknown): readonly Wanted[] {
  const groups = readGroups(document);
  if (groups === null) throw new WatchEngineError('discovery', '/apis is no discovery document');
  return groups.flatMap(({ group, versions }) => versions.map((version) => ({ group, version })));
}

async function readPlain(api: ClusterApi, at: Wanted, signal: AbortSignal): Promise<GroupVersion> {
  const path = at.group === '' ? `/api/${at.version}` : `/apis/${at.group}/${at.version}`;
  try {
    const list = readResourceList(await readDocument(api, path, signal), at);
    if (list !== null) return list;
  } catch (error: unknown) {
    if (signal.aborted) throw error;
    // An API behind the aggregator that is down (503) concerns its own group alone.
  }
  return { ...at, types: [], isComplete: false };
}

async function readDocument(api: ClusterApi, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await api.request({ path, headers: { accept: ACCEPT }, signal });
  const text = await response.text(MAX_DOCUMENT_BYTES);
  if (response.status === 401) await api.reloadCredentials();
  if (response.status !== 200) {
    const { status, headers } = response;
    // In seconds, as API servers send it; a date is not waited for.
    const retryAfterMs = (Number(headers['retry-after']) || 0) * 1000;
    const answer = { status, retryAfterMs };
    throw new WatchEngineError('discovery', `${path} answered ${status}`, answer);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text; the path says enough.
    throw new WatchEngineError('discovery', `${path} did not answer with JSON`);
  }
}

/** Why a discovery failed, in a few words. */
export function describeDiscoveryFailure(error: unknown): string {
  return error instanceof WatchEngineError ? error.message : `discovery failed (${codeOf(error)})`;
}

async function inParallel<A, B>(
  items: readonly A[],
  work: (item: A) => Promise<B>,
): Promise<readonly B[]> {
  const results: B[] = [];
  let index = 0;
  const worker = async (): Promise<void> => {
    while (index < items.length) {
      const at = index++;
      const item = items[at];
      if (item !== undefined) results[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, worker));
  return results;
}

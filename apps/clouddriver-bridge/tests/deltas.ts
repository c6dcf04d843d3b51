/** Builders of deltas, feeds and batches. */
import {
  compressBatch,
  DeltaBatchEncoder,
  type DeltaRecord,
  type DeltaType,
  type FeedView,
  type OpenFeed,
  type TravellingBatch,
} from '@fairlead/protocol';

let resourceVersions = 100;

/** Everything leaves the cluster. */
export const wholeView: FeedView = {
  ...{ metadataOnly: false, redact: [], prune: [] },
  ...{ namespaces: [], omitNamespaces: [], onlySpinnakerManaged: false },
};

/** A delta of a pod. */
export function aPod(
  type: DeltaType,
  name: string,
  more: {
    readonly namespace?: string;
    readonly uid?: string;
    readonly body?: object;
    readonly readAtMs?: number;
  } = {},
): DeltaRecord {
  resourceVersions += 1;
  const resourceVersion = String(resourceVersions);
  const { namespace = 'default', uid = `uid-${name}`, readAtMs = Date.now() } = more;
  const metadata = { name, namespace, uid, resourceVersion, labels: { app: name } };
  const object = { kind: 'Pod', apiVersion: 'v1', metadata, ...more.body };
  const bytes = Buffer.from(JSON.stringify(object));
  return { type, readAtMs, resourceVersion, namespace, name, uid, object: bytes };
}

/** A delta without an object. */
export function aMark(type: DeltaType, resourceVersion = ''): DeltaRecord {
  const object = new Uint8Array();
  return { type, readAtMs: Date.now(), resourceVersion, namespace: '', name: '', uid: '', object };
}

/** A whole snapshot. */
export function aSnapshot(names: readonly string[], resourceVersion: string): DeltaRecord[] {
  const pods = names.map((name) => aPod('initApplied', name));
  return [aMark('init'), ...pods, aMark('initDone', resourceVersion)];
}

/** A feed of pods of the account `prod`. */
export function aFeed(feedId: number, more: Partial<OpenFeed> = {}): OpenFeed {
  return {
    account: 'prod',
    feedId,
    epoch: 1,
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    namespaced: true,
    namespace: '',
    policy: '',
    view: wholeView,
    ...more,
  };
}

/** A batch as it arrives. */
export function aBatch(
  records: readonly DeltaRecord[],
  { feedId = 1, batchSeq = 1 }: { readonly feedId?: number; readonly batchSeq?: number } = {},
): TravellingBatch {
  const encoder = new DeltaBatchEncoder();
  for (const record of records) encoder.add(record);
  const bytes = encoder.finish();
  const { codec, payload } = compressBatch(bytes, 'zstd');
  return { feedId, batchSeq, codec, uncompressedBytes: bytes.byteLength, payload };
}

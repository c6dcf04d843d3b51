// What an API server holds, to see what an installation makes and leaves behind: the keys of its
// etcd, where nothing is missing that some list would not show.
import type { KubeHandle } from '@fairlead/testbed';

/** Comes and goes by itself. */
const volatile = /^(events|leases|masterleases|ranges|peerserverleases)\//;
const root = '/registry/';

/** `RESOURCE/NAMESPACE/NAME` of every object; custom resources have their group before it. */
export async function clusterContent({ etcdUrl }: KubeHandle): Promise<ReadonlySet<string>> {
  // https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/: the end of a prefix is its last byte plus one.
  const range = { key: encode(root), range_end: encode('/registry0'), keys_only: true };
  const answer = await fetch(`${etcdUrl}/v3/kv/range`, {
    method: 'POST',
    body: JSON.stringify(range),
  });
  if (!answer.ok) throw new Error(`etcd answered ${String(answer.status)}`);
  const { kvs } = (await answer.json()) as { readonly kvs: readonly { readonly key: string }[] };
  const keys = kvs.map(({ key }) => Buffer.from(key, 'base64').toString().slice(root.length));
  return new Set(keys.filter((key) => !volatile.test(key)));
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

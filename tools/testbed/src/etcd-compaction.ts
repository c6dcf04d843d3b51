/**
 * Makes etcd forget its history as kube-apiserver's compactor does every 5 minutes, through etcd's
 * JSON gateway.
 */
import { TestbedError } from './testbed-error.ts';

/**
 * Where kube-apiservers tell each other how far etcd is compacted; their cached list snapshots
 * follow it. See `compact.go` in k8s.io/apiserver.
 */
const compactRevisionKey = encodeBase64('compact_rev_key');

/**
 * Compacts up to the newest revision.
 *
 * @throws TestbedError `requestFailed` when etcd refuses, or does not answer
 */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const newest = await post(`${etcdUrl}/v3/kv/range`, { key: compactRevisionKey });
  const { revision } = newest.header;
  await post(`${etcdUrl}/v3/kv/put`, { key: compactRevisionKey, value: encodeBase64(revision) });
  await post(`${etcdUrl}/v3/kv/compaction`, { revision, physical: true });
}

interface EtcdAnswer {
  /** etcd sends int64 as text. */
  readonly header: { readonly revision: string };
}

async function post(url: string, body: unknown): Promise<EtcdAnswer> {
  const request = { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw new TestbedError('requestFailed', 'etcd does not answer', { cause });
  });
  if (!response.ok) throw new TestbedError('requestFailed', await response.text());
  return (await response.json()) as EtcdAnswer;
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

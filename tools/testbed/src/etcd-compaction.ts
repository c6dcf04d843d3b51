/** Makes etcd forget its history through its JSON gateway, as kube-apiserver does every 5 minutes. */
import { TestbedError } from './testbed-error.ts';

/** A key that nobody has; the answer's header tells the store's revision. */
const anyKey = Buffer.from('\0').toString('base64');

/**
 * Compacts up to the newest revision.
 *
 * @throws TestbedError `requestFailed` when etcd refuses, or does not answer
 */
export async function compactEtcd(etcdUrl: string): Promise<void> {
  const range = await post(`${etcdUrl}/v3/kv/range`, { key: anyKey });
  await post(`${etcdUrl}/v3/kv/compaction`, { revision: range.header.revision, physical: true });
}

interface EtcdAnswer {
  readonly header: { readonly revision: string };
}

async function post(url: string, body: unknown): Promise<EtcdAnswer> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) }).catch(
    (cause: unknown) => {
      throw new TestbedError('requestFailed', 'etcd does not answer', { cause });
    },
  );
  if (!response.ok) throw new TestbedError('requestFailed', await response.text());
  return (await response.json()) as EtcdAnswer;
}

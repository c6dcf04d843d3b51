/** Secrets in Kubernetes, read with the program's own service account or a kubeconfig. */
import type { ClusterClient } from '@fairlead/cluster-client';
import { SecretError } from './secret-error.ts';
import type { SecretDocument } from './secret-document.ts';
import type { SecretEngine } from './secret-engine.ts';

/** What the engine works with. */
export interface K8sEngineDeps {
  /** A client for the cluster; asked for once, and again after it failed. */
  readonly connect: () => Promise<Pick<ClusterClient, 'request' | 'reloadCredentials' | 'close'>>;
  /** Namespace of references that name none. */
  readonly namespace: () => Promise<string>;
}

/** An engine over one cluster. */
export function createK8sEngine(deps: K8sEngineDeps): SecretEngine {
  let connecting: ReturnType<K8sEngineDeps['connect']> | undefined;
  const client = () => {
    connecting ??= deps.connect().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  };
  const get = async (path: string, signal: AbortSignal) => {
    const api = await client();
    const response = await api.request({ path, signal });
    return { status: response.status, text: await response.text() };
  };
  return {
    read: async ({ parameters: { n = '', ns } }, signal) => {
      const namespace = encodeURIComponent(ns ?? (await deps.namespace()));
      const path = `/api/v1/namespaces/${namespace}/secrets/${encodeURIComponent(n)}`;
      let answer = await get(path, signal).catch(asUnavailable);
      if (answer.status === 401) {
        await (await client()).reloadCredentials().catch(asUnavailable);
        answer = await get(path, signal).catch(asUnavailable);
      }
      return documentOf(answer);
    },
    close: () => {
      // What cannot be connected needs no closing; whoever read from it was told.
      void connecting?.then((api) => api.close()).catch(() => undefined);
    },
  };
}

/** The client's messages hold no credentials and no answers. */
function asUnavailable(error: unknown): never {
  const reason = error instanceof Error ? error.message : 'no answer';
  throw new SecretError('unavailable', reason);
}

function documentOf({ status, text }: { status: number; text: string }): SecretDocument {
  if (status === 401)
    throw new SecretError('denied', 'the cluster does not accept the credentials');
  if (status === 403) throw new SecretError('denied', 'permission denied');
  if (status === 404) throw new SecretError('notFound', 'there is no such Secret');
  if (status !== 200) throw new SecretError('unavailable', `HTTP ${status}`);
  const { data = {} } = JSON.parse(text) as { data?: Readonly<Record<string, string>> };
  const fields = new Map(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]),
  );
  return { kind: 'fields', fields };
}

/** A client and a server of one's own, for one test. */
import type { RequestListener } from 'node:http';
import {
  clusterClientFromKubeconfig,
  type ClusterClient,
  type ClusterClientError,
} from '../src/index.ts';
import {
  pemPath,
  startApiServer,
  temporaryFolder,
  writeKubeconfig,
  type Scheme,
  type UpgradeListener,
} from './api-server.ts';

/** A client, and the server that it talks to. */
export interface Rig extends AsyncDisposable {
  readonly client: ClusterClient;
  readonly server: Awaited<ReturnType<typeof startApiServer>>;
  readonly folder: string;
  readonly kubeconfigFile: string;
  /** Moves the client's clock. */
  advance(ms: number): void;
}

/** What is not as usual. */
export interface RigOptions {
  readonly scheme?: Scheme;
  readonly user?: object;
  readonly cluster?: object;
  readonly client?: object;
  readonly maxStreams?: number;
  /** Takes connections that are to be upgraded. */
  readonly onUpgrade?: UpgradeListener;
  /** Called before the client is made. */
  readonly before?: (folder: string) => Promise<void>;
}

/** Starts a server and makes a client for it. */
export async function rig(handler: RequestListener, options: RigOptions = {}): Promise<Rig> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder()).path;
  const scheme = options.scheme ?? 'https';
  const server = stack.use(await startApiServer(scheme, handler, options));
  const ca = scheme !== 'http' ? { 'certificate-authority': pemPath('ca') } : {};
  const kubeconfigFile = await writeKubeconfig(folder, {
    cluster: { server: server.url, ...ca, ...options.cluster },
    ...(options.user === undefined ? {} : { user: options.user }),
  });
  await options.before?.(folder);
  let nowMs = 0;
  const client = await clusterClientFromKubeconfig({
    kubeconfigFile,
    nowMs: () => nowMs,
    ...options.client,
  });
  stack.defer(() => client.close());
  return {
    client,
    server,
    folder,
    kubeconfigFile,
    advance: (ms) => (nowMs += ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The text of the answer. */
export async function get(client: ClusterClient, path = '/x'): Promise<string> {
  return (await client.request({ path })).text();
}

/** What the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<ClusterClientError> {
  try {
    await promise;
  } catch (error: unknown) {
    return error as ClusterClientError;
  }
  throw new Error('expected a failure');
}

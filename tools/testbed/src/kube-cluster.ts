/**
 * An API server with what makes it a cluster: a real kube-controller-manager, and one node that
 * stands in for scheduler, kubelet and metrics server (`cluster/node`). Pods run their commands as
 * processes of this machine, so that logs, exec, attach, cp and port-forward are real; images are
 * not looked at. Start at `startCluster`.
 */
import { readFile } from 'node:fs/promises';
import { startOnFreePort } from './free-port.ts';
import { findClusterBinaries, type ClusterBinaries } from './kube-binaries.ts';
import {
  controllerManagerFlags,
  nodeFlags,
  reachNodeFlags,
  type ControllerManagerOptions,
} from './kube-cluster-flags.ts';
import { sendKubeRequest } from './kube-client.ts';
import { startKube, type KubeHandle, type KubeOptions } from './kube-server.ts';
import { decodeKubeconfig } from './kubeconfig.ts';
import { startProgram, type ProgramHandle } from './program-server.ts';
import type { StartOptions } from './start-options.ts';
import { TestbedError } from './testbed-error.ts';
import { waitUntil } from './wait-until.ts';

/** A cluster of one's own. */
export interface ClusterHandle extends AsyncDisposable {
  /** The API server, with its controls. */
  readonly kube: KubeHandle;
  readonly controllerManager: ProgramHandle;
  /** The stand-in node, called `node-1`. */
  readonly node: ProgramHandle;
  /** Ends everything and removes its data. May be called again. */
  stop(): Promise<void>;
}

/** How to start a cluster. */
export interface ClusterOptions extends Omit<KubeOptions, 'apiServerFlags'> {
  /** More flags for kube-apiserver; they win. */
  readonly apiServerFlags?: readonly string[];
}

/** The API server looks at a new aggregated one within seconds. */
const metricsTimeoutMs = 60_000;
const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices';

/**
 * Starts a cluster; resolves when its node takes pods and its metrics API answers, in about 10 s.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function startCluster(options: ClusterOptions = {}): Promise<ClusterHandle> {
  const binaries = await findClusterBinaries(options);
  await using started = new AsyncDisposableStack();
  const kube = started.use(
    await startKube({
      ...options,
      apiServerFlags: (files) => [...reachNodeFlags(files), ...(options.apiServerFlags ?? [])],
    }),
  );
  const [controllerManager, node] = await Promise.all([
    startControllerManager(kube, { ...options, ...binaries, for: 'objects' }),
    startNode(kube, binaries, options),
  ]);
  started.use(controllerManager);
  started.use(node.program);
  await serveMetrics(kube, node.port);
  const stack = started.move();
  const stop = () => stack.disposeAsync();
  return { kube, controllerManager, node: node.program, stop, [Symbol.asyncDispose]: stop };
}

/** What to start, and for what. */
export interface ControllerManagerStart
  extends
    StartOptions,
    Pick<ControllerManagerOptions, 'for'>,
    Pick<ClusterBinaries, 'kubeControllerManager'> {}

/** A kube-controller-manager for an API server; resolves when it is healthy. */
export async function startControllerManager(
  kube: KubeHandle,
  { kubeControllerManager, ...options }: ControllerManagerStart,
): Promise<ProgramHandle> {
  const connection = decodeKubeconfig(await readFile(kube.kubeconfigPath, 'utf8'));
  return startOnFreePort((port) => {
    const self = { ...connection, url: `https://127.0.0.1:${String(port)}` };
    return startProgram({
      ...options,
      name: 'kube-controller-manager',
      command: kubeControllerManager,
      args: controllerManagerFlags(kube, { port, for: options.for }),
      isReady: async () => (await sendKubeRequest(self, { path: '/healthz' })).status === 200,
    });
  });
}

async function startNode(
  kube: KubeHandle,
  binaries: ClusterBinaries,
  options: StartOptions,
): Promise<{ readonly program: ProgramHandle; readonly port: number }> {
  return startOnFreePort(async (port) => {
    const program = await startProgram({
      ...options,
      name: 'node',
      command: binaries.node,
      args: (directory) => nodeFlags(kube, { port, directory: `${directory}/pods` }),
      isReady: () => answers(kube, '/api/v1/nodes/node-1'),
    });
    return { program, port };
  });
}

/** Has the API server answer for the metrics API with what the node serves. */
async function serveMetrics(kube: KubeHandle, port: number): Promise<void> {
  const service = { name: 'metrics', namespace: 'kube-system' };
  const services = `/api/v1/namespaces/${service.namespace}/services`;
  await waitUntil(() => answers(kube, services.replace(/\/services$/, '')), {
    timeoutMs: metricsTimeoutMs,
  });
  await create(kube, services, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: service.name } },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await create(kube, apiServices, {
    ...{ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' },
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      ...{ group: 'metrics.k8s.io', version: 'v1beta1', service: { ...service, port } },
      caBundle: Buffer.from(kube.caPem).toString('base64'),
      ...{ groupPriorityMinimum: 100, versionPriority: 100 },
    },
  });
  const isServed = await waitUntil(() => answers(kube, '/apis/metrics.k8s.io/v1beta1/nodes'), {
    timeoutMs: metricsTimeoutMs,
  });
  if (!isServed) throw new TestbedError('startFailed', 'the metrics API was not ready in time');
}

async function create(kube: KubeHandle, path: string, body: object): Promise<void> {
  const { status, body: answer } = await kube.request({ method: 'POST', path, body });
  if (status === 201) return;
  throw new TestbedError('startFailed', `${path}: ${String(status)}`, {
    detail: JSON.stringify(answer),
  });
}

async function answers(kube: KubeHandle, path: string): Promise<boolean> {
  return (await kube.request({ path })).status === 200;
}

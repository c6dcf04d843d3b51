/**
 * A cluster whose pods are run with everything that the API server has for them: their volumes,
 * environment, tokens and users (`startCluster` has a node that runs nothing but commands, and
 * streams logs and commands instead).
 */
import { findClusterBinaries } from '../kube-binaries.ts';
import { startControllerManager } from '../kube-cluster.ts';
import { serviceAccountVolumes } from '../kube-cluster-flags.ts';
import { startKube, type KubeHandle, type KubeOptions } from '../kube-server.ts';
import type { ProgramHandle } from '../program-server.ts';
import { requirePods } from './node-container-process.ts';
import { startPodNode, type PodNode, type PodNodeOptions } from './pod-node.ts';

/** A cluster of one's own. */
export interface PodClusterHandle extends AsyncDisposable {
  /** The API server, with its controls. */
  readonly kube: KubeHandle;
  readonly controllerManager: ProgramHandle;
  readonly node: PodNode;
  /** Ends everything and removes its data. May be called again. */
  stop(): Promise<void>;
}

/** How to start a cluster. */
export interface PodClusterOptions
  extends Omit<KubeOptions, 'apiServerFlags'>, Pick<PodNodeOptions, 'findImage'> {
  /** More flags for kube-apiserver; they win. */
  readonly apiServerFlags?: readonly string[];
}

/**
 * Starts a cluster; resolves when its node takes pods, in about 6 s.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function startPodCluster(options: PodClusterOptions): Promise<PodClusterHandle> {
  requirePods(options.environment ?? process.env);
  const binaries = await findClusterBinaries(options);
  await using started = new AsyncDisposableStack();
  const apiServerFlags = [...serviceAccountVolumes, ...(options.apiServerFlags ?? [])];
  const kube = started.use(await startKube({ ...options, apiServerFlags }));
  const [controllerManager, node] = await Promise.all([
    startControllerManager(kube, { ...options, ...binaries, for: 'pods' }),
    startPodNode({ kube, findImage: options.findImage }),
  ]);
  started.use(controllerManager);
  started.use(node);
  const stack = started.move();
  const stop = () => stack.disposeAsync();
  return { kube, controllerManager, node, stop, [Symbol.asyncDispose]: stop };
}

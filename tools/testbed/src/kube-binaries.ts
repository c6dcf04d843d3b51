/**
 * Kubernetes' programs: built once by Go from the versions that `kube/go.mod` and `cluster/go.mod`
 * pin, and kept in the cache. A kubectl of the machine's own is preferred.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGoPrograms, mayHavePrograms, readModule, type GoPrograms } from './go-programs.ts';
import { findExecutable } from './run-command.ts';
import type { StartOptions } from './start-options.ts';
import type { Environment } from './testbed-environment.ts';

/** Paths of the programs that make an API server. */
export interface KubeBinaries {
  readonly kubeApiServer: string;
  readonly etcd: string;
  /** Kubernetes' version, such as `v1.36.3`. */
  readonly version: string;
}

/** Paths of the programs that make a cluster of an API server, and of one that is its client. */
export interface ClusterBinaries {
  readonly kubeControllerManager: string;
  /** Stands in for scheduler, kubelet and metrics server: `cluster/node`. */
  readonly node: string;
  /** An ordinary program on client-go: `cluster/client`. */
  readonly client: string;
}

const kube = kubernetesModule('kube');
/** Apart from `kube`, so that suites that need an API server alone do not wait for it. */
const cluster = kubernetesModule('cluster');
const apiServerPackages = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
};
const kubectlPackages = { kubectl: 'k8s.io/kubernetes/cmd/kubectl' };
const controllerManagerPackages = {
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
};
const ownPackages = { node: './node', client: './client' };

/**
 * The API server's programs, built now if they are not in the cache (4 minutes on two cores).
 *
 * @throws TestbedError `unavailable` without Go or its module proxy, `buildFailed` when Go gives up
 */
export async function findKubeBinaries(options: StartOptions = {}): Promise<KubeBinaries> {
  const directory = await buildGoPrograms({ ...kube, packages: apiServerPackages }, options);
  return {
    kubeApiServer: join(directory, 'kube-apiserver'),
    etcd: join(directory, 'etcd'),
    version: kubernetesVersion(await readModule(kube, 'go.mod')),
  };
}

/** The path of a kubectl: the machine's own, else one built from the same sources. */
export async function findKubectl(options: StartOptions = {}): Promise<string> {
  const installed = findExecutable('kubectl', options.environment ?? process.env);
  return installed ?? findOwnKubectl(options);
}

/** The path of the kubectl that goes with the API server, whatever the machine has. */
export async function findOwnKubectl(options: StartOptions = {}): Promise<string> {
  return join(await buildGoPrograms({ ...kube, packages: kubectlPackages }, options), 'kubectl');
}

/**
 * The rest of a cluster, built now if it is not in the cache (3 minutes on two cores).
 *
 * @throws TestbedError as `findKubeBinaries`
 */
export async function findClusterBinaries(options: StartOptions = {}): Promise<ClusterBinaries> {
  await findOwnKubectl(options);
  const upstream = await buildGoPrograms(
    { ...cluster, packages: controllerManagerPackages },
    options,
  );
  const own = await buildGoPrograms(
    { ...cluster, packages: ownPackages, sourceFolders: Object.values(ownPackages) },
    options,
  );
  return {
    kubeControllerManager: join(upstream, 'kube-controller-manager'),
    node: join(own, 'node'),
    client: join(own, 'client'),
  };
}

/** True when the programs are built, or could be. */
export function mayHaveKube(environment: Environment): boolean {
  return mayHavePrograms(kube, environment);
}

/** True when the programs that make a cluster are built, or could be. */
export function mayHaveCluster(environment: Environment): boolean {
  return mayHavePrograms(cluster, environment);
}

function kubernetesModule(folder: string): Omit<GoPrograms, 'packages'> {
  return {
    moduleDirectory: fileURLToPath(new URL(`../${folder}`, import.meta.url)),
    cacheFolder: folder,
    versionOf: kubernetesVersion,
    linkerFlags,
  };
}

/** Without Kubernetes' own build scripts the version has to be stamped in by hand. */
function linkerFlags(version: string): string {
  const [major = '', minor = ''] = version.slice(1).split('.');
  const stamp = (variable: string, value: string) =>
    `-X k8s.io/component-base/version.${variable}=${value}`;
  return [
    '-s -w',
    stamp('gitVersion', version),
    stamp('gitMajor', major),
    stamp('gitMinor', minor),
    stamp('gitTreeState', 'clean'),
  ].join(' ');
}

function kubernetesVersion(module: string): string {
  return /k8s\.io\/kubernetes (v[\d.]+)/.exec(module)?.[1] ?? 'v0.0.0';
}

/** The command lines of what makes a cluster of an API server. */
import type { KubeFiles } from './kube-flags.ts';
import type { KubeHandle } from './kube-server.ts';

/**
 * Those controllers without which kubectl's commands would wait for ever, and those that a cluster
 * shows itself by. Not the autoscaler: what it reports changes with the time.
 */
const controllers: readonly string[] = [
  ...['deployment', 'replicaset', 'statefulset', 'daemonset', 'job', 'cronjob', 'disruption'],
  ...['namespace', 'endpointslice', 'serviceaccount'],
].map((name) => `${name}-controller`);

/** For pods that are to have the volume of their service account. */
const podControllers: readonly string[] = ['root-ca-certificate-publisher-controller'];
/** An API server that gives every pod that volume, as it does unless told otherwise. */
export const serviceAccountVolumes: readonly string[] = ['--disable-admission-plugins='];

/** For kube-apiserver: how to reach kubelets and aggregated API servers, and prove itself. */
export function reachNodeFlags(files: KubeFiles): readonly string[] {
  return [
    `--kubelet-client-certificate=${files.adminCertificate}`,
    `--kubelet-client-key=${files.adminKey}`,
    `--kubelet-certificate-authority=${files.ca}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--proxy-client-cert-file=${files.adminCertificate}`,
    `--proxy-client-key-file=${files.adminKey}`,
    `--requestheader-client-ca-file=${files.ca}`,
    '--requestheader-allowed-names=testbed-admin',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ];
}

/** How kube-controller-manager is run. */
export interface ControllerManagerOptions {
  /** Of its health. */
  readonly port: number;
  /** `pods`: namespaces get what the volumes of service accounts need, too. */
  readonly for: 'objects' | 'pods';
}

/** kube-controller-manager as the only one. */
export function controllerManagerFlags(
  { kubeconfigPath, files }: Pick<KubeHandle, 'kubeconfigPath' | 'files'>,
  { port, for: purpose }: ControllerManagerOptions,
): readonly string[] {
  const run = purpose === 'pods' ? [...controllers, ...podControllers] : controllers;
  return [
    `--kubeconfig=${kubeconfigPath}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${String(port)}`,
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--root-ca-file=${files.ca}`,
    `--service-account-private-key-file=${files.serviceAccountPrivateKey}`,
    `--controllers=${run.join(',')},garbage-collector-controller`,
    // Its default, 20 requests a second, is for clusters that others use, too.
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

/** The stand-in node. */
export function nodeFlags(
  { kubeconfigPath, files }: Pick<KubeHandle, 'kubeconfigPath' | 'files'>,
  { port, directory }: { readonly port: number; readonly directory: string },
): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    `--listen=127.0.0.1:${String(port)}`,
    `--directory=${directory}`,
    `--certificate=${files.serverCertificate}`,
    `--key=${files.serverKey}`,
    `--client-ca=${files.ca}`,
  ];
}

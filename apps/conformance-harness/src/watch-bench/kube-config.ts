/** A configuration of `@kubernetes/client-node` for one context of a kubeconfig of plain HTTP. */
import { KubeConfig } from '@kubernetes/client-node';
import { type FollowRequest } from './contestant.ts';

/** The library speaks HTTP without TLS only where certificates are not to be verified. */
export function kubeConfigOf({ kubeconfigFile, context }: FollowRequest): KubeConfig {
  const file = new KubeConfig();
  file.loadFromFile(kubeconfigFile);
  file.setCurrentContext(context);
  const cluster = file.getCurrentCluster();
  const user = file.getCurrentUser();
  if (cluster === null || user === null) throw new Error(`no context ${context}`);
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify: true }, user);
  return config;
}

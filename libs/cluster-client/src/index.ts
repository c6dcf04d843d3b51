export type {
  ClusterClient,
  ClusterIdentity,
  ClusterRequest,
  ClusterResponse,
} from './cluster-client.ts';
export { ClusterClientError } from './cluster-client-error.ts';
export type { ClusterClientErrorCode, ClusterClientErrorDetails } from './cluster-client-error.ts';
export { KubeconfigDocuments, type KubeconfigSection } from './kubeconfig-document.ts';
export type { LiveClient, LiveRequest, LiveResponse } from './live-exchange.ts';
export type { KubeconfigOptions } from './kubeconfig-credentials.ts';
export {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
} from './node-cluster-client.ts';
export type { ConnectionOptions } from './node-cluster-client.ts';
export type { ServiceAccountOptions } from './service-account-credentials.ts';

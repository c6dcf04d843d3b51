/** Real servers for tests. Start at `acquirePostgres`, `acquireMariaDb` and `acquireKube`. */
export { acquireKube, acquireMariaDb, acquirePostgres, isUnavailable } from './acquire.ts';
export { startAws } from './aws-server.ts';
export { createCertificateAuthority } from './certificate-authority.ts';
export { findClouddriver, mayHaveClouddriver } from './clouddriver-jars.ts';
export { startClouddriver } from './clouddriver-server.ts';
export { startCloudStorage } from './cloud-storage-server.ts';
export { findCrds } from './crd-files.ts';
export { findHelm } from './helm-binary.ts';
export { findImageBuilder } from './image-builder.ts';
export { startContainer } from './image-container.ts';
export { findProxy } from './proxy-binary.ts';
export {
  findClusterBinaries,
  findKubeBinaries,
  findKubectl,
  findOwnKubectl,
} from './kube-binaries.ts';
export { startCluster } from './kube-cluster.ts';
export { startKube } from './kube-server.ts';
export { startMariaDb } from './mariadb-server.ts';
export { findOldestNode } from './node-binary.ts';
export { freePort } from './free-port.ts';
export { startPodCluster } from './pods/pod-cluster.ts';
export { startPodNode } from './pods/pod-node.ts';
export { startProgram } from './program-server.ts';
export { findPrometheus } from './prometheus-binaries.ts';
export { startPrometheus } from './prometheus-server.ts';
export { holdWal } from './postgres-crash.ts';
export { startPostgres } from './postgres-server.ts';
export { printProgress } from './print-progress.ts';
export { startShared } from './shared-servers.ts';
export { startVault } from './vault-server.ts';
export { findExecutable } from './run-command.ts';
export { TestbedError } from './testbed-error.ts';
export { waitUntil } from './wait-until.ts';
export type {
  CertificateAuthority,
  CertificateRequest,
  KeyAndCertificate,
} from './certificate-authority.ts';
export type { ClouddriverJars } from './clouddriver-jars.ts';
export type { ClouddriverHandle, ClouddriverOptions } from './clouddriver-server.ts';
export type { ClusterBinaries, KubeBinaries } from './kube-binaries.ts';
export type { ClusterHandle, ClusterOptions } from './kube-cluster.ts';
export type { BuiltImage, ImageBuilder, ImageBuildOptions, ImageConfig } from './image-builder.ts';
export type { ContainerHandle, ContainerMount, ContainerOptions } from './image-container.ts';
export type { KubeRequest, KubeResponse, ServiceAccountTokenOptions } from './kube-client.ts';
export type { KubeHandle, KubeOptions, KubeServer, StaticToken } from './kube-server.ts';
export type { MariaDbHandle, MariaDbOptions } from './mariadb-server.ts';
export type { AwsHandle } from './aws-server.ts';
export type { CloudStorageHandle } from './cloud-storage-server.ts';
export type { VaultApiRequest, VaultHandle } from './vault-server.ts';
export type { PodClusterHandle, PodClusterOptions } from './pods/pod-cluster.ts';
export type { ImageFiles, PodImage } from './pods/pod-image.ts';
export type { PodNode, PodNodeOptions, PodSelector, PodView } from './pods/pod-node.ts';
export type { RunningContainer } from './pods/running-pod.ts';
export type { HeldWal } from './postgres-crash.ts';
export type { PostgresOrigin } from './postgres-binaries.ts';
export type { PostgresHandle, PostgresOptions } from './postgres-server.ts';
export type { ProgramHandle, ProgramOptions } from './program-server.ts';
export type { PrometheusBinaries } from './prometheus-binaries.ts';
export type {
  PrometheusAlert,
  PrometheusHandle,
  PrometheusOptions,
  PrometheusRange,
  PrometheusSeries,
} from './prometheus-server.ts';
export type { ProgressPrinter, ProgressStream } from './print-progress.ts';
export type { ProcessControl, ServerControl } from './server-process.ts';
export type { SharedServers, SharedServersOptions, UnavailableServer } from './shared-servers.ts';
export type {
  Durability,
  SqlDatabase,
  SqlDialect,
  SqlRow,
  SqlServer,
  SqlServerHandle,
} from './sql-server.ts';
export type { StartOptions } from './start-options.ts';
export type { TestbedErrorCode, TestbedErrorOptions } from './testbed-error.ts';
export type { Environment, ProgramName, ServerName } from './testbed-environment.ts';

/**
 * Servers for tests that do not care whose they are: the one that the test orchestrator shares
 * among its processes, else one of their own. A test that kills or configures its server starts
 * one itself (`startPostgres`, `startMariaDb`, `startKube`).
 */
import { connectKube, startKube, type KubeOptions, type KubeServer } from './kube-server.ts';
import { mariaDbAdministration } from './mariadb-administration.ts';
import { startMariaDb, type MariaDbOptions } from './mariadb-server.ts';
import { postgresAdministration } from './postgres-administration.ts';
import { startPostgres, type PostgresOptions } from './postgres-server.ts';
import { mayHaveAws } from './aws-server.ts';
import { mayHaveCloudStorage } from './cloud-storage-server.ts';
import { mayHaveCrds } from './crd-files.ts';
import { mayHaveHelm } from './helm-binary.ts';
import { mayHaveImages } from './image-tools.ts';
import { mayHaveProxy } from './proxy-binary.ts';
import { mayHaveCluster, mayHaveKube } from './kube-binaries.ts';
import { mayHaveMariaDb } from './mariadb-binaries.ts';
import { mayHaveOldestNode } from './node-binary.ts';
import { mayHavePods } from './pods/node-container-process.ts';
import { mayHavePostgres } from './postgres-binaries.ts';
import { mayHavePrometheus } from './prometheus-binaries.ts';
import { mayHaveVault } from './vault-server.ts';
import { connectSqlServer, type SqlServer } from './sql-server.ts';
import { TestbedError } from './testbed-error.ts';
import {
  declaredUnavailable,
  requiresAllServers,
  sharedServerAddress,
  sharedServerVariables,
  type Environment,
  type ProgramName,
  type ServerName,
} from './testbed-environment.ts';

/**
 * A PostgreSQL: that of `FAIRLEAD_TESTBED_POSTGRES`, else a private one started with `options`.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function acquirePostgres(options: PostgresOptions = {}): Promise<SqlServer> {
  const url = findShared('postgres', options.environment);
  return url ? connectSqlServer(postgresAdministration, url) : startPostgres(options);
}

/**
 * A MariaDB: that of `FAIRLEAD_TESTBED_MARIADB`, else a private one started with `options`.
 *
 * @throws TestbedError `unavailable` or `startFailed`
 */
export async function acquireMariaDb(options: MariaDbOptions = {}): Promise<SqlServer> {
  const url = findShared('mariadb', options.environment);
  return url ? connectSqlServer(mariaDbAdministration, url) : startMariaDb(options);
}

/**
 * An API server: that of the kubeconfig `FAIRLEAD_TESTBED_KUBE`, else a private one started with
 * `options`.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function acquireKube(options: KubeOptions = {}): Promise<KubeServer> {
  const kubeconfigPath = findShared('kube', options.environment);
  return kubeconfigPath ? connectKube(kubeconfigPath) : startKube(options);
}

/**
 * Known beforehand, without waiting: can this server not be had here? For
 * `(isUnavailable('kube') ? describe.skip : describe)(...)`, which Jest then counts as skipped.
 * Always false under `FAIRLEAD_TEST_REQUIRE=all`, so that the suite runs and fails.
 */
export function isUnavailable(
  server: ServerName | ProgramName,
  environment: Environment = process.env,
): boolean {
  if (requiresAllServers(environment)) return false;
  if (isServer(server) && sharedServerAddress(server, environment)) return false;
  if (declaredUnavailable(environment).includes(server)) return true;
  return !mayHave[server](environment);
}

function isServer(server: ServerName | ProgramName): server is ServerName {
  return server in sharedServerVariables;
}

const mayHave: Readonly<Record<ServerName | ProgramName, (environment: Environment) => boolean>> = {
  postgres: mayHavePostgres,
  mariadb: mayHaveMariaDb,
  kube: mayHaveKube,
  cluster: (environment) => !isUnavailable('kube', environment) && mayHaveCluster(environment),
  helm: mayHaveHelm,
  proxy: mayHaveProxy,
  prometheus: mayHavePrometheus,
  oldestNode: mayHaveOldestNode,
  crds: mayHaveCrds,
  vault: mayHaveVault,
  aws: mayHaveAws,
  gcs: mayHaveCloudStorage,
  images: mayHaveImages,
  pods: (environment) => !isUnavailable('cluster', environment) && mayHavePods(environment),
};

function findShared(server: ServerName, environment: Environment = process.env) {
  const address = sharedServerAddress(server, environment);
  if (address) return address;
  if (!declaredUnavailable(environment).includes(server)) return undefined;
  const hint = `Unset FAIRLEAD_TESTBED_UNAVAILABLE, or set ${sharedServerVariables[server]}.`;
  throw new TestbedError('unavailable', `${server} could not be started for this run`, { hint });
}

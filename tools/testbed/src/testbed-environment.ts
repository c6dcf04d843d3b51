/**
 * Every environment variable this room reads or hands to others, in one place.
 * The test orchestrator sets them for its children with what `startShared` returns.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Variables of a process; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The servers that this room knows, and shares. */
export type ServerName = 'postgres' | 'mariadb' | 'kube';

/**
 * What is only built, fetched or looked for beforehand: what makes a cluster of an API server, Helm,
 * an HTTP/2 proxy, custom resource definitions, leave to run pods as a kubelet does, Prometheus, and
 * what secrets are kept in: a Vault, and servers that speak AWS's and Google Cloud Storage's APIs;
 * the oldest Node.js that the libs run on; and what builds container images.
 */
export type ProgramName =
  | 'cluster'
  | 'helm'
  | 'proxy'
  | 'crds'
  | 'pods'
  | 'prometheus'
  | 'vault'
  | 'aws'
  | 'gcs'
  | 'oldestNode'
  | 'images';

/** Where a running, shared server is announced: an URL, for kube the path of a kubeconfig. */
export const sharedServerVariables: Readonly<Record<ServerName, string>> = {
  postgres: 'FAIRLEAD_TESTBED_POSTGRES',
  mariadb: 'FAIRLEAD_TESTBED_MARIADB',
  kube: 'FAIRLEAD_TESTBED_KUBE',
};

/** Comma-separated names of servers and programs that the orchestrator could not start or build. */
export const unavailableVariable = 'FAIRLEAD_TESTBED_UNAVAILABLE';

/** The address or path under which a shared server was announced, if one was. */
export function sharedServerAddress(server: ServerName, environment: Environment) {
  const address = environment[sharedServerVariables[server]];
  return address === '' ? undefined : address;
}

/** The servers that the orchestrator has already tried, and failed, to start. */
export function declaredUnavailable(environment: Environment): readonly string[] {
  return (environment[unavailableVariable] ?? '').split(',').filter((name) => name !== '');
}

/** Which Clouddriver to start: a folder, or a version for Maven. Nobody looks for one unasked. */
export function clouddriverSource(environment: Environment): string | undefined {
  const source = environment.FAIRLEAD_TESTBED_CLOUDDRIVER;
  return source === '' ? undefined : source;
}

/** True when a missing server must fail the tests instead of skipping them. */
export function requiresAllServers(environment: Environment): boolean {
  return environment.FAIRLEAD_TEST_REQUIRE === 'all';
}

/** Where programs and templates are kept between runs; never inside the repository. */
export function cacheDirectory(environment: Environment): string {
  const { FAIRLEAD_CACHE_DIR: own, XDG_CACHE_HOME: xdg } = environment;
  if (own) return own;
  return xdg ? join(xdg, 'fairlead') : join(homedir(), '.cache', 'fairlead');
}

/** The real servers of one test run: started once, shared by all suites, stopped at the end. */
import { printProgress, startShared } from '@fairlead/testbed';

/** A server that could not be had, in words for the last lines of the log. */
export interface MissingServer {
  readonly name: string;
  readonly howToGet: string;
}

/** Runs `work` with the addresses of the servers in its environment. */
export async function withSharedServers<T>(
  work: (env: Readonly<Record<string, string>>) => T,
): Promise<{ readonly result: T; readonly missing: readonly MissingServer[] }> {
  console.log('\n> real servers: PostgreSQL, MariaDB, kube-apiserver with etcd');
  const progress = printProgress(process.stdout);
  // Missing servers are counted by the caller, and the suites of the others still run.
  const environment = { ...process.env, FAIRLEAD_TEST_REQUIRE: '' };
  await using servers = await startShared({
    postgres: true,
    mariadb: true,
    kube: true,
    cluster: true,
    helm: true,
    proxy: true,
    prometheus: true,
    oldestNode: true,
    crds: true,
    pods: true,
    vault: true,
    aws: true,
    gcs: true,
    images: true,
    environment,
    onProgress: progress.show,
  });
  progress.end();
  const missing = servers.unavailable.map(({ server, error }) => ({
    name: server,
    howToGet: error.message.replaceAll('\n', '; '),
  }));
  return { result: work(servers.env), missing };
}

/** Whether two offers of one account name mean the same cluster. */

/** What an agent knows of the cluster behind an account; `''` for what it does not know. */
export interface ClusterIdentity {
  /** Address of the API server as the agent reaches it. */
  readonly server: string;
  /** Hex SHA-256 of the certificate that the API server presents. */
  readonly certificateFingerprint: string;
  /** Version of the API server. Changes with upgrades and so decides nothing. */
  readonly version: string;
  /** `uid` of namespace kube-system: the one thing that never changes while the cluster lives. */
  readonly uid: string;
}

/** A cluster, and the agent that says so. */
export interface ClusterSighting {
  /** The agent's name. */
  readonly agentId: string;
  /** What it knows. */
  readonly cluster: ClusterIdentity;
}

/**
 * Whether `after` saw the cluster that `before` did. The uid decides if both have it. Else equal certificates
 * do; differing ones are a renewal if the same agent finds them at the same address, and another
 * cluster if not: inside every cluster the API server has an address like `https://10.96.0.1`.
 * Only without certificates does the address decide.
 */
export function isSameCluster(before: ClusterSighting, after: ClusterSighting): boolean {
  const [known, offered] = [before.cluster, after.cluster];
  if (known.uid !== '' && offered.uid !== '') return known.uid === offered.uid;
  const isSameServer = known.server !== '' && known.server === offered.server;
  const [was, is] = [known.certificateFingerprint, offered.certificateFingerprint];
  if (was === '' || is === '') return isSameServer;
  return was === is || (isSameServer && before.agentId === after.agentId);
}

/** What is known after `offered` was found to be the same cluster as `known`: the newer fact wins. */
export function mergeClusterIdentity(
  known: ClusterIdentity,
  offered: ClusterIdentity,
): ClusterIdentity {
  return {
    server: offered.server || known.server,
    certificateFingerprint: offered.certificateFingerprint || known.certificateFingerprint,
    version: offered.version || known.version,
    uid: offered.uid || known.uid,
  };
}

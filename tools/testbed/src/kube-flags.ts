/** The command lines of etcd and kube-apiserver: what makes them start fast, alone, on loopback. */

/** Where the files of one API server lie. */
export interface KubeFiles {
  readonly etcdData: string;
  readonly ca: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** Of the administrator: a client of kubelets and aggregated API servers, too. */
  readonly adminCertificate: string;
  readonly adminKey: string;
  readonly serviceAccountPublicKey: string;
  readonly serviceAccountPrivateKey: string;
  readonly tokens: string;
}

/** Ports of one API server, all on 127.0.0.1. */
export interface KubePorts {
  readonly apiServer: number;
  readonly etcd: number;
  readonly etcdPeer: number;
}

/** The file names inside a server's directory. */
export function kubeFiles(directory: string): KubeFiles {
  return {
    etcdData: `${directory}/etcd`,
    ca: `${directory}/ca.crt`,
    serverCertificate: `${directory}/server.crt`,
    serverKey: `${directory}/server.key`,
    adminCertificate: `${directory}/admin.crt`,
    adminKey: `${directory}/admin.key`,
    serviceAccountPublicKey: `${directory}/service-account.pub`,
    serviceAccountPrivateKey: `${directory}/service-account.key`,
    tokens: `${directory}/tokens.csv`,
  };
}

/** etcd as the only member of its cluster; `extra` comes last and so wins. */
export function etcdFlags(
  files: KubeFiles,
  ports: KubePorts,
  extra: readonly string[],
): readonly string[] {
  const client = etcdUrl(ports);
  const peer = `http://127.0.0.1:${String(ports.etcdPeer)}`;
  return [
    '--name=testbed',
    `--data-dir=${files.etcdData}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=testbed=${peer}`,
    // Nobody mourns the data after a power cut; SIGKILL loses nothing that was written.
    '--unsafe-no-fsync',
    // Alone, it elects itself; the default makes every start wait a second for that.
    '--heartbeat-interval=20',
    '--election-timeout=200',
    '--log-level=warn',
    ...extra,
  ];
}

/** kube-apiserver with RBAC; `extra` comes last and so wins. */
export function kubeApiServerFlags(
  files: KubeFiles,
  ports: KubePorts,
  extra: readonly string[],
): readonly string[] {
  return [
    `--etcd-servers=${etcdUrl(ports)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${String(ports.apiServer)}`,
    // Without these two it looks for an address that other hosts could reach, and fails offline.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--client-ca-file=${files.ca}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountPrivateKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    ...disabledAdmission(extra),
    ...extra,
  ];
}

/**
 * Alone, nothing creates the service account "default", without which it would refuse every pod.
 * Lists add up where other flags are replaced, so that ours is left out when there is another.
 */
function disabledAdmission(extra: readonly string[]): readonly string[] {
  const flag = '--disable-admission-plugins=';
  return extra.some((each) => each.startsWith(flag)) ? [] : [`${flag}ServiceAccount`];
}

/** Where etcd serves clients. */
export function etcdUrl(ports: KubePorts): string {
  return `http://127.0.0.1:${String(ports.etcd)}`;
}

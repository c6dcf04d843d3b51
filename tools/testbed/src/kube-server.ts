/**
 * A real kube-apiserver on a real etcd, alone: there is no controller manager, scheduler or
 * kubelet, so nothing makes pods of Deployments, empties deleted namespaces or creates the service
 * account `default`. Start at `startKube`; `startCluster` has all of that.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { compactEtcd } from './etcd-compaction.ts';
import { freePort, startOnFreePort } from './free-port.ts';
import { findKubeBinaries, type KubeBinaries } from './kube-binaries.ts';
import { createKubeCertificates } from './kube-certificates.ts';
import {
  createServiceAccountToken,
  sendKubeRequest,
  type KubeConnection,
  type KubeRequest,
  type KubeResponse,
  type ServiceAccountTokenOptions,
} from './kube-client.ts';
import {
  etcdFlags,
  etcdUrl,
  kubeApiServerFlags,
  kubeFiles,
  type KubeFiles,
  type KubePorts,
} from './kube-flags.ts';
import { decodeKubeconfig, encodeKubeconfig } from './kubeconfig.ts';
import { startReaper, type Reaper } from './reaper-client.ts';
import { ServerProcess, type ProcessControl, type ServerControl } from './server-process.ts';
import { defaultReadyTimeoutMs, type StartOptions } from './start-options.ts';

/** An API server that a test may use: its own, or one that it shares with others. */
export interface KubeServer extends AsyncDisposable {
  /** Such as `https://127.0.0.1:16443`. */
  readonly url: string;
  readonly port: number;
  /** PEM of the CA that signed the server's certificate. */
  readonly caPem: string;
  /** A file for kubectl and any client, with the administrator's certificate embedded. */
  readonly kubeconfigPath: string;
  /** True when others use it too: keep to namespaces of your own, and leave its flags be. */
  readonly isShared: boolean;
  /** Sends one request as the administrator; see `KubeRequest`. */
  request(request: KubeRequest): Promise<KubeResponse>;
  /** A token for a service account, which is created when missing. It may do nothing at first. */
  serviceAccountToken(options: ServiceAccountTokenOptions): Promise<string>;
}

/** An API server of one's own. Its controls act on kube-apiserver; `etcd` has its own. */
export interface KubeHandle extends KubeServer, ServerControl {
  /** Kubernetes' version, such as `v1.36.3`. */
  readonly version: string;
  /** Bearer token of a user in `system:masters`, for clients that take no certificate. */
  readonly adminToken: string;
  readonly etcd: ProcessControl;
  /** Where its keys and certificates are, for servers that belong to it. */
  readonly files: KubeFiles;
  /** Where etcd serves clients, in plain text. */
  readonly etcdUrl: string;
  /**
   * Makes etcd forget all history. Old resourceVersions and continue tokens get 410: at once with
   * `--feature-gates=ListFromCacheSnapshot=false`, else when kube-apiserver next looks (15 s).
   * Watches are answered from its watch cache; `restart` empties that.
   */
  compactEtcd(): Promise<void>;
}

/** A user that proves itself with a fixed bearer token. */
export interface StaticToken {
  readonly token: string;
  readonly user: string;
  /** @defaultValue none: the user may do nothing until a binding says so */
  readonly groups?: readonly string[];
}

/** How to start an API server. */
export interface KubeOptions extends StartOptions {
  /**
   * More flags for kube-apiserver, such as `--etcd-compaction-interval=0`, or what makes them of
   * its files; they win.
   */
  readonly apiServerFlags?: readonly string[] | ((files: KubeFiles) => readonly string[]);
  /** More flags for etcd; they win. */
  readonly etcdFlags?: readonly string[];
  /** More users. @defaultValue none */
  readonly tokens?: readonly StaticToken[];
}

/** Only the owner of the test process may read keys and tokens. */
const secretMode = 0o600;

/**
 * Starts etcd and kube-apiserver on free ports; resolves when `/readyz` says ok, in about 4 s.
 *
 * @throws TestbedError `unavailable`, `buildFailed` or `startFailed`
 */
export async function startKube(options: KubeOptions = {}): Promise<KubeHandle> {
  const binaries = await findKubeBinaries(options);
  return startOnFreePort(async (apiServer) => {
    const ports = { apiServer, etcd: await freePort(), etcdPeer: await freePort() };
    const reaper = await startReaper();
    try {
      return await startInside(reaper, { ...options, binaries, ports });
    } catch (error: unknown) {
      await reaper.end();
      throw error;
    }
  });
}

/** The API server behind a kubeconfig, which somebody else starts and stops. */
export async function connectKube(kubeconfigPath: string): Promise<KubeServer> {
  const connection = decodeKubeconfig(await readFile(kubeconfigPath, 'utf8'));
  const nothingToRelease = () => Promise.resolve();
  return {
    ...serverFacts(connection, kubeconfigPath),
    isShared: true,
    [Symbol.asyncDispose]: nothingToRelease,
  };
}

interface InsideOptions extends KubeOptions {
  readonly binaries: KubeBinaries;
  readonly ports: KubePorts;
}

async function startInside(reaper: Reaper, options: InsideOptions): Promise<KubeHandle> {
  const { ports, binaries } = options;
  const adminToken = randomBytes(16).toString('hex');
  const files = kubeFiles(reaper.directory);
  const connection = await writeFiles(files, adminToken, options);
  const kubeconfigPath = `${reaper.directory}/kubeconfig.yaml`;
  await writeFile(kubeconfigPath, encodeKubeconfig(connection), { mode: secretMode });
  const etcd = etcdProcess(reaper, files, options);
  const apiServer = apiServerProcess(reaper, files, { ...options, connection });
  await etcd.start();
  await apiServer.start();
  const stop = () => reaper.end();
  return {
    ...serverFacts(connection, kubeconfigPath),
    isShared: false,
    version: binaries.version,
    adminToken,
    etcd,
    files,
    etcdUrl: etcdUrl(ports),
    compactEtcd: () => compactEtcd(etcdUrl(ports)),
    get pid() {
      return apiServer.pid;
    },
    kill: (signal) => apiServer.kill(signal),
    start: () => apiServer.start(),
    restart: () => apiServer.restart(),
    pause: () => apiServer.pause(),
    resume: () => apiServer.resume(),
    readLog: () => apiServer.readLog(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function serverFacts(connection: KubeConnection, kubeconfigPath: string) {
  return {
    url: connection.url,
    port: Number(new URL(connection.url).port),
    caPem: connection.caPem,
    kubeconfigPath,
    request: (request: KubeRequest) => sendKubeRequest(connection, request),
    serviceAccountToken: (options: ServiceAccountTokenOptions) =>
      createServiceAccountToken(connection, options),
  };
}

async function writeFiles(
  files: KubeFiles,
  adminToken: string,
  options: InsideOptions,
): Promise<KubeConnection> {
  const { caPem, server, admin, serviceAccountKeys } = await createKubeCertificates();
  const administrator = { token: adminToken, user: 'testbed-admin', groups: ['system:masters'] };
  const tokens = [administrator, ...(options.tokens ?? [])].map(encodeToken).join('');
  const contents = [
    [files.ca, caPem],
    [files.serverCertificate, server.certificatePem],
    [files.serverKey, server.privateKeyPem],
    [files.adminCertificate, admin.certificatePem],
    [files.adminKey, admin.privateKeyPem],
    [files.serviceAccountPublicKey, serviceAccountKeys.publicKeyPem],
    [files.serviceAccountPrivateKey, serviceAccountKeys.privateKeyPem],
    [files.tokens, tokens],
  ] as const;
  for (const [path, text] of contents) await writeFile(path, text, { mode: secretMode });
  return { url: `https://127.0.0.1:${String(options.ports.apiServer)}`, caPem, admin };
}

/** One line of the static token file: token,user,uid,"group,group". */
function encodeToken({ token, user, groups = [] }: StaticToken): string {
  return `${token},${user},${user},"${groups.join(',')}"\n`;
}

function etcdProcess(reaper: Reaper, files: KubeFiles, options: InsideOptions): ServerProcess {
  const { binaries, ports, readyTimeoutMs = defaultReadyTimeoutMs, signal } = options;
  return new ServerProcess({
    name: 'etcd',
    reaper,
    program: {
      command: binaries.etcd,
      args: etcdFlags(files, ports, options.etcdFlags ?? []),
      env: {},
      logPath: `${reaper.directory}/etcd.log`,
      endSignal: 'SIGKILL',
    },
    isReady: async () => (await fetch(`${etcdUrl(ports)}/health`)).ok,
    readyTimeoutMs,
    politeSignal: 'SIGTERM',
    signal,
  });
}

function apiServerProcess(
  reaper: Reaper,
  files: KubeFiles,
  options: InsideOptions & { readonly connection: KubeConnection },
): ServerProcess {
  const { binaries, ports, readyTimeoutMs = defaultReadyTimeoutMs, signal } = options;
  const { apiServerFlags: extra = [] } = options;
  return new ServerProcess({
    name: 'kube-apiserver',
    reaper,
    program: {
      command: binaries.kubeApiServer,
      args: kubeApiServerFlags(files, ports, typeof extra === 'function' ? extra(files) : extra),
      env: {},
      logPath: `${reaper.directory}/kube-apiserver.log`,
      endSignal: 'SIGKILL',
    },
    isReady: async () => {
      const answer = await sendKubeRequest(options.connection, { path: '/readyz' });
      return answer.status === 200;
    },
    readyTimeoutMs,
    politeSignal: 'SIGTERM',
    signal,
  });
}

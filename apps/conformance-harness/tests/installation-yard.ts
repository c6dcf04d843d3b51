/**
 * An installation as Helm makes it of the charts: a cluster whose pods are run as they are written,
 * a database, another cluster, and what a person has besides, namely kubectl and a token.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chartsRoot, runHelm } from '@fairlead/charts';
import {
  acquireKube,
  acquirePostgres,
  type CertificateAuthority,
  createCertificateAuthority,
  findOwnKubectl,
  freePort,
  type KubeServer,
  type PodClusterHandle,
  type PodView,
  startPodCluster,
} from '@fairlead/testbed';
import { parse, stringify } from 'yaml';
import { runVerify, type Verdict } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { programImage } from './program-images.ts';
import { type ProgramOutcome } from './run-program.ts';

/** One release to install, or to change. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly chart: 'fairlead-agent' | 'fairlead-bridge';
  readonly values: Readonly<Record<string, unknown>>;
}

/** Where a program listens. */
export interface Ports {
  /** Of its health, or of the bridge's HTTP API. */
  readonly http: number;
  /** Of its metrics, or of the bridge's links. */
  readonly other: number;
}

const names = { tls: 'bridge-tls', ca: 'bridge-ca', database: 'database', client: 'client-token' };
const clientToken = 'token-of-the-client';
const timeoutMs = 60_000;

/** Everything around an installation. Dispose it at the end. */
export class InstallationYard implements AsyncDisposable {
  readonly cluster: PodClusterHandle;
  /** Shared with others: keep to namespaces of one's own. */
  readonly elsewhere: KubeServer;
  readonly bridgePorts: Ports;
  readonly #folder: string;
  readonly #authority: CertificateAuthority;
  readonly #databaseUrl: string;
  readonly #stack: AsyncDisposableStack;
  readonly #connections = new Agent({ keepAlive: true });

  constructor(parts: YardParts) {
    this.cluster = parts.cluster;
    this.elsewhere = parts.elsewhere;
    this.bridgePorts = parts.bridgePorts;
    this.#folder = parts.folder;
    this.#authority = parts.authority;
    this.#databaseUrl = parts.databaseUrl;
    this.#stack = parts.stack;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connections.destroy();
    return this.#stack.disposeAsync();
  }

  /** Of the bridge, as pods and this machine see it. */
  get bridgeUrl(): string {
    return `https://localhost:${String(this.bridgePorts.http)}`;
  }

  /** Where agents find the bridge, by the name of its Service. */
  get bridgeAddress(): string {
    return `spin-clouddriver-grpc.spin:${String(this.bridgePorts.other)}`;
  }

  /** A namespace that lets in only what passes the strictest standard of Kubernetes for pods. */
  async createNamespace(name: string): Promise<void> {
    await this.create('/api/v1/namespaces', {
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const data = { 'ca.crt': this.#authority.caPem };
    await this.create(`/api/v1/namespaces/${name}/configmaps`, {
      metadata: { name: names.ca },
      data,
    });
  }

  /** What the bridge needs in its namespace: its certificate, its database's URL, client's token. */
  async createBridgeSecrets(namespace: string): Promise<void> {
    const { certificatePem, privateKeyPem } = await this.#authority.issue({
      subject: 'CN=bridge',
      usage: 'server',
      dnsNames: ['localhost', `spin-clouddriver-grpc.${namespace}`],
    });
    await this.createSecret(namespace, names.database, { url: this.#databaseUrl });
    await this.createSecret(namespace, names.client, { token: clientToken });
    await this.createSecret(namespace, names.tls, {
      'tls.crt': certificatePem,
      'tls.key': privateKeyPem,
    });
  }

  /** Values of the bridge's chart that name those Secrets. */
  bridgeValues(agents: readonly object[]): Readonly<Record<string, unknown>> {
    const { http, other: grpc } = this.bridgePorts;
    return {
      replicas: 1,
      database: { existingSecret: names.database, schema: 'standalone' },
      tls: { existingSecret: names.tls },
      auth: {
        agents,
        clients: [
          { existingSecret: names.client, name: 'tester', accounts: ['*'], access: 'write' },
        ],
      },
      grpc: { port: grpc, service: { port: grpc } },
      http: { port: http, service: { port: http } },
    };
  }

  /** Values of the agent's chart that lead it to the bridge. */
  agentValues(ports: Ports, tokenSecret: string): Readonly<Record<string, unknown>> {
    return {
      bridge: {
        address: this.bridgeAddress,
        existingSecret: tokenSecret,
        tls: { ca: { existingConfigMap: names.ca } },
      },
      server: { port: ports.http },
      metrics: { port: ports.other },
    };
  }

  /** `helm upgrade --install`, until everything is ready. */
  async install(release: Release): Promise<void> {
    const { name, namespace, chart, values } = release;
    const file = join(this.#folder, `${namespace}-${name}.yaml`);
    await writeFile(file, stringify(values), { mode: 0o600 });
    await this.helm(
      ...['upgrade', '--install', name, join(chartsRoot, chart), '--values', file],
      ...['--namespace', namespace, '--wait', '--timeout', '50s'],
    );
  }

  /** Runs Helm; a failure says what pods said. */
  async helm(...args: readonly string[]): Promise<void> {
    const { kubeconfigPath } = this.cluster.kube;
    const outcome = await runHelm(args, { kubeconfigPath });
    if (outcome.code === 0) return;
    throw new Error(`helm ${args.join(' ')}: ${outcome.stderr}\n${await this.#complaints()}`);
  }

  /** The pods of a release, oldest first. */
  pods({ name, namespace }: Pick<Release, 'name' | 'namespace'>): readonly PodView[] {
    return this.cluster.node.pods({ namespace, labels: { 'app.kubernetes.io/instance': name } });
  }

  /** Asks the bridge's API, as the client with the token. */
  async ask<T>(path: string): Promise<T | undefined> {
    const { status, text } = await this.#get(path);
    return status === 200 ? (JSON.parse(text) as T) : undefined;
  }

  /** Compares an account with a cluster. */
  verify(account: string, kubeconfig: string): Promise<Verdict> {
    const [caFile, tokenFile] = [join(this.#folder, 'ca.crt'), join(this.#folder, 'token')];
    return runVerify({ kubeconfig, account, bridgeUrl: this.bridgeUrl, caFile, tokenFile });
  }

  /** kubectl through the gateway to an account's cluster. */
  async kubectl(account: string, ...args: readonly string[]): Promise<ProgramOutcome> {
    const kubectl = await findOwnKubectl();
    const path = join(this.#folder, `${account}.kubeconfig`);
    await writeFile(path, stringify(this.#gatewayKubeconfig(account)), { mode: 0o600 });
    const env = { PATH: process.env.PATH, HOME: this.#folder, KUBECONFIG: path };
    return new Promise((resolve) => {
      execFile(kubectl, args, { env, timeout: timeoutMs }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Creates an object in the cluster of the installation. */
  async create(path: string, body: object): Promise<void> {
    const { status, body: answer } = await this.cluster.kube.request({
      method: 'POST',
      path,
      body,
    });
    if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
  }

  /** A Secret in the cluster of the installation. */
  createSecret(
    namespace: string,
    name: string,
    stringData: Readonly<Record<string, string>>,
  ): Promise<void> {
    return this.create(`/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name },
      stringData,
    });
  }

  /** Changes an object of the installation's cluster, and waits until it is in all volumes. */
  async edit(path: string, body: object): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const { status } = await this.cluster.kube.request({
      ...{ method: 'PATCH', path, body, contentType },
    });
    if (status !== 200) throw new Error(`PATCH ${path}: ${String(status)}`);
    await this.cluster.node.sync();
  }

  /** Whether RBAC lets a pod's service account do something. */
  async mayDo(pod: PodView, what: Readonly<Record<string, string>>): Promise<boolean> {
    const { namespace } = pod.pod.metadata;
    const user = `system:serviceaccount:${namespace}:${pod.pod.spec.serviceAccountName ?? ''}`;
    const groups = ['system:serviceaccounts', 'system:authenticated'];
    const { body } = await this.cluster.kube.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: { spec: { user, groups, resourceAttributes: what } },
    });
    return (body as { readonly status: { readonly allowed: boolean } }).status.allowed;
  }

  #gatewayKubeconfig(account: string): object {
    const ca = Buffer.from(this.#authority.caPem).toString('base64');
    const server = `${this.bridgeUrl}/clusters/${account}`;
    return {
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'gateway' },
      clusters: [{ name: 'gateway', cluster: { server, 'certificate-authority-data': ca } }],
      users: [{ name: 'tester', user: { token: clientToken } }],
      contexts: [{ name: 'gateway', context: { cluster: 'gateway', user: 'tester' } }],
    };
  }

  #get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${clientToken}` };
      const options = { ca: this.#authority.caPem, headers, agent: this.#connections };
      const asked = requestTls(this.bridgeUrl + path, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      asked.once('error', reject);
      asked.end();
    });
  }

  async #complaints(): Promise<string> {
    const { node } = this.cluster;
    const pods = node.pods().map(async ({ pod, trouble, containers }) => {
      const logs = await Promise.all(containers.map((container) => container.readLog()));
      const ends = logs.map((log) => log.slice(-2_000));
      return [`${pod.metadata.namespace}/${pod.metadata.name}: ${trouble}`, ...ends].join('\n');
    });
    return [node.trouble, ...(await Promise.all(pods))].join('\n');
  }
}

interface YardParts {
  readonly cluster: PodClusterHandle;
  readonly elsewhere: KubeServer;
  readonly bridgePorts: Ports;
  readonly folder: string;
  readonly authority: CertificateAuthority;
  readonly databaseUrl: string;
  readonly stack: AsyncDisposableStack;
}

/** Starts what an installation stands on; nothing is installed yet. */
export async function startInstallationYard(): Promise<InstallationYard> {
  await using starting = new AsyncDisposableStack();
  const [cluster, elsewhere, server] = await Promise.all([
    startPodCluster({ findImage: programImage }),
    acquireKube(),
    acquirePostgres(),
  ]);
  starting.use(server);
  starting.use(elsewhere);
  const database = await server.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-yard-'));
  starting.defer(() => rm(folder, { recursive: true }));
  // First of all to end: nothing may write to the rest any more.
  starting.use(cluster);
  const [authority, bridgePorts] = [await createCertificateAuthority(), await twoPorts()];
  await writeFile(join(folder, 'ca.crt'), authority.caPem);
  await writeFile(join(folder, 'token'), clientToken, { mode: 0o600 });
  return new InstallationYard({
    ...{ cluster, elsewhere, bridgePorts, folder, authority },
    databaseUrl: database.url,
    stack: starting.move(),
  });
}

/** Ports for one program. */
export async function twoPorts(): Promise<Ports> {
  return { http: await freePort(), other: await freePort() };
}

/** How a kubeconfig is to differ. */
export interface KubeconfigChanges {
  /** Name of its context. */
  readonly context: string;
  /** Of its user. @defaultValue the administrator's certificate */
  readonly token?: string;
}

/** The text of a kubeconfig with these changes. */
export async function kubeconfigText(
  path: string,
  { context, token }: KubeconfigChanges,
): Promise<string> {
  const config = parse(await readFile(path, 'utf8')) as {
    readonly contexts: readonly { readonly context: object }[];
    readonly users: readonly { readonly name: string }[];
  };
  const contexts = [{ name: context, context: config.contexts[0]?.context }];
  const users = token === undefined ? config.users : [{ ...config.users[0], user: { token } }];
  return stringify({ ...config, contexts, users, 'current-context': context });
}

/** Waits until the bridge shows an account in a state. */
export function untilState(
  yard: InstallationYard,
  account: string,
  state: string,
): Promise<unknown> {
  return eventually(
    async () => {
      const shown = await yard.ask<{ readonly state: string }>(`/api/v1/accounts/${account}`);
      return shown?.state === state;
    },
    { what: `account ${account} is ${state}` },
  );
}

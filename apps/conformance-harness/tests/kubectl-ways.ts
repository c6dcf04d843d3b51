/** The two ways that are compared: each has a cluster of its own, both the same at the start. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterHandle, findOwnKubectl, type KubeHandle } from '@fairlead/testbed';
import { parse, stringify } from 'yaml';
import {
  type AgentProgram,
  type BridgeProgram,
  type BridgeProgramOptions,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { agentAccounts } from './agent-questions.ts';
import { eventually } from './eventually.ts';
import { type Way } from './kubectl-run.ts';

/** The programs between a client and an API server. */
export interface Gateway extends AsyncDisposable {
  readonly bridge: BridgeProgram;
  readonly agent: AgentProgram;
  /** What clients are pointed at: `http://127.0.0.1:9080/clusters/gate`. */
  readonly url: string;
  /** Of a kubeconfig's user, where it is not the one of the API server's. */
  readonly user: object | undefined;
}

/**
 * Who gets in at a gateway: over TLS whoever has its token, or shows the certificate with which the
 * API server itself could be asked (so that a kubeconfig needs another server and nothing else);
 * or over plain HTTP everybody.
 */
export type Door = 'token' | 'certificate' | 'open';

/** How to start a gateway before an API server. */
export interface GatewayOptions {
  readonly kube: KubeHandle;
  /** Who gets in. */
  readonly door: Door;
  /** More of the account. @defaultValue none */
  readonly account?: Readonly<Record<string, unknown>>;
  /** For Node itself, in both programs. @defaultValue none */
  readonly nodeArgs?: readonly string[];
}

const account = 'gate';
const token = 'one-of-the-clients';

/** Starts a bridge and an agent; resolves when the account is there. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { kube, door, nodeArgs = [] } = options;
  const stack = new AsyncDisposableStack();
  const bridge = await startBridgeProgram({
    sqlUrl: 'embedded:./data',
    nodeArgs,
    ...(door !== 'open' && guardedBy(kube, door)),
  });
  stack.defer(() => bridge.program.stop());
  const agent = await startAgentProgram({
    grpcAddress: bridge.grpcAddress,
    accounts: [{ name: account, kubeconfigFile: kube.kubeconfigPath, ...options.account }],
    nodeArgs,
  });
  stack.defer(() => agent.program.stop());
  await untilFed(agent);
  return {
    bridge,
    agent,
    url: `${bridge.url}/clusters/${account}`,
    user: door === 'token' ? { token } : undefined,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Where a way leads. */
export interface WayOptions {
  readonly cluster: ClusterHandle;
  /** Instead of the cluster itself. @defaultValue none */
  readonly gateway?: Gateway;
  /** Of the kubeconfig's context, if that is the way's own. @defaultValue none */
  readonly namespace?: string;
}

/** With certificates of the API server's own CA. */
function guardedBy(
  { files }: KubeHandle,
  door: Exclude<Door, 'open'>,
): Pick<BridgeProgramOptions, 'httpTls' | 'config'> {
  const administrator = {
    ...(door === 'token' ? { token } : { x509Subject: 'CN=testbed-admin' }),
    ...{ name: 'administrator', access: 'write' },
    impersonate: { users: ['*'], groups: ['*'] },
  };
  return {
    httpTls: {
      certFile: files.serverCertificate,
      keyFile: files.serverKey,
      clientCaFile: files.ca,
    },
    config: { auth: { clients: [administrator] } },
  };
}

async function untilFed(agent: AgentProgram): Promise<void> {
  const isFed = async () => (await agentAccounts(agent)).get(account)?.state === 'feeding';
  await eventually(isFed, { what: 'the account is fed', timeoutMs: 120_000 });
}

/** A person's folder whose kubeconfig leads to the cluster itself, or to a gateway instead. */
export async function prepareWay(name: string, way: WayOptions): Promise<Way & AsyncDisposable> {
  const { cluster, gateway, namespace } = way;
  const folder = await mkdtemp(join(tmpdir(), `fairlead-${name}-`));
  await cp(fileURLToPath(new URL('./kubectl-files', import.meta.url)), folder, { recursive: true });
  const direct = await readFile(cluster.kube.kubeconfigPath, 'utf8');
  const text = stringify(kubeconfigOf(parse(direct) as Kubeconfig, way));
  await writeFile(join(folder, 'kubeconfig'), text, { mode: 0o600 });
  return {
    name,
    server: gateway?.url ?? cluster.kube.url,
    folder,
    programFolders: [dirname(await findOwnKubectl())],
    ...(namespace !== undefined && { namespace }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
  readonly users: readonly { readonly name: string; readonly user: object }[];
  readonly contexts: readonly { readonly name: string; readonly context: object }[];
}

function kubeconfigOf(
  direct: Kubeconfig,
  { gateway, namespace }: Pick<WayOptions, 'gateway' | 'namespace'>,
): Kubeconfig {
  return {
    ...direct,
    clusters: direct.clusters.map(({ name, cluster }) => ({
      name,
      cluster: { ...cluster, ...(gateway && { server: gateway.url }) },
    })),
    users: direct.users.map(({ name, user }) => ({ name, user: gateway?.user ?? user })),
    contexts: direct.contexts.map(({ name, context }) => ({
      name,
      context: { ...context, ...(namespace !== undefined && { namespace }) },
    })),
  };
}

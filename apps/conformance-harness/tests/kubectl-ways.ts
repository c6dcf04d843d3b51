/** The two ways that are compared: each has a cluster of its own, both the same at the start. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterHandle, findOwnKubectl, type KubeServer } from '@fairlead/testbed';
import { parse, stringify } from 'yaml';
import {
  type AgentProgram,
  type AgentProgramOptions,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { untilAccount } from './bridge-questions.ts';
import { type Way } from './kubectl-run.ts';

/** The programs between a client and an API server. */
export interface Gateway extends AsyncDisposable {
  readonly bridge: BridgeProgram;
  readonly agent: AgentProgram;
  /** What clients are pointed at: `http://127.0.0.1:9080/clusters/gate`. */
  readonly url: string;
}

/** How to start a gateway before an API server. */
export interface GatewayOptions {
  readonly kube: KubeServer;
  /** More of the account. @defaultValue none */
  readonly account?: Readonly<Record<string, unknown>>;
  /** More configuration of the agent. @defaultValue none */
  readonly agent?: AgentProgramOptions['config'];
  /** More configuration of the bridge. @defaultValue none */
  readonly bridge?: Readonly<Record<string, unknown>>;
  /** For Node itself, in both programs. @defaultValue none */
  readonly nodeArgs?: readonly string[];
}

const account = 'gate';

/** Starts a bridge and an agent; resolves when the account is there. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { kube, nodeArgs = [] } = options;
  const stack = new AsyncDisposableStack();
  const bridge = await startBridgeProgram({
    sqlUrl: 'embedded:./data',
    nodeArgs,
    ...(options.bridge && { config: options.bridge }),
  });
  stack.defer(() => bridge.program.stop());
  const agent = await startAgentProgram({
    grpcAddress: bridge.grpcAddress,
    accounts: [{ name: account, kubeconfigFile: kube.kubeconfigPath, ...options.account }],
    nodeArgs,
    ...(options.agent && { config: options.agent }),
  });
  stack.defer(() => agent.program.stop());
  await untilAccount(bridge.url, account);
  return {
    bridge,
    agent,
    url: `${bridge.url}/clusters/${account}`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Where a way leads. */
export interface WayOptions {
  readonly cluster: ClusterHandle;
  /** Instead of the cluster's own address. @defaultValue none */
  readonly server?: string;
  /** Of the kubeconfig's context, if that is the way's own. @defaultValue none */
  readonly namespace?: string;
}

/** A person's folder whose kubeconfig leads to the cluster itself, or to `server` instead. */
export async function prepareWay(name: string, way: WayOptions): Promise<Way & AsyncDisposable> {
  const { cluster, server, namespace } = way;
  const folder = await mkdtemp(join(tmpdir(), `fairlead-${name}-`));
  await cp(fileURLToPath(new URL('./kubectl-files', import.meta.url)), folder, { recursive: true });
  const direct = await readFile(cluster.kube.kubeconfigPath, 'utf8');
  const text = stringify(kubeconfigOf(parse(direct) as Kubeconfig, way));
  await writeFile(join(folder, 'kubeconfig'), text, { mode: 0o600 });
  return {
    name,
    server: server ?? cluster.kube.url,
    folder,
    programFolders: [dirname(await findOwnKubectl())],
    ...(namespace !== undefined && { namespace }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string }[];
  readonly users: readonly { readonly name: string }[];
  readonly contexts: readonly { readonly name: string; readonly context: object }[];
}

/** The same names; through a gateway another server, and nothing to prove oneself with. */
function kubeconfigOf(
  direct: Kubeconfig,
  { server, namespace }: { readonly server?: string; readonly namespace?: string },
): Kubeconfig {
  const contexts = direct.contexts.map(({ name, context }) => ({
    name,
    context: { ...context, ...(namespace !== undefined && { namespace }) },
  }));
  if (server === undefined) return { ...direct, contexts };
  return {
    ...direct,
    contexts,
    clusters: direct.clusters.map(({ name }) => ({ name, cluster: toGateway(server) })),
    users: direct.users.map(({ name }) => ({ name, user: {} })),
  };
}

/** `@kubernetes/client-node` speaks plain HTTP only to whom it need not verify. */
function toGateway(server: string): object {
  return { server, 'insecure-skip-tls-verify': true };
}

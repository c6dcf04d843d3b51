/** A way to a simulated API server through a proxy that counts what comes from it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startAskedProcess } from '../watch-bench/child-process.ts';
import { type FollowedFleet } from '../watch-bench/cluster-server.ts';
import { type ProxiedBytes } from '../watch-bench/counting-proxy-main.ts';

/** The way. */
export interface CountedCluster extends AsyncDisposable {
  /** Leads through the proxy. */
  readonly kubeconfigFile: string;
  readonly context: string;
  /** Of the API server itself, past the proxy. */
  readonly url: string;
  /** What the API server has sent through the proxy so far, HTTP's headers included. */
  receivedBytes(): Promise<number>;
}

interface Kubeconfig {
  readonly 'current-context': string;
  readonly clusters: readonly { readonly name: string; readonly cluster: { server: string } }[];
}

/** Opens it to the first cluster of a fleet that serves plain HTTP. */
export async function countCluster(fleet: FollowedFleet): Promise<CountedCluster> {
  const document = parse(await readFile(fleet.kubeconfigFile, 'utf8')) as Kubeconfig;
  const [first] = document.clusters;
  if (first === undefined) throw new Error(`${fleet.name} has no cluster`);
  const { hostname, port, origin } = new URL(first.cluster.server);
  const proxy = startAskedProcess('counting-proxy-main');
  const proxyPort = (await proxy.ask('listen', { host: hostname, port: Number(port) })) as number;
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-polling-'));
  const kubeconfigFile = join(folder, 'kubeconfig.yaml');
  const through = { ...first, cluster: { server: `http://127.0.0.1:${String(proxyPort)}` } };
  await writeFile(kubeconfigFile, stringify({ ...document, clusters: [through] }), { mode: 0o600 });
  return {
    kubeconfigFile,
    context: first.name,
    url: origin,
    receivedBytes: async () => ((await proxy.ask('bytes')) as ProxiedBytes).down,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The namespaces that hold applications, in order. */
export async function applicationNamespaces({ url }: CountedCluster): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/v1/namespaces`);
  const list = (await response.json()) as {
    readonly items: readonly { readonly metadata: { readonly name: string } }[];
  };
  const names = list.items.map(({ metadata }) => metadata.name);
  return names.filter((name) => name.startsWith('team-')).sort();
}

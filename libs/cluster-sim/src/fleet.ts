// Many simulated clusters in one process: made, filled, set in motion, reachable, and stopped.
import { runChurn } from './churn.ts';
import { type Clock, seededRandom } from './clock.ts';
import { createControlApi } from './control-api.ts';
import { printKubeconfig } from './kubeconfig.ts';
import { type ServerCertificate } from './node-certificates.ts';
import { nodeClock } from './node-clock.ts';
import { type FindAnswer, listenHttp, type ListeningServer } from './node-http-server.ts';
import { seedObjects } from './seed/seed-objects.ts';
import { createSeedTemplates, type SeedTemplates } from './seed/templates.ts';
import { SimCluster, type SimClusterOptions } from './sim-cluster.ts';

/** What a fleet is to be. */
export interface FleetOptions extends Partial<Omit<SimClusterOptions, 'clock' | 'seed'>> {
  /** Number of clusters, named sim-1, sim-2, ... @defaultValue 1 */
  readonly clusters?: number;
  /** Objects in each at the start (never fewer than its four namespaces). @defaultValue 100 */
  readonly objectsPerCluster?: number;
  /** Pods in each besides, of about 3.2 KB with their managedFields. @defaultValue 0 */
  readonly podsPerCluster?: number;
  /** Changes per second in each. @defaultValue 0 */
  readonly churnPerSecond?: number;
  /** Same seed, same objects and the same churn. @defaultValue 1 */
  readonly seed?: number;
  /** First port; the clusters after the first take the next ones. 0: any free. @defaultValue 0 */
  readonly port?: number;
  /** Address to listen on. @defaultValue '127.0.0.1' */
  readonly host?: string;
  /** A port for each cluster, or one port with the path `/NAME` for each. @defaultValue 'ports' */
  readonly layout?: 'ports' | 'paths';
  /** TLS with an authority made for this fleet, which the kubeconfig names. @defaultValue false */
  readonly tls?: boolean;
  /** Serves the control API at `/sim/...` of every port, to everybody. @defaultValue false */
  readonly control?: boolean;
  /** Namespaces that applications are spread over, in each cluster. @defaultValue 10 */
  readonly namespacesPerCluster?: number;
  /** What every seeded Secret holds as `password`. @defaultValue 'canary-4f1c9e-secret' */
  readonly canary?: string;
  /** Time. @defaultValue the machine's */
  readonly clock?: Clock;
}

/** Running clusters. */
export interface Fleet {
  /** The clusters, in order. */
  readonly clusters: readonly SimCluster[];
  /** The cluster of a name. @throws RangeError when there is none */
  cluster(name: string): SimCluster;
  /** Address of the control API, such as `http://127.0.0.1:8001/sim`; undefined when it is off. */
  readonly controlUrl: string | undefined;
  /** A kubeconfig with a context for each cluster. */
  kubeconfig(): string;
  /** Stops everything: churn, watches, connections, ports. */
  stop(): Promise<void>;
}

/** kubectl asks people for a name and a password where TLS comes without credentials. */
const UNCHECKED_TOKEN = 'anybody';

/** Starts a fleet; settles when every cluster can be reached. */
export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const lifetime = new AbortController();
  const count = options.clusters ?? 1;
  const shared = { templates: createSeedTemplates(), signal: lifetime.signal };
  const clusters = Array.from({ length: count }, (_, index) =>
    startCluster(`sim-${index + 1}`, options, shared),
  );
  const certificate = options.tls === true ? await certificateFor(options) : undefined;
  const servers: ListeningServer[] = [];
  const stop = async (): Promise<void> => {
    lifetime.abort();
    for (const cluster of clusters) cluster.stop();
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    await listen(clusters, servers, { ...options, certificate });
  } catch (error: unknown) {
    await stop();
    throw error;
  }
  const [first] = servers;
  const origin = `${certificate === undefined ? 'http' : 'https'}://${hostOf(options)}`;
  return {
    clusters,
    controlUrl:
      options.control === true && first !== undefined ? `${origin}:${first.port}/sim` : undefined,
    cluster(name) {
      const found = clusters.find((cluster) => cluster.name === name);
      if (found === undefined) throw new RangeError(`no cluster is named ${name}`);
      return found;
    },
    kubeconfig: () =>
      printKubeconfig(
        clusters.map(({ name, url, token = certificate && UNCHECKED_TOKEN }) => ({
          name,
          server: url,
          ca: certificate?.ca,
          ...(token === undefined ? {} : { token }),
        })),
      ),
    stop,
  };
}

function startCluster(
  name: string,
  options: FleetOptions,
  { templates, signal }: { templates: SeedTemplates; signal: AbortSignal },
): SimCluster {
  const clock = options.clock ?? nodeClock;
  const seed = `${options.seed ?? 1}/${name}`;
  const cluster = new SimCluster(name, { ...options, clock, seed });
  const factory = seedObjects(cluster.state, {
    objects: options.objectsPerCluster ?? 100,
    pods: options.podsPerCluster ?? 0,
    random: seededRandom(`${seed}/seed`),
    identity: `${seed}/identity`,
    templates,
    canary: options.canary ?? 'canary-4f1c9e-secret',
    namespaces: options.namespacesPerCluster ?? 10,
  });
  const perSecond = options.churnPerSecond ?? 0;
  const random = seededRandom(`${seed}/churn`);
  void runChurn(cluster.state, { perSecond, random, clock, factory, signal });
  return cluster;
}

function hostOf(options: FleetOptions): string {
  return options.host ?? '127.0.0.1';
}

/** Loaded when asked for: the library behind it takes a tenth of a second to start. */
async function certificateFor(options: FleetOptions): Promise<ServerCertificate> {
  const { createServerCertificate } = await import('./node-certificates.ts');
  return createServerCertificate([hostOf(options)]);
}

async function listen(
  clusters: readonly SimCluster[],
  servers: ListeningServer[],
  options: FleetOptions & { readonly certificate: ServerCertificate | undefined },
): Promise<void> {
  const { port = 0, certificate: tls } = options;
  const host = hostOf(options);
  const scheme = tls === undefined ? 'http' : 'https';
  const control = options.control === true ? createControlApi(clusters) : undefined;
  const findControl: FindAnswer = (path) =>
    control !== undefined && path.startsWith('/sim/')
      ? { prefix: '/sim', answer: control }
      : undefined;
  if (options.layout === 'paths') {
    const findCluster = byPrefix(clusters);
    const find: FindAnswer = (path) => findControl(path) ?? findCluster(path);
    const server = await listenHttp({ host, port, tls, find });
    servers.push(server);
    for (const cluster of clusters) {
      cluster.listensAt(`${scheme}://${host}:${server.port}/${cluster.name}`);
    }
    return;
  }
  for (const [index, cluster] of clusters.entries()) {
    const { answer } = cluster;
    const find: FindAnswer = (path) => findControl(path) ?? { prefix: '', answer };
    const server = await listenHttp({ host, port: port === 0 ? 0 : port + index, tls, find });
    servers.push(server);
    cluster.listensAt(`${scheme}://${host}:${server.port}`);
    cluster.incidents.listensAt(server);
  }
}

function byPrefix(clusters: readonly SimCluster[]): FindAnswer {
  const answers = new Map(clusters.map(({ name, answer }) => [`/${name}`, answer]));
  return (path) => {
    const prefix = path.slice(0, (path.indexOf('/', 1) + 1 || path.length + 1) - 1);
    const answer = answers.get(prefix);
    return answer === undefined ? undefined : { prefix, answer };
  };
}

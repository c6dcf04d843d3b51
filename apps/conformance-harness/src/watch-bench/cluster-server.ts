/** The simulated clusters of a benchmark, in a process of their own. */
import { type FleetOptions, type SimStats } from '@fairlead/cluster-sim';
import { type AskedProcess, startAskedProcess } from './child-process.ts';

/** Clusters that are alike; as many objects and Pods as asked for and nothing else. */
export type FleetShape = Pick<
  FleetOptions,
  | 'clusters'
  | 'objectsPerCluster'
  | 'podsPerCluster'
  | 'churnPerSecond'
  | 'tls'
  | 'layout'
  | 'bookmarkIntervalMs'
  | 'historyEvents'
  | 'historyBytes'
  | 'namespacesPerCluster'
  | 'gzip'
>;

/** Which fleets to serve, by name. */
export type ServeRequest = Readonly<Record<string, FleetShape>>;

/** What a fleet has served so far; sums over its clusters. */
export type ServedFleet = Pick<SimStats, 'eventsServed' | 'sentBytes'> & {
  /** In lists, and at the start of watches that are lists. */
  readonly objectsServed: number;
  /** Of its first cluster, the newest. */
  readonly resourceVersion: string;
};

/** A fleet whose clusters can be followed. */
export interface FollowedFleet {
  readonly name: string;
  readonly kubeconfigFile: string;
}

/** Running clusters. */
export interface ClusterServer extends AsyncDisposable {
  readonly pid: number;
  /** @throws Error when there is none of that name */
  fleet(name: string): FollowedFleet;
  /**
   * Changes the Pods of a fleet's first cluster in turn, as fast as they are read or `perSecond`;
   * settles when the last change is in the hands of every watch's socket.
   */
  pump(name: string, events: number, perSecond?: number): Promise<void>;
  served(name: string): Promise<ServedFleet>;
}

/** Starts the process and fills its clusters. */
export async function startClusterServer(request: ServeRequest): Promise<ClusterServer> {
  const process: AskedProcess = startAskedProcess('cluster-server-main', [
    '--max-old-space-size=8192',
  ]);
  const files = (await process.ask('serve', request)) as Readonly<Record<string, string>>;
  return {
    pid: process.pid,
    fleet: (name) => {
      const kubeconfigFile = files[name];
      if (kubeconfigFile === undefined) throw new Error(`no fleet is named ${name}`);
      return { name, kubeconfigFile };
    },
    pump: async (name, events, perSecond) => {
      await process.ask('pump', {
        name,
        events,
        ...(perSecond === undefined ? {} : { perSecond }),
      });
    },
    served: async (name) => (await process.ask('served', name)) as ServedFleet,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

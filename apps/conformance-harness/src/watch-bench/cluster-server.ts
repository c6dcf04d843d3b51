/** The simulated clusters of a watch benchmark, in a process of their own. */
import { type AskedProcess, startAskedProcess } from './child-process.ts';

/** Which clusters to serve. */
export interface ServeRequest {
  /** Pods of each: `sim-1`, `sim-2`, ... */
  readonly pods: readonly number[];
}

/** What a cluster has served so far. */
export interface ServedCluster {
  readonly requests: number;
  readonly objectsServed: number;
  readonly eventsServed: number;
  /** Its newest. */
  readonly resourceVersion: string;
}

/** Running clusters. */
export interface ClusterServer extends AsyncDisposable {
  readonly kubeconfigFile: string;
  /** Changes Pods in turn, as fast as they are read. */
  change(context: string, events: number): Promise<void>;
  served(context: string): Promise<ServedCluster>;
}

/** Starts the process and fills its clusters. */
export async function startClusterServer(request: ServeRequest): Promise<ClusterServer> {
  const process: AskedProcess = startAskedProcess('cluster-server-main', [
    '--max-old-space-size=8192',
  ]);
  const kubeconfigFile = (await process.ask('serve', request)) as string;
  return {
    kubeconfigFile,
    change: async (context, events) => {
      await process.ask('change', { context, events });
    },
    served: async (context) => (await process.ask('served', { context })) as ServedCluster,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

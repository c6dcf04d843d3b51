/** The process that serves the simulated clusters of a watch benchmark. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { answerQuestions } from './child-process.ts';
import { PodCluster } from './pod-cluster.ts';
import { type ServeRequest, type ServedCluster } from './cluster-server.ts';

/** Enough for changes that a watcher is behind, in events and in bytes. */
const history = { historyEvents: 16_384, historyBytes: 256 * 2 ** 20 };
/** Objects that the simulator makes itself, about half of them Pods. */
const seededObjects = 1_000;

const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'));
process.on('exit', () => void rm(folder, { recursive: true, force: true }));
const pods = new Map<string, PodCluster>();
let fleet: Fleet | undefined;

answerQuestions({
  serve: async ({ pods: counts }: ServeRequest) => {
    fleet = await startFleet({
      clusters: counts.length,
      objectsPerCluster: seededObjects,
      ...history,
    });
    for (const [index, cluster] of fleet.clusters.entries()) {
      const pod = new PodCluster(cluster);
      pod.fill(counts[index] ?? 0);
      pods.set(cluster.name, pod);
    }
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, fleet.kubeconfig(), { mode: 0o600 });
    return kubeconfig;
  },
  change: ({ context, events }: { context: string; events: number }) =>
    pods.get(context)?.change(events),
  served: ({ context }: { context: string }): ServedCluster => {
    if (fleet === undefined) throw new Error('nothing is served yet');
    const { stats, resourceVersion } = fleet.cluster(context);
    return { ...stats, resourceVersion };
  },
});

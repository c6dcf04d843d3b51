/** The process that serves the simulated clusters of a benchmark. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { answerQuestions } from './child-process.ts';
import { type ServedFleet, type ServeRequest } from './cluster-server.ts';

/** The namespaces of every cluster, and nothing else but Pods. */
const fewestObjects = 4;

const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const fleets = new Map<string, Fleet>();

answerQuestions({
  serve: async (request: ServeRequest) => {
    const files: Record<string, string> = {};
    for (const [name, shape] of Object.entries(request)) {
      const fleet = await startFleet({
        objectsPerCluster: fewestObjects,
        seed: fleets.size,
        ...shape,
      });
      fleets.set(name, fleet);
      files[name] = join(folder, `${name}.yaml`);
      await writeFile(files[name], fleet.kubeconfig(), { mode: 0o600 });
    }
    return files;
  },
  pump: async ({ name, ...how }: { name: string; events: number; perSecond?: number }) => {
    await fleetOf(name).clusters[0]?.pump({ resource: 'pods', ...how });
  },
  served: (name: string): ServedFleet => {
    const { clusters } = fleetOf(name);
    const sum = (
      of: 'objectsServed' | 'initialEventsServed' | 'eventsServed' | 'sentBytes',
    ): number => clusters.reduce((total, { stats }) => total + stats[of], 0);
    return {
      objectsServed: sum('objectsServed') + sum('initialEventsServed'),
      eventsServed: sum('eventsServed'),
      sentBytes: sum('sentBytes'),
      resourceVersion: clusters[0]?.resourceVersion ?? '',
    };
  },
});

function fleetOf(name: string): Fleet {
  const fleet = fleets.get(name);
  if (fleet === undefined) throw new Error(`no fleet is named ${name}`);
  return fleet;
}

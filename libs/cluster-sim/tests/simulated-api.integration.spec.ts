/** The contract of an API server, held against the simulator. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '../src/index.ts';
import { describeApiServer } from './api-server-contract.ts';
import { ApiUnderTest } from './api-under-test.ts';

let fleet: Fleet;
let directory: string;

afterAll(async () => {
  await fleet.stop();
  await rm(directory, { recursive: true });
});

describeApiServer('a simulated API server', async () => {
  fleet = await startFleet({ objectsPerCluster: 0 });
  directory = await mkdtemp(join(tmpdir(), 'cluster-sim-'));
  const kubeconfigFile = join(directory, 'kubeconfig');
  await writeFile(kubeconfigFile, fleet.kubeconfig());
  return ApiUnderTest.connect(kubeconfigFile, () => {
    fleet.cluster('sim-1').compact();
    return Promise.resolve();
  });
});

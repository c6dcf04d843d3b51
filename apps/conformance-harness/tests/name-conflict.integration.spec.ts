// Two agents register one name for different clusters: the second is rejected, visibly everywhere,
// and the first is not disturbed.
import { writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

describe('one name for two clusters', () => {
  let fleet: Fleet;
  let folder: string;
  let kubeconfig: string;
  let bridge: BridgeProgram;
  let first: AgentProgram;
  let second: AgentProgram;

  beforeAll(async () => {
    fleet = await startFleet({ clusters: 2, objectsPerCluster: 200, churnPerSecond: 0, seed: 7 });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-conflict-'));
    kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, fleet.kubeconfig());
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    first = await startFor(fleet.clusters[0]!.name);
    await untilAccount(bridge.url, 'shared-name');
    second = await startFor(fleet.clusters[1]!.name);
  }, 120_000);

  afterAll(async () => {
    await second.program.stop();
    await first.program.stop();
    await bridge.program.stop();
    await fleet.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  function startFor(context: string): Promise<AgentProgram> {
    return startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ name: 'shared-name', kubeconfigFile: kubeconfig, context }],
    });
  }

  const reason = /another cluster|other cluster|different cluster/;

  it('is rejected for the second, with the reason in its log and its health', async () => {
    const health = await eventually(
      async () => {
        const text = await (await fetch(`${second.url}/health`)).text();
        return reason.test(text) && text;
      },
      { what: 'the health of the second agent tells the reason' },
    );

    expect(health).toContain('shared-name');
    expect(await second.program.readLog()).toMatch(reason);
  }, 90_000);

  it('is shown as rejected by the API of the bridge', async () => {
    const agents = await eventually(
      async () => {
        const text = await (await fetch(`${bridge.url}/api/v1/agents`)).text();
        return reason.test(text) && text;
      },
      { what: 'the bridge shows the rejection' },
    );

    expect(agents).toContain('rejected');
  }, 90_000);

  it('does not disturb the first', async () => {
    const starts = sumOf(await first.metrics(), 'fairlead_agent_feed_starts_total');
    const verdict = await runVerify({
      kubeconfig,
      context: fleet.clusters[0]!.name,
      bridgeUrl: bridge.url,
      account: 'shared-name',
    });

    expect(countsOf(verdict)).toEqual(allZero);
    expect(sumOf(await first.metrics(), 'fairlead_agent_feed_starts_total')).toBe(starts);
    expect((await untilAccount(bridge.url, 'shared-name')).state).toBe('synced');
  }, 90_000);
});

// Memory is bounded by configuration, not by the cluster: two agents whose clusters differ tenfold
// list everything anew while the bridge's database stands still. Neither holds more than its budget,
// and neither's live memory tells which cluster is the larger one.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { isUnavailable, startPostgres } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { liveBytes } from './heap-snapshot.ts';

const sizes = { small: 2_000, large: 20_000 } as const;
type Size = keyof typeof sizes;
const names = Object.keys(sizes) as readonly Size[];
const mebibyte = 2 ** 20;
const budgetBytes = 2 * mebibyte;
/** What 18,000 Pods of 3.2 KB more would take, were they kept, is 58 MB. */
const mostDifferenceBytes = 5 * mebibyte;
/** So often in a row nothing more is read: the agent waits. */
const stillPolls = 20;

describe.each([isUnavailable('postgres') ? [] : ['PostgreSQL']].filter((on) => on.length > 0))(
  'agents whose bridge waits for %s',
  () => {
    const stack = new AsyncDisposableStack();
    let bridge: BridgeProgram;
    const fleets = {} as Record<Size, Fleet>;
    const agents = {} as Record<Size, AgentProgram>;
    const mostInFlight: Record<Size, number> = { small: 0, large: 0 };
    const live: Record<Size, number> = { small: 0, large: 0 };
    let resume: () => Promise<void>;

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'fairlead-bounded-'));
      stack.defer(() => rm(folder, { recursive: true }));
      const server = await startPostgres();
      stack.defer(() => server.stop());
      const database = await server.createDatabase();
      bridge = await startBridgeProgram({ sqlUrl: database.url });
      stack.defer(() => bridge.program.stop());
      for (const name of names) {
        fleets[name] = await startFleet({ objectsPerCluster: 4, podsPerCluster: sizes[name] });
        stack.defer(() => fleets[name].stop());
        const kubeconfigFile = join(folder, `${name}.yaml`);
        await writeFile(kubeconfigFile, fleets[name].kubeconfig());
        agents[name] = await startAgentProgram({
          grpcAddress: bridge.grpcAddress,
          accounts: [{ name, kubeconfigFile, kinds: ['pod'] }],
          config: {
            agent: { id: name },
            budget: { inFlightBytes: budgetBytes, inFlightBytesPerAccount: budgetBytes },
          },
          nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
        });
        stack.defer(() => agents[name].program.stop());
      }
      for (const name of names) await untilAccount(bridge.url, name);

      await server.pause();
      resume = () => server.resume();
      for (const name of names) {
        for (const cluster of fleets[name].clusters) {
          // The cluster moves on by an object that nobody follows, and forgets what was before.
          cluster.create({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'other', namespace: 'default' },
          });
          cluster.compact();
          cluster.disconnectWatches();
        }
      }
      await Promise.all(names.map((name) => untilStill(name)));
      for (const name of names) live[name] = liveBytes(await snapshotOf(agents[name]));
    }, 240_000);

    afterAll(async () => {
      await resume();
      await stack.disposeAsync();
    }, 60_000);

    /** Until it has filled its budget and reads no more. */
    async function untilStill(name: Size): Promise<void> {
      let received = -1;
      let still = 0;
      await eventually(
        async () => {
          const samples = await agents[name].metrics();
          const inFlight = sumOf(samples, 'fairlead_agent_in_flight_bytes');
          mostInFlight[name] = Math.max(mostInFlight[name], inFlight);
          const now = sumOf(samples, 'fairlead_agent_bytes_received_total');
          still = now === received && inFlight > budgetBytes / 2 ? still + 1 : 0;
          received = now;
          return still >= stillPolls;
        },
        { what: `the agent of the ${name} cluster waits`, timeoutMs: 60_000 },
      );
    }

    async function snapshotOf(agent: AgentProgram): Promise<string> {
      await agent.program.kill('SIGUSR2');
      return eventually(
        async () => {
          const { directory } = agent.program;
          const [file] = (await readdir(directory)).filter((each) => each.endsWith('snapshot'));
          if (file === undefined) return undefined;
          const text = await readFile(join(directory, file), 'utf8');
          return text.trimEnd().endsWith('}') && text;
        },
        { what: 'a heap snapshot' },
      );
    }

    it.each(names)('never hold more than the budget: the %s cluster', (name) => {
      expect(mostInFlight[name]).toBeGreaterThan(budgetBytes / 2);
      expect(mostInFlight[name]).toBeLessThanOrEqual(budgetBytes);
    });

    it('have not read the whole of the large cluster: its connection is not read', async () => {
      const received = sumOf(await agents.large.metrics(), 'fairlead_agent_bytes_received_total');
      const served = fleets.large.clusters[0]?.stats.bodyBytes ?? 0;

      // Once before the database stood still, and only a part of it after.
      expect(served).toBeGreaterThan(sizes.large * 3_000);
      expect(received).toBeLessThan(1.3 * sizes.large * 3_300);
    });

    it('keep as much alive for ten times the objects', () => {
      expect(live.small).toBeGreaterThan(mebibyte);
      expect(live.large - live.small).toBeLessThan(mostDifferenceBytes);
    });

    it('hand everything on once the database answers', async () => {
      await resume();
      for (const name of names) {
        const unlisted = { state: 'listing' };
        await eventually(
          async () => sumOf(await agents[name].metrics(), 'fairlead_agent_feeds', unlisted) === 0,
          { what: `the ${name} cluster is listed` },
        );
        const { objects } = await untilAccount(bridge.url, name);

        expect(objects).toBe(sizes[name]);
      }
    }, 120_000);
  },
);

/**
 * The same list and storm through the real bridge with its embedded database: what it committed is
 * what was served, to the object and to the event.
 */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Sample, sumOf } from '../installation/prometheus-text.ts';
import {
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../installation/programs.ts';
import { startClusterServer } from './cluster-server.ts';
import { measuredFleet, mostProbes, type WatchRunSize } from './watch-run.ts';

const pollMs = 100;
const timeoutMs = 300_000;

interface Account {
  readonly state: string;
  readonly objects: number;
}

/**
 * Runs once.
 *
 * @throws Error when a delta is missing, doubled or dropped
 */
export async function checkBridgeCounts(
  size: WatchRunSize,
  { progress }: Pick<BenchOptions, 'progress'>,
): Promise<void> {
  await using server = await startClusterServer({
    [measuredFleet]: { podsPerCluster: size.objects },
  });
  const { name, kubeconfigFile } = server.fleet(measuredFleet);
  const bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
  const agent = await startAgentProgram({
    grpcAddress: bridge.grpcAddress,
    accounts: [{ name, kubeconfigFile, kinds: ['pod'] }],
  });
  try {
    const listed = await until('the list is committed', async () => {
      const account = await readAccount(bridge, name);
      return account?.state === 'synced' ? account : undefined;
    });
    const written = rowsWritten(await bridge.metrics());
    await server.pump(name, size.events);
    const updated = await until('the changes are committed', async () => {
      const rows = rowsWritten(await bridge.metrics()) - written;
      return rows >= size.events ? rows : undefined;
    });
    const served = await server.served(name);
    const [ofBridge, ofAgent] = [await bridge.metrics(), await agent.metrics()];
    const counts = {
      objectsServed: served.objectsServed,
      objectsStored: listed.objects,
      eventsServed: served.eventsServed,
      rowsUpdated: updated,
      deltasRead: deltasRead(ofAgent),
      deltasCoalesced: sumOf(ofAgent, 'fairlead_agent_deltas_coalesced_total'),
      deltasDropped: sumOf(ofBridge, 'fairlead_bridge_deltas_dropped_total'),
    };
    const isExact =
      counts.objectsServed >= size.objects &&
      counts.objectsServed <= size.objects + mostProbes &&
      counts.objectsStored === size.objects &&
      counts.eventsServed === size.events &&
      counts.rowsUpdated === size.events &&
      counts.deltasRead === size.objects + size.events &&
      counts.deltasCoalesced + counts.deltasDropped === 0;
    if (!isExact) throw new Error(`committed is not what was served: ${JSON.stringify(counts)}`);
    const deltas = String(counts.deltasRead);
    progress(`real bridge, embedded database: ${deltas} deltas committed, as many as served`);
  } finally {
    await agent.program.stop();
    await bridge.program.stop();
  }
}

/** Rows of objects that a commit put in or changed. */
function rowsWritten(samples: readonly Sample[]): number {
  return ['inserted', 'updated'].reduce(
    (sum, result) => sum + sumOf(samples, 'fairlead_bridge_rows_written_total', { result }),
    0,
  );
}

function deltasRead(samples: readonly Sample[]): number {
  return ['initApplied', 'applied'].reduce(
    (sum, type) => sum + sumOf(samples, 'fairlead_agent_deltas_total', { type }),
    0,
  );
}

async function readAccount(bridge: BridgeProgram, name: string): Promise<Account | undefined> {
  const response = await fetch(`${bridge.url}/api/v1/accounts/${name}`);
  return response.ok ? ((await response.json()) as Account) : undefined;
}

async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > deadline)
      throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

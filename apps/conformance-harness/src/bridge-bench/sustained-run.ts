/** Changes at a steady rate, more than most clusters ever see: do they all come through in time? */
import { sumOf } from '../installation/prometheus-text.ts';
import { untilCompared } from '../bench/until-compared.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { type ClusterServer, type FleetShape } from '../watch-bench/cluster-server.ts';
import { type LagGrowth, lagGrowth, type LagSample } from './lag-growth.ts';
import { type ProxiedInstallation } from './proxied-installation.ts';

/** Status changes of Pods: a pump of events costs the simulator little. */
const pumpedPerSecond = 10_000;
/** Besides, what else happens in a cluster: Pods that come and go, labels, configurations, events. */
const churnPerSecond = 300;
/** One change in twenty is an Event that takes the place of an older one: two deltas. */
const deltasPerChurn = 1.05;
const duePerSecond = pumpedPerSecond + churnPerSecond * deltasPerChurn;

/** 20,000 objects. */
export const busyShape: FleetShape = {
  objectsPerCluster: 2_000,
  podsPerCluster: 18_000,
  churnPerSecond,
};

const warmUpMs = 10_000;
const measuredMs = 20_000;
const lookEveryMs = 500;
/** The pump goes on longer than is measured, so that its end is not. */
const pumpedMs = warmUpMs + measuredMs + 5_000;

/** What a run came to. */
export interface SustainedRun extends LagGrowth {
  /** What the simulated API server has made: less than is due when its watches are not read. */
  readonly madePerSecond: number;
  /** Changes that were replaced by newer ones of the same object before they were sent, a second. */
  readonly coalescedPerSecond: number;
}

/** Waits until the account is in sync, compared with its cluster and warm, then measures. */
export async function runSustained(
  installation: ProxiedInstallation,
  options: { readonly server: ClusterServer; readonly account: string },
): Promise<SustainedRun> {
  const { server, account } = options;
  await untilSynced(installation.bridge.url, account);
  // Done once an hour: its cost in this window would be that of a hundred others.
  await untilCompared(installation.bridge.url, account);
  const pumping = new AbortController();
  const events = (pumpedPerSecond * pumpedMs) / 1_000;
  server.pump(account, events, pumpedPerSecond).catch((error: unknown) => pumping.abort(error));
  await pause(warmUpMs);
  const made = async () => Number((await server.served(account)).resourceVersion);
  const [madeBefore, replacedBefore] = [await made(), await coalesced(installation)];
  const startedAt = performance.now();
  const samples: LagSample[] = [];
  while (performance.now() - startedAt < measuredMs) {
    samples.push(await look(installation, startedAt));
    await pause(lookEveryMs);
    pumping.signal.throwIfAborted();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    ...lagGrowth(samples),
    // Each change takes the simulated cluster's next version, which is a whole number.
    madePerSecond: ((await made()) - madeBefore) / seconds,
    coalescedPerSecond: ((await coalesced(installation)) - replacedBefore) / seconds,
  };
}

async function look(installation: ProxiedInstallation, startedAt: number): Promise<LagSample> {
  const [samples, replaced] = await Promise.all([
    installation.bridge.metrics(),
    coalesced(installation),
  ]);
  const atMs = performance.now();
  return {
    atMs,
    due: ((atMs - startedAt) / 1_000) * duePerSecond,
    committed: sumOf(samples, 'fairlead_bridge_deltas_committed_total') + replaced,
    bridgeLagMs: sumOf(samples, 'fairlead_bridge_feed_lag_seconds') * 1_000,
  };
}

async function coalesced({ agent }: ProxiedInstallation): Promise<number> {
  return sumOf(await agent.metrics(), 'fairlead_agent_deltas_coalesced_total');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

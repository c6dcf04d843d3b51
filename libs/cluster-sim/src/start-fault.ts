// Puts a named fault in force on a cluster, now or at its time.
import { type ActiveFault } from './fault-rules.ts';
import { type NamedIncident } from './named-incidents.ts';
import { type ParsedFault } from './named-faults.ts';
import { type SimCluster } from './sim-cluster.ts';

/** Starts a fault; it is listed among `cluster.faults` and taken back there. */
export function startFault(cluster: SimCluster, parsed: ParsedFault): ActiveFault {
  const { fault, text: name, value, fromMs, untilMs } = parsed;
  if ('rule' in fault) return cluster.faults.add({ name, fromMs, untilMs, ...fault.rule(value) });
  return startIncident(cluster, fault, parsed);
}

function startIncident(
  cluster: SimCluster,
  fault: NamedIncident,
  { text: name, value, fromMs, untilMs }: ParsedFault,
): ActiveFault {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, cluster.lifetime]);
  let strikes = 0;
  const { clock } = cluster.state;
  const run = async (): Promise<void> => {
    if (fromMs > 0) await clock.sleep(fromMs, signal);
    if (signal.aborted) return;
    if (untilMs !== Infinity) {
      void clock.sleep(untilMs - fromMs, signal).then(() => ending.abort());
    }
    await fault.incident(cluster, { value, signal, strike: () => strikes++ });
    ending.abort();
  };
  // What an incident may fail with is a port that does not come back: a fault of the simulator.
  void run();
  return cluster.faults.register({ name, strikes: () => strikes, remove: () => ending.abort() });
}

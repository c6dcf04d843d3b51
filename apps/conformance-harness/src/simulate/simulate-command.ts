// `fairlead-conformance simulate`: a fleet of simulated clusters that runs until it is told to stop.
import { renameSync, writeFileSync } from 'node:fs';
import { type Fleet, type ParsedFault, startFault, startFleet } from '@fairlead/cluster-sim';
import { type CommandOutput, exitCodes } from '../command-output.ts';

/** The options of the command. */
export interface SimulateCommand {
  /** Number of clusters. */
  readonly clusters: number;
  /** Objects in each. */
  readonly objects: number;
  /** Changes per second in each. */
  readonly churn: number;
  /** First port; 0 for any. */
  readonly port: number;
  /** Where the kubeconfig goes; printed when absent. */
  readonly kubeconfigOut?: string;
  /** Same seed, same clusters. */
  readonly seed: number;
  /** A port for each cluster, or a path. */
  readonly layout: 'ports' | 'paths';
  /** Pods in each cluster besides its objects. */
  readonly pods: number;
  /** Whether TLS is served. */
  readonly tls: boolean;
  /** Whether long answers are compressed for clients that take it. */
  readonly gzip: boolean;
  /** Whether the control API is served. */
  readonly control: boolean;
  /** What goes wrong on every cluster. */
  readonly faults: readonly ParsedFault[];
  /** What the clusters say they run. */
  readonly kubernetesVersion: string;
}

/** The kubeconfig holds tokens in other uses; nobody else need read it. */
const KUBECONFIG_MODE = 0o600;

/** Runs the command until `signal` aborts; settles with the exit code. */
export async function runSimulate(
  command: SimulateCommand,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const { clusters, port, seed, layout, tls, gzip, control } = command;
  const fleet = await startFleet({
    ...{ clusters, port, seed, layout, tls, gzip, control },
    objectsPerCluster: command.objects,
    podsPerCluster: command.pods,
    churnPerSecond: command.churn,
    gitVersion: command.kubernetesVersion,
  });
  try {
    for (const cluster of fleet.clusters) {
      for (const fault of command.faults) startFault(cluster, fault);
    }
    announce(fleet, command, output);
    keepKubeconfigTrue(fleet, command);
    await untilAborted(signal);
  } finally {
    await fleet.stop();
  }
  return exitCodes.success;
}

function announce(
  fleet: Fleet,
  { kubeconfigOut, churn, tls }: SimulateCommand,
  output: CommandOutput,
): void {
  const objects = fleet.clusters.reduce((sum, cluster) => sum + cluster.objectCount, 0);
  const [first] = fleet.clusters;
  if (kubeconfigOut === undefined) {
    output.print(fleet.kubeconfig());
    output.print(
      `# ${fleet.clusters.length} clusters, ${objects} objects, ${churn} changes/s each\n`,
    );
    // Over TLS kubectl needs the authority, which only the kubeconfig names.
    if (!tls) output.print(`# kubectl --server ${first?.url ?? ''} get pods -A\n`);
    if (fleet.controlUrl !== undefined) output.print(`# control: ${fleet.controlUrl}\n`);
    return;
  }
  writeKubeconfig(kubeconfigOut, fleet);
  output.print(`${fleet.clusters.length} clusters, ${objects} objects, ${churn} changes/s each\n`);
  output.print(`kubeconfig: ${kubeconfigOut}\n`);
  const context = first?.name ?? '';
  output.print(`kubectl --kubeconfig ${kubeconfigOut} --context ${context} get pods -A\n`);
  if (fleet.controlUrl !== undefined) output.print(`control: ${fleet.controlUrl}\n`);
}

/** Tokens rotate (see the fault of that name): the file always holds the newest. */
function keepKubeconfigTrue(fleet: Fleet, { kubeconfigOut }: SimulateCommand): void {
  if (kubeconfigOut === undefined) return;
  for (const cluster of fleet.clusters) {
    cluster.observeTokens(() => writeKubeconfig(kubeconfigOut, fleet));
  }
}

/** Put in place whole: who reads it meanwhile sees the old one or the new one. */
function writeKubeconfig(file: string, fleet: Fleet): void {
  const next = `${file}.next`;
  writeFileSync(next, fleet.kubeconfig(), { mode: KUBECONFIG_MODE });
  renameSync(next, file);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

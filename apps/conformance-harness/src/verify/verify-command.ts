// `fairlead-conformance verify`: makes the clients, verifies, prints, and says how it ended.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { clusterClientFromKubeconfig } from '@fairlead/cluster-client';
import { type CommandOutput, exitCodes } from '../command-output.ts';
import { BridgeObjects } from './bridge-objects-client.ts';
import { ClusterObjects } from './cluster-objects-client.ts';
import { isClean, printVerdict } from './verdict.ts';
import { verifyAccount } from './verify-account.ts';

/** The options of the command. */
export interface VerifyCommand {
  /** Kubeconfig of the cluster. */
  readonly kubeconfig: string;
  /** Its context. @defaultValue the current one */
  readonly context?: string;
  /** Base URL of the bridge. */
  readonly bridge: string;
  /** File with the bearer token for the bridge. @defaultValue none is sent */
  readonly bridgeTokenFile?: string;
  /** Name of the account. */
  readonly account: string;
  /** Kinds to compare instead of the declared ones. @defaultValue [] */
  readonly kinds?: readonly string[];
  /** How long a difference may last, in milliseconds. */
  readonly settleMs: number;
}

/** Runs the command; settles with the exit code. */
export async function runVerify(command: VerifyCommand, output: CommandOutput): Promise<number> {
  const { kubeconfig: kubeconfigFile, context, bridgeTokenFile: tokenFile } = command;
  const client = await clusterClientFromKubeconfig({
    kubeconfigFile,
    ...(context === undefined ? {} : { context }),
  });
  try {
    const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, 'utf8')).trim();
    const address = { url: command.bridge, ...(token === undefined ? {} : { token }) };
    const parts = {
      cluster: new ClusterObjects(client),
      bridge: new BridgeObjects(address, command.account),
      clock: { nowMs: () => performance.now(), sleep: async (ms: number) => setTimeout(ms) },
    };
    const { kinds = [], settleMs } = command;
    const verdict = await verifyAccount(parts, { kinds, settleMs });
    output.print(printVerdict(verdict));
    return isClean(verdict) ? exitCodes.success : exitCodes.failure;
  } finally {
    client.close();
  }
}

/** The benchmarks by name. */
import { existsSync } from 'node:fs';
import { type CommandOutput, exitCodes } from '../command-output.ts';
import { benchBridge } from '../bridge-bench/bridge-bench.ts';
import { benchGateway } from '../gateway-bench/gateway-bench.ts';
import { benchPolling } from '../polling-bench/polling-bench.ts';
import { benchWatch } from '../watch-bench/watch-bench.ts';
import { benchSecrets } from '../secret-memory/secrets-bench.ts';
import { benchFleet } from '../watch-bench/fleet-bench.ts';
import { benchIdle } from '../watch-bench/idle-bench.ts';
import { benchMemory } from '../watch-bench/memory-bench.ts';
import { benchScanner } from '../watch-bench/scanner-bench.ts';
import { benchTls } from '../watch-bench/tls-bench.ts';
import { profileWatch } from '../watch-bench/watch-profile.ts';
import { type BenchOptions } from './bench-options.ts';
import { type Measure, writeReport } from './bench-report.ts';
import { benchLatency } from './latency-bench.ts';
import { benchSync } from './sync-bench.ts';

interface Bench {
  readonly description: string;
  /** Unless the command line says otherwise. */
  readonly runs: number;
  readonly run: (options: BenchOptions) => Promise<readonly Measure[]>;
  /** Runs once under the profiler; writes into a folder and returns what to print. */
  readonly profile?: (folder: string) => Promise<string>;
}

/** In the root of a clone; a bundle of this program has none. */
const workspaceFile = new URL('../../../../nx.json', import.meta.url);

/** Every benchmark, by the name that the command line takes. */
export const benches: Readonly<Record<string, Bench>> = {
  sync: {
    description: 'initial sync of 50,000 simulated objects through both programs',
    runs: 5,
    run: benchSync,
  },
  latency: {
    description: 'read-to-commit latency at 1,000 changes a second',
    runs: 3,
    run: benchLatency,
  },
  bridge: {
    description: 'a bridge restarted with 50,000 objects, and 10,000 changes a second through it',
    runs: 3,
    run: benchBridge,
  },
  polling: {
    description:
      '10,000 objects in 20 namespaces fed, beside kubectl each 30 s as Clouddriver does',
    runs: 3,
    run: benchPolling,
  },
  gateway: {
    description: 'requests, a big list and 200 watches through the gateway, and directly',
    runs: 5,
    run: benchGateway,
  },
  watch: {
    description: '50,000 Pods listed and changed 100,000 times, beside @kubernetes/client-node',
    runs: 5,
    run: benchWatch,
    profile: profileWatch,
  },
  memory: {
    description: 'peak RSS of the agent with 10,000 and with 500,000 objects',
    runs: 5,
    run: benchMemory,
  },
  scanner: {
    description: 'the scrubber alone beside JSON.parse + JSON.stringify',
    runs: 5,
    run: benchScanner,
  },
  fleet: {
    description: '300 accounts of 1,000 objects in one agent, a change a second in each',
    runs: 3,
    run: benchFleet,
  },
  tls: {
    description: 'a list of 50,000 Pods in the clear, over TLS, and with gzip',
    runs: 5,
    run: benchTls,
  },
  idle: {
    description: 'bytes a day on the link of an account that does not change; a minute each run',
    runs: 3,
    run: benchIdle,
  },
  secrets: {
    description: 'values of 1,000 Secrets left in the memory of agents, on a real API server',
    runs: 3,
    run: benchSecrets,
  },
};

/** Which benchmarks to run. */
export interface BenchCommand {
  /** By name; none means all. */
  readonly names: readonly string[];
  /** Only say which there are. */
  readonly isListOnly: boolean;
  /** How often each figure is taken. @defaultValue each benchmark's own */
  readonly runs?: number;
  /** Tell where the time goes instead of how much it is. */
  readonly isProfile?: boolean;
}

/** The command `bench`: runs, prints and writes each; settles with the exit code. */
export async function runBenches(command: BenchCommand, output: CommandOutput): Promise<number> {
  if (command.isListOnly) {
    output.print(`${listBenches()}\n`);
    return exitCodes.success;
  }
  if (!existsSync(workspaceFile)) {
    output.complain('benchmarks need a clone of the project: they start its programs from there\n');
    return exitCodes.usage;
  }
  const unknown = command.names.filter((name) => !(name in benches));
  if (unknown.length > 0) {
    output.complain(`no such benchmark: ${unknown.join(', ')}; there are:\n${listBenches()}\n`);
    return exitCodes.usage;
  }
  for (const [name, bench] of Object.entries(benches)) {
    if (command.names.length > 0 && !command.names.includes(name)) continue;
    output.print(`bench ${name}: ${bench.description}\n`);
    if (command.isProfile === true) {
      if (bench.profile === undefined) {
        output.complain(`${name} has no profile\n`);
        return exitCodes.usage;
      }
      output.print(await bench.profile(`tmp/bench/${name}-profile`));
      continue;
    }
    const progress = (line: string): void => output.complain(`${line}\n`);
    const measures = await bench.run({ runs: command.runs ?? bench.runs, progress });
    output.print(await writeReport(name, measures));
  }
  return exitCodes.success;
}

/** One line a benchmark. */
function listBenches(): string {
  return Object.entries(benches)
    .map(([name, { description }]) => `${name.padEnd(10)} ${description}`)
    .join('\n');
}

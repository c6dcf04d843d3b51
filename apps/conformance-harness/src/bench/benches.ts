/** The benchmarks by name. */
import { type CommandOutput, exitCodes } from '../command-output.ts';
import { type Measure, writeReport } from './bench-report.ts';
import { benchLatency } from './latency-bench.ts';
import { benchSync } from './sync-bench.ts';

interface Bench {
  readonly description: string;
  readonly run: () => Promise<readonly Measure[]>;
}

/** Every benchmark, by the name that the command line takes. */
export const benches: Readonly<Record<string, Bench>> = {
  sync: {
    description: 'initial sync of 20,000 simulated objects through both programs',
    run: benchSync,
  },
  latency: {
    description: 'read-to-commit latency at 500 changes a second',
    run: benchLatency,
  },
};

/** Which benchmarks to run. */
export interface BenchCommand {
  /** By name; none means all. */
  readonly names: readonly string[];
  /** Only say which there are. */
  readonly isListOnly: boolean;
}

/** The command `bench`: runs, prints and writes each; settles with the exit code. */
export async function runBenches(command: BenchCommand, output: CommandOutput): Promise<number> {
  if (command.isListOnly) {
    output.print(`${listBenches()}\n`);
    return exitCodes.success;
  }
  const unknown = command.names.filter((name) => !(name in benches));
  if (unknown.length > 0) {
    output.complain(`no such benchmark: ${unknown.join(', ')}; there are:\n${listBenches()}\n`);
    return exitCodes.usage;
  }
  for (const [name, bench] of Object.entries(benches)) {
    if (command.names.length > 0 && !command.names.includes(name)) continue;
    output.print(`bench ${name}: ${bench.description}\n`);
    output.print(await writeReport(name, await bench.run()));
  }
  return exitCodes.success;
}

/** One line a benchmark. */
function listBenches(): string {
  return Object.entries(benches)
    .map(([name, { description }]) => `${name.padEnd(10)} ${description}`)
    .join('\n');
}

// The command line of `fairlead-conformance`: which commands there are, what they take, and which
// exit code follows.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { describeFaults, type ParsedFault, parseFault } from '@fairlead/cluster-sim';
import { runBenches } from './bench/benches.ts';
import { type CommandOutput, exitCodes } from './command-output.ts';
import { type ExaminedProgram } from './doctor/recognise-program.ts';
import { runSimulate, type SimulateCommand } from './simulate/simulate-command.ts';
import { runVerify, type VerifyCommand } from './verify/verify-command.ts';

/** What the command line is given by the process. */
export interface CommandLineParts {
  /** Where words go. */
  readonly output: CommandOutput;
  /** Aborts when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Version of the program. */
  readonly version: string;
}

/** Runs the command line (without program and script name); settles with the exit code. */
export async function runCommandLine(
  args: readonly string[],
  parts: CommandLineParts,
): Promise<number> {
  let exitCode: number = exitCodes.success;
  const program = createProgram(parts, (code) => (exitCode = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error: unknown) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
    const message = error instanceof Error ? error.message : String(error);
    parts.output.complain(`fairlead-conformance: ${message}\n`);
    return exitCodes.failure;
  }
}

function createProgram(parts: CommandLineParts, exit: (code: number) => void): Command {
  const { output } = parts;
  const program = new Command('fairlead-conformance')
    .description('Proves an installation of Fairlead, or a change to it.')
    .version(parts.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.print(text),
      writeErr: (text) => output.complain(text),
    });
  addSimulate(program, parts, exit);
  addVerify(program, parts, exit);
  addDoctor(program, parts, exit);
  addBench(program, parts, exit);
  return program;
}

function addSimulate(
  program: Command,
  { output, signal }: CommandLineParts,
  exit: (code: number) => void,
): void {
  program
    .command('simulate')
    .description('run simulated Kubernetes clusters until stopped')
    .option('--clusters <n>', 'how many clusters', wholeNumber, 3)
    .option('--objects <n>', 'objects in each cluster', wholeNumber, 200)
    .option('--churn <n>', 'changes per second in each cluster', positiveNumber, 0)
    .option('--port <port>', 'first port (0: any free ones)', wholeNumber, 0)
    .option('--seed <n>', 'same seed, same clusters', wholeNumber, 1)
    .option('--kubeconfig-out <file>', 'write the kubeconfig here instead of printing it')
    .addOption(
      new Option('--layout <layout>', 'a port for each cluster, or one port with a path for each')
        .choices(['ports', 'paths'])
        .default('ports'),
    )
    .option('--pods <n>', 'further pods in each cluster, of about 3.2 KB each', wholeNumber, 0)
    .option('--tls', 'serve TLS; the kubeconfig names the authority', false)
    .option('--no-gzip', 'never compress lists above 128 KiB')
    .option('--control', 'serve the control API at /sim/ of every port, to everybody', false)
    .option('--kubernetes-version <version>', 'what the clusters say they run', 'v1.34.2')
    .option('--fault <name=value>', 'what goes wrong (repeatable)', namedFault, [])
    .addHelpText(
      'after',
      `\nFaults, each with a time if wanted (...@10-30: from second 10 to 30):\n${describeFaults()}`,
    )
    .action(async (given: SimulateCommand & { fault: readonly ParsedFault[] }) => {
      const { fault: faults, ...options } = given;
      exit(await runSimulate({ ...options, faults }, output, signal));
    });
}

function addVerify(
  program: Command,
  { output }: CommandLineParts,
  exit: (code: number) => void,
): void {
  program
    .command('verify')
    .description('compare what a bridge has stored with the cluster, object by object')
    .requiredOption('--kubeconfig <file>', 'kubeconfig of the cluster')
    .option('--context <name>', 'context in it (default: the current one)')
    .requiredOption('--bridge <url>', 'address of the bridge, such as http://127.0.0.1:9080')
    .option('--bridge-token-file <file>', 'file with the bearer token for the bridge')
    .requiredOption('--account <name>', 'the account to verify')
    .option('--kinds <list>', 'compare these kinds instead of the declared ones', commaList)
    .option('--settle-ms <ms>', 'how long a difference may last', wholeNumber, 2000)
    .action(async (options: VerifyCommand) => {
      exit(await runVerify(options, output));
    });
}

function addDoctor(
  program: Command,
  { output, version }: CommandLineParts,
  exit: (code: number) => void,
): void {
  program
    .command('doctor')
    .description('check an installation step by step, from a configuration file')
    .requiredOption('--config <file>', 'file of the agent or the bridge (repeatable)', anotherFile)
    .addOption(
      new Option('--program <name>', 'whose file it is (default: seen from its keys)').choices([
        'agent',
        'bridge',
      ]),
    )
    .option('--json', 'print one JSON document', false)
    .addHelpText('after', '\nExit codes: 0 nothing failed, 1 something did, 2 wrong usage.')
    .action(async (given: DoctorFlags) => {
      // It needs both programs, which nobody else here does.
      const { runDoctor } = await import('./doctor/doctor-command.ts');
      const parts = { output, version, environment: process.env, nowMs: () => Date.now() };
      exit(await runDoctor(given, parts));
    });
}

interface DoctorFlags {
  readonly config: readonly string[];
  readonly program?: ExaminedProgram;
  readonly json: boolean;
}

function addBench(
  program: Command,
  { output }: CommandLineParts,
  exit: (code: number) => void,
): void {
  program
    .command('bench')
    .description('run benchmarks: those named, else all')
    .argument('[names...]')
    .option('--list', 'only name them')
    .option('--runs <n>', 'how often each figure is taken (default: as each needs)', wholeNumber)
    .option('--profile', 'tell where the time goes instead')
    .action(async (names: readonly string[], given: BenchFlags) => {
      const { list, runs, profile } = given;
      const times = runs === undefined ? {} : { runs: Math.max(1, runs) };
      const command = { names, isListOnly: list ?? false, isProfile: profile ?? false, ...times };
      exit(await runBenches(command, output));
    });
}

interface BenchFlags {
  readonly list?: boolean;
  readonly runs?: number;
  readonly profile?: boolean;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a whole number is expected');
  return Number(text);
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError('a number of 0 or more is expected');
  }
  return number;
}

function commaList(text: string): readonly string[] {
  return text.split(',').filter((part) => part !== '');
}

function anotherFile(file: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, file];
}

function namedFault(text: string, earlier: readonly ParsedFault[]): readonly ParsedFault[] {
  const fault = parseFault(text);
  if (typeof fault === 'string') throw new InvalidArgumentError(fault);
  return [...earlier, fault];
}

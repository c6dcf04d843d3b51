// `fairlead-conformance doctor`: reads a configuration, examines what it leads to, and tells.
import { readFile } from 'node:fs/promises';
import { agentConfigDefinition, openAgentWays } from '@fairlead/agent/examination';
import { bridgeConfigDefinition, openBridgeWays } from '@fairlead/clouddriver-bridge/examination';
import {
  loadConfig,
  type ConfigProblem,
  type Environment,
  type LoadedConfig,
} from '@fairlead/service-kit';
import { parse } from 'yaml';
import { type CommandOutput, exitCodes } from '../command-output.ts';
import { examineAgent } from './examine-agent.ts';
import { examineBridge } from './examine-bridge.ts';
import { type Finding, findingsOf, isSound } from './finding.ts';
import { formatFindings, jsonOfFindings } from './format-findings.ts';
import { recogniseProgram, type ExaminedProgram } from './recognise-program.ts';

/** The options of the command. */
export interface DoctorCommand {
  /** Configuration files; later ones win. */
  readonly config: readonly string[];
  /** Whose they are. @defaultValue seen from their keys */
  readonly program?: ExaminedProgram;
  /** Print one JSON document instead of lines. */
  readonly json: boolean;
}

/** What the command takes from the process. */
export interface DoctorParts {
  readonly output: CommandOutput;
  /** Version of this program. */
  readonly version: string;
  /** Overrides of configuration keys, and proxies. */
  readonly environment: Environment;
  readonly nowMs: () => number;
}

/** Runs the command; settles with the exit code. */
export async function runDoctor(command: DoctorCommand, parts: DoctorParts): Promise<number> {
  const program = command.program ?? (await recogniseFiles(command.config));
  if (program === undefined) {
    parts.output.complain(
      'fairlead-conformance: it cannot be seen whose configuration this is; give --program agent or --program bridge\n',
    );
    return exitCodes.usage;
  }
  const findings = await (program === 'agent' ? examineAgentFiles : examineBridgeFiles)(
    command.config,
    parts,
  );
  const text = command.json ? jsonOfFindings(program, findings) : formatFindings(findings);
  parts.output.print(text);
  return isSound(findings) ? exitCodes.success : exitCodes.failure;
}

/** What cannot be read or parsed is told as a problem of the configuration, once it is known whose. */
async function recogniseFiles(files: readonly string[]): Promise<ExaminedProgram | undefined> {
  const programs = await Promise.all(
    files.map(async (file) => {
      try {
        return recogniseProgram(parse(await readFile(file, 'utf8')));
      } catch {
        // The other files may tell; if none does, the person is asked.
        return undefined;
      }
    }),
  );
  const known = new Set(programs.filter((program) => program !== undefined));
  return known.size === 1 ? [...known][0] : undefined;
}

async function examineAgentFiles(
  files: readonly string[],
  { version, environment, nowMs }: DoctorParts,
): Promise<readonly Finding[]> {
  const loaded = await loadConfig(agentConfigDefinition, { files, env: environment });
  const found = judgeConfig(loaded);
  if (loaded.result.kind === 'invalid') return found;
  const { config } = loaded.result;
  const ways = openAgentWays(config, {
    userAgent: `fairlead-conformance/${version}`,
    environment,
  });
  try {
    return [...found, ...(await examineAgent({ config, ways, version, nowMs, environment }))];
  } finally {
    await ways.close();
  }
}

async function examineBridgeFiles(
  files: readonly string[],
  { environment, nowMs }: DoctorParts,
): Promise<readonly Finding[]> {
  const loaded = await loadConfig(bridgeConfigDefinition, { files, env: environment });
  const found = judgeConfig(loaded);
  if (loaded.result.kind === 'invalid') return found;
  const { config } = loaded.result;
  const ways = openBridgeWays(config, { environment });
  try {
    return [...found, ...(await examineBridge({ config, ways, nowMs }))];
  } finally {
    await ways.close();
  }
}

/** The same as `--check` of the program says. */
function judgeConfig({ result, filesRead }: LoadedConfig<unknown>): readonly Finding[] {
  const { ok, warn, fail } = findingsOf('configuration');
  const problems = result.problems.map((problem) => {
    const isError = problem.severity === 'error';
    const what = `${placeIn(problem)}${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`;
    return isError
      ? fail('keys', what, 'mend it; nothing else can be looked at before')
      : warn('keys', what, 'take the key out');
  });
  if (result.kind === 'invalid') return problems;
  return [ok('keys', `valid (${filesRead.join(', ')})`), ...problems];
}

function placeIn({ at }: ConfigProblem): string {
  return at.line === 0 ? `${at.source}: ` : `${at.source}:${at.line}:${at.column}: `;
}

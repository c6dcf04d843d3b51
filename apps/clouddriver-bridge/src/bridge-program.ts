/** What the command line of fairlead-bridge does: reads the configuration, and runs until told to stop. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  checkConfig,
  createLogger,
  formatConfigProblem,
  loadConfig,
  nodeClock,
  nodeRandom,
  parseServiceArguments,
  runService,
} from '@fairlead/service-kit';
import { warnOfMissingTokens } from './access/node-token-files.ts';
import { startBridge } from './bridge-service.ts';
import { bridgeConfigDefinition, openDoors, plainDoors, type BridgeConfig } from './config.ts';

const name = 'fairlead-bridge';

/** Runs the command line; settles with the exit code. */
export async function runBridgeProgram(args: readonly string[]): Promise<number> {
  const request = parseServiceArguments(args, {
    name,
    version: packageVersion(),
    description: "Takes the agents' changes and keeps Clouddriver's SQL cache true.",
    defaultFiles: bridgeConfigDefinition.defaultFiles,
  });
  if (request.kind === 'exit') {
    (request.code === 0 ? process.stdout : process.stderr).write(`${request.text}\n`);
    return request.code;
  }
  const sources = { files: request.configFiles, env: process.env };
  const { result, filesRead } = await loadConfig(bridgeConfigDefinition, sources);
  const check = checkConfig(result, filesRead);
  if (request.kind === 'check' || result.kind === 'invalid') {
    const isWanted = request.kind === 'check';
    (isWanted ? process.stdout : process.stderr).write(`${check.text}\n`);
    return check.code;
  }
  return run(result.config, result.problems.map(formatConfigProblem));
}

async function run(config: BridgeConfig, warnings: readonly string[]): Promise<number> {
  const { level, format, file } = config.logging;
  const log = createLogger({
    name,
    level,
    ...(format === undefined ? {} : { format }),
    ...(file === undefined ? {} : { file }),
  });
  for (const warning of warnings) log.warn(warning);
  for (const open of [openDoors(config), plainDoors(config)]) {
    if (open !== undefined) log.warn(open);
  }
  for (const missing of await warnOfMissingTokens(config.auth)) log.warn(missing);
  const bridgeId = `${hostname()}-${randomUUID().slice(0, 8)}`;
  return runService({
    log,
    clock: nodeClock,
    process,
    start: async (lifecycle) => {
      const version = packageVersion();
      const environment = process.env;
      const deps = { clock: nodeClock, random: nodeRandom, bridgeId, version, environment };
      await startBridge({ config, lifecycle, log, ...deps });
    },
  });
}

function packageVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}

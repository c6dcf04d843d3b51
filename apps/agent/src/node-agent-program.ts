/** What the command line of fairlead-agent does: the parts list. What a part does stands in its own file. */
import { readFileSync } from 'node:fs';
import {
  checkConfig,
  createLogger,
  loadConfig,
  nodeClock,
  parseServiceArguments,
  runService,
} from '@fairlead/service-kit';
import { agentConfigDefinition, defaultConfigFiles } from './config.ts';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  description: string;
};

const program = {
  name: 'fairlead-agent',
  version: manifest.version,
  description: manifest.description,
  defaultFiles: defaultConfigFiles,
};

/** Runs the command line; settles with the exit code. */
export async function runAgentProgram(args: readonly string[]): Promise<number> {
  const request = parseServiceArguments(args, program);
  if (request.kind === 'exit') {
    (request.code === 0 ? process.stdout : process.stderr).write(`${request.text}\n`);
    return request.code;
  }
  const sources = { files: request.configFiles, env: process.env };
  const loaded = await loadConfig(agentConfigDefinition, sources);
  const { result } = loaded;
  const verdict = checkConfig(result, loaded.filesRead);
  if (request.kind === 'check' || result.kind === 'invalid') {
    (verdict.code === 0 ? process.stdout : process.stderr).write(`${verdict.text}\n`);
    return verdict.code;
  }
  const { logging } = result.config;
  const log = createLogger({
    name: program.name,
    level: logging.level,
    fields: logging.fields,
    alsoStdout: logging.multiWrite,
    ...(logging.format === undefined ? {} : { format: logging.format }),
    ...(logging.file === undefined ? {} : { file: logging.file }),
  });
  return runService({
    log,
    clock: nodeClock,
    process,
    start: async (lifecycle) => {
      const { version } = program;
      // Loaded when needed: a check of the configuration needs neither gRPC nor the clusters' client.
      const { startAgentService } = await import('./node-agent-service.ts');
      await startAgentService({ lifecycle, sources, loaded, result, log, version });
    },
  });
}

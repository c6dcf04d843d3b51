/**
 * `npm start`: the main job on one machine. Builds the workspace, then runs a bridge with an embedded
 * database, an agent, and three simulated clusters (or the real ones of `--kubeconfig`), and shows
 * one live line until Ctrl-C.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type ProgramHandle, startProgram } from '@fairlead/testbed';
import { buildWorkspace } from './build-workspace.ts';
import { firstFreePort } from './first-free-port.ts';
import { formatLiveStatus, type LiveStatus, readLiveStatus } from './live-status.ts';
import { accountsOfKubeconfig, agentConfig, bridgeConfig } from './start-config.ts';

const usage = `npm start [-- options]
  --kubeconfig FILE     watch real clusters instead of simulated ones
  --context NAME        only these contexts (repeatable; default: all of the file)
  --clusters N          simulated clusters (default 3)
  --objects M           objects in each (default 500)
  --churn R             changes per second in each (default 5)`;

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    context: { type: 'string', multiple: true, default: [] },
    clusters: { type: 'string', default: '3' },
    objects: { type: 'string', default: '500' },
    churn: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const folder = 'tmp/start';
const programs: ProgramHandle[] = [];
let stopping = false;
process.on('SIGINT', () => void stopAll(0));
process.on('SIGTERM', () => void stopAll(0));

buildWorkspace();
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const httpPort = await firstFreePort(9080);
const grpcPort = await firstFreePort(9091);
const agentPort = await firstFreePort(8082);
const bridgeUrl = `http://127.0.0.1:${httpPort}`;
const kubeconfig = values.kubeconfig ?? (await startClusters());
const accounts = accountsOfKubeconfig(readFileSync(kubeconfig, 'utf8'), values.context);
writeFileSync(
  `${folder}/bridge.yaml`,
  bridgeConfig({
    httpPort,
    grpcPort,
    // Simulated clusters begin anew at each start, so does their database.
    dataFolder: values.kubeconfig === undefined ? `${folder}/data` : 'fairlead-data',
  }),
);
writeFileSync(`${folder}/agent.yaml`, agentConfig({ grpcPort, agentPort, kubeconfig, accounts }));
await start('bridge', 'apps/clouddriver-bridge/dist/main.js', {
  args: ['--config', resolve(folder, 'bridge.yaml')],
  isReady: async () => (await fetch(`${bridgeUrl}/readyz`)).ok,
});
await start('agent', 'apps/agent/dist/main.js', {
  args: ['--config', resolve(folder, 'agent.yaml')],
});

console.log(`
Bridge API    ${bridgeUrl}/api/v1/accounts
Gateway       ${bridgeUrl}/clusters/${accounts[0]?.name ?? '{account}'}
Bridge links  127.0.0.1:${grpcPort} (gRPC)
Agent health  http://127.0.0.1:${agentPort}/health
Try           kubectl --server ${bridgeUrl}/clusters/${accounts[0]?.name ?? '{account}'} get pods -A
Logs          ${programs.map(({ name }) => logFile(name)).join('  ')}
Ctrl-C stops everything.
`);
await showStatus();

/** Starts the simulated clusters; answers with their kubeconfig. */
async function startClusters(): Promise<string> {
  const file = `${folder}/kubeconfig.yaml`;
  const { clusters, objects, churn } = values;
  await start('clusters', 'apps/conformance-harness/dist/main.js', {
    args: [
      ...['simulate', '--clusters', clusters, '--objects', objects, '--churn', churn],
      ...['--kubeconfig-out', resolve(file)],
    ],
    isReady: async () => (await readFile(file, 'utf8')).includes('contexts:'),
  });
  return file;
}

async function start(
  name: string,
  entry: string,
  how: { readonly args: readonly string[]; readonly isReady?: () => Promise<boolean> },
): Promise<void> {
  const args = ['--disable-warning=ExperimentalWarning', resolve(entry), ...how.args];
  const isReady = how.isReady ?? (() => Promise.resolve(true));
  try {
    const command = process.execPath;
    const logPath = resolve(logFile(name));
    programs.push(await startProgram({ name, command, args, isReady, logPath }));
  } catch (error: unknown) {
    if (stopping) return;
    console.error(error instanceof Error ? error.message : error);
    await stopAll(1);
  }
}

function logFile(name: string): string {
  return `${folder}/${name}.log`;
}

async function showStatus(): Promise<void> {
  const everySeconds = process.stdout.isTTY ? 1 : 2;
  let before: LiveStatus | undefined;
  for (;;) {
    await delay(everySeconds * 1_000);
    if (stopping) return;
    const ended = programs.find(({ pid }) => pid === undefined);
    if (ended !== undefined) {
      console.error(`\n${ended.name} has ended; see ${logFile(ended.name)}.`);
      return stopAll(1);
    }
    const now = await readLiveStatus(bridgeUrl);
    if (now === undefined) continue;
    printLine(formatLiveStatus(now, before, everySeconds));
    before = now;
  }
}

function printLine(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${line}`);
  else console.log(line);
}

/** Stops the children, the writer of data first, and leaves. */
async function stopAll(code: number): Promise<never> {
  if (stopping) return new Promise<never>(() => undefined);
  stopping = true;
  console.log('\nStopping ...');
  for (const program of programs.toReversed()) await endInOrder(program);
  process.exit(code);
}

/** Lets a program hand over what it has, then removes what is left of it. */
async function endInOrder(program: ProgramHandle): Promise<void> {
  // A program that does not end when asked is ended below.
  if (program.pid !== undefined) await program.kill('SIGTERM').catch(() => undefined);
  await program.stop();
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

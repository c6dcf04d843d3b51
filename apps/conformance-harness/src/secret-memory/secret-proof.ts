/**
 * The proof on running agents: Secrets with canaries are created, changed and deleted on a real API
 * server, the agents fall idle, and then their whole memory and a heap snapshot are searched.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import { type KubeHandle } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../installation/programs.ts';
import { sumOf } from '../installation/prometheus-text.ts';
import { NeedleSearch, needlesFor } from './needle-search.ts';
import { type MemoryFindings, searchProcessMemory } from './node-process-memory.ts';
import {
  canaries,
  secretManifest,
  secretName,
  secretSorts,
  type SecretSort,
} from './secret-population.ts';

/** One way to run an agent. */
export interface SecretTrial {
  /** The agent's configuration `scrubbing.secrets`. */
  readonly mode: 'metadata' | 'scrub';
  /** Added to its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Has glibc overwrite memory when it is freed; what small blocks are kept aside for reuse would be
 * left out, so none are. https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
 */
export const overwriteFreed: SecretTrial['env'] = {
  GLIBC_TUNABLES: 'glibc.malloc.perturb=90:glibc.malloc.tcache_count=0',
};

/** The trials, by the name of their agent. */
export const secretTrials = {
  metadata: { mode: 'metadata', env: {} },
  scrub: { mode: 'scrub', env: {} },
  'scrub-overwriting': { mode: 'scrub', env: overwriteFreed },
} as const satisfies Readonly<Record<string, SecretTrial>>;

/** Name of a trial. */
export type SecretTrialName = keyof typeof secretTrials;

const trialNames = Object.keys(secretTrials) as readonly SecretTrialName[];

/** What was found in one agent. */
export interface AgentFindings {
  /** In all of its memory. */
  readonly memory: MemoryFindings;
  /** Of each sort in a heap snapshot. */
  readonly inSnapshot: Readonly<Record<SecretSort, number>>;
  /** Values that the agent says it has removed. */
  readonly scrubbedValues: number;
  /** The snapshot is one, and of this agent: it names its account. */
  readonly isSnapshotWhole: boolean;
}

/** How to prove. */
export interface SecretProofOptions {
  readonly kube: KubeHandle;
  /** Secrets in all; half of them are there before the agents are. */
  readonly secrets: number;
  /** Bytes to keep around hits. @defaultValue 0 */
  readonly contextBytes?: number;
}

const namespace = 'default';
const collection = `/api/v1/namespaces/${namespace}/secrets`;
const concurrency = 16;
/** The time after which, as promised, nothing is left: buffers have been zeroed or used again. */
const idleMs = 5_000;
const pollMs = 50;
const timeoutMs = 120_000;

/** Makes every trial at once: their agents watch the same Secrets. */
export async function proveSecrets(
  options: SecretProofOptions,
): Promise<Readonly<Record<SecretTrialName, AgentFindings>>> {
  const { kube, secrets } = options;
  await using stack = new AsyncDisposableStack();
  const client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
  stack.defer(() => client.close());
  const numbers = Array.from({ length: secrets }, (_, index) => index);
  const [early, late] = [numbers.slice(0, secrets / 2), numbers.slice(secrets / 2)];
  const other = await secretsOf(client);
  await each(early, (index) => create(client, index));

  const bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
  stack.defer(() => bridge.program.stop());
  const agents = {} as Record<SecretTrialName, AgentProgram>;
  for (const name of trialNames) {
    agents[name] = await startAgent({ name, bridge, kube });
    stack.defer(() => agents[name].program.stop());
  }
  const running = Object.values(agents);
  await untilDeltas(running, { type: 'initApplied', count: early.length + other });
  await each(late, (index) => create(client, index));
  await untilDeltas(running, { type: 'applied', count: late.length });
  await each(numbers, (index) => change(client, index));
  await untilDeltas(running, { type: 'applied', count: late.length + numbers.length });
  await each(numbers, (index) => remove(client, index));
  await untilDeltas(running, { type: 'deleted', count: numbers.length });
  await untilNothingInFlight(running);
  await pause(idleMs);

  const findings = {} as Record<SecretTrialName, AgentFindings>;
  for (const name of trialNames) findings[name] = await inspect(agents[name], options);
  return findings;
}

function startAgent(of: {
  readonly name: SecretTrialName;
  readonly bridge: BridgeProgram;
  readonly kube: KubeHandle;
}): Promise<AgentProgram> {
  const { name, bridge, kube } = of;
  const { mode, env } = secretTrials[name];
  return startAgentProgram({
    grpcAddress: bridge.grpcAddress,
    accounts: [{ name, kubeconfigFile: kube.kubeconfigPath, kinds: ['secret', 'configMap'] }],
    config: { agent: { id: name }, scrubbing: { secrets: mode } },
    env,
    nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
  });
}

async function inspect(
  agent: AgentProgram,
  { contextBytes }: SecretProofOptions,
): Promise<AgentFindings> {
  const needles = secretSorts.flatMap((sort) => needlesFor(sort, canaries[sort]));
  // Before the snapshot: writing that uses memory again.
  const memory = await searchProcessMemory(agent.program.pid ?? 0, {
    needles,
    ...(contextBytes === undefined ? {} : { contextBytes }),
  });
  const scrubbedValues = sumOf(await agent.metrics(), 'fairlead_agent_scrubbed_values_total');
  const snapshot = await takeSnapshot(agent);
  const hits = new NeedleSearch(needles).push(snapshot);
  const count = (sort: SecretSort): number => hits.filter(({ needle }) => needle === sort).length;
  return {
    memory,
    inSnapshot: { plain: count('plain'), applied: count('applied') },
    scrubbedValues,
    isSnapshotWhole: snapshot.includes(agent.program.directory),
  };
}

async function takeSnapshot(agent: AgentProgram): Promise<Buffer> {
  const { directory } = agent.program;
  await agent.program.kill('SIGUSR2');
  let snapshot = Buffer.alloc(0);
  await until('a heap snapshot', async () => {
    const [name] = (await readdir(directory)).filter((file) => file.endsWith('.heapsnapshot'));
    if (name === undefined) return false;
    snapshot = await readFile(join(directory, name));
    // Node writes it in pieces, the closing brace last.
    return snapshot.subarray(-8).toString().trimEnd().endsWith('}');
  });
  return snapshot;
}

/** How many Secrets there are already: an API server has some of its own. */
async function secretsOf(client: ClusterClient): Promise<number> {
  const response = await client.request({ path: '/api/v1/secrets' });
  return (JSON.parse(await response.text()) as { readonly items: readonly unknown[] }).items.length;
}

function create(client: ClusterClient, index: number): Promise<void> {
  const body = JSON.stringify(secretManifest(index, 'created'));
  return send(client, { method: 'POST', path: collection, body });
}

function change(client: ClusterClient, index: number): Promise<void> {
  const body = JSON.stringify(secretManifest(index, 'changed'));
  return send(client, { method: 'PUT', path: `${collection}/${secretName(index)}`, body });
}

function remove(client: ClusterClient, index: number): Promise<void> {
  return send(client, { method: 'DELETE', path: `${collection}/${secretName(index)}` });
}

async function send(
  client: ClusterClient,
  request: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await client.request({ ...request, headers });
  const text = await response.text();
  if (response.status >= 300) {
    throw new Error(`${request.method} ${request.path}: ${String(response.status)} ${text}`);
  }
}

async function each(numbers: readonly number[], work: (index: number) => Promise<void>) {
  const queue = numbers.values();
  const worker = async (): Promise<void> => {
    for (const index of queue) await work(index);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Every agent has read so many deltas of Secrets. */
function untilDeltas(
  agents: readonly AgentProgram[],
  { type, count }: { readonly type: string; readonly count: number },
): Promise<void> {
  const labels = { kind: 'Secret', type };
  return until(`${String(count)} Secrets ${type}`, async () => {
    const samples = await Promise.all(agents.map((agent) => agent.metrics()));
    return samples.every((each) => sumOf(each, 'fairlead_agent_deltas_total', labels) >= count);
  });
}

function untilNothingInFlight(agents: readonly AgentProgram[]): Promise<void> {
  return until('everything is acknowledged', async () => {
    const samples = await Promise.all(agents.map((agent) => agent.metrics()));
    return samples.every((each) => sumOf(each, 'fairlead_agent_in_flight_bytes') === 0);
  });
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await ask())) {
    if (performance.now() > deadline)
      throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await pause(pollMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

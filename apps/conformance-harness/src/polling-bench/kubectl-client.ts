/** Runs one cycle of kubectl, command after command as one caching agent does, and measures it. */
import { spawn } from 'node:child_process';
import { readEndedChildrenCpuSeconds } from '../bench/process-tree-usage.ts';
import { type PollingCommand } from './polling-commands.ts';

/** What one cycle took. */
export interface PollingCycle {
  /** From its start to the end of its last command. */
  readonly seconds: number;
  /** User and system time of all its kubectls, their starts included. */
  readonly cpuSeconds: number;
  /** Of each namespace's command, from its start to its end. */
  readonly namespaceSeconds: readonly number[];
  /** What they printed: JSON that somebody has yet to parse. */
  readonly printedBytes: number;
}

/** Where kubectl is and where it keeps what it has discovered. */
export interface KubectlPlace {
  readonly kubectl: string;
  /** Its home: discovery is cached there for hours, as on Clouddriver's machine. */
  readonly home: string;
}

/**
 * Runs the commands of a cycle. No other child of this process may end meanwhile.
 *
 * @throws Error when a command fails
 */
export async function runPollingCycle(
  commands: readonly PollingCommand[],
  place: KubectlPlace,
): Promise<PollingCycle> {
  const cpuBefore = await readEndedChildrenCpuSeconds();
  const startedAt = performance.now();
  const namespaceSeconds: number[] = [];
  let printedBytes = 0;
  for (const { namespace, args } of commands) {
    const commandStartedAt = performance.now();
    printedBytes += await runKubectl(args, place);
    if (namespace !== '') namespaceSeconds.push((performance.now() - commandStartedAt) / 1_000);
  }
  return {
    seconds: (performance.now() - startedAt) / 1_000,
    cpuSeconds: (await readEndedChildrenCpuSeconds()) - cpuBefore,
    namespaceSeconds,
    printedBytes,
  };
}

/** Resolves with how many bytes it printed; they are read through a pipe and thrown away. */
function runKubectl(args: readonly string[], { kubectl, home }: KubectlPlace): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, args, {
      env: { ...process.env, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let bytes = 0;
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && bytes > 0) resolve(bytes);
      else reject(new Error(`kubectl ended with ${String(code)}: ${complaint.slice(0, 500)}`));
    });
  });
}

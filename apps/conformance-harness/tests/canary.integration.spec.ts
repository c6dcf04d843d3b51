// A canary in Secrets of a real cluster, in `data`, in `stringData`, and in the copy that kubectl
// apply leaves: no byte of it on the link, in a log, in a row, or in a heap snapshot of the agent.
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterClientFromKubeconfig } from '@fairlead/cluster-client';
import { findKubectl, isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { populate } from '../src/population/cluster-population.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { startTcpTap, type TcpTap } from './tcp-tap.ts';

const canary = 'CanaryOfTheSecretsQZX';
/** Base64 of whole triplets, as it stands at the start of every encoded value. */
const encodedCanary = Buffer.from(canary).toString('base64').slice(0, 28);
const needles = [canary, encodedCanary];
const population = { objects: 1_500, namespaces: 3, canary };

(isUnavailable('kube') ? describe.skip : describe)('a canary in Secrets', () => {
  let kube: KubeHandle;
  let tap: TcpTap;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  let statesInTheMiddle: string;

  beforeAll(async () => {
    kube = await startKube();
    const client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
    client.close();
    await kubectlApply('before-the-list');
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    tap = await startTcpTap(bridge.grpcAddress, { holdAfterBytes: 100_000 });
    agent = await startAgentProgram({
      grpcAddress: tap.address,
      accounts: [
        {
          name: 'real',
          kubeconfigFile: kube.kubeconfigPath,
          kinds: ['secret', 'configMap', 'pod'],
        },
      ],
      // Uncompressed, so that the tap sees what is sent.
      config: {
        clouddriver: { grpc: tap.address, insecure: true, compression: 'none' },
        budget: { inFlightBytesPerAccount: '256KiB' },
      },
      nodeArgs: ['--heapsnapshot-signal=SIGUSR2'],
    });
    // In the middle of the initial list: the link is held up, so the feeds have stopped reading.
    await eventually(() => Promise.resolve(tap.isHolding), { what: 'the list is held up' });
    statesInTheMiddle = await (await fetch(`${agent.url}/watches`)).text();
    await agent.program.kill('SIGUSR2');
    await eventually(async () => (await heapSnapshots()).length === 1, { what: 'a heap snapshot' });
    tap.release();
    await untilAccount(bridge.url, 'real');
    await kubectlApply('while-watching');
    await eventually(
      async () => (await storedSecret('while-watching')).includes('while-watching'),
      {
        what: 'the Secret applied while watching is stored',
      },
    );
    await agent.program.kill('SIGUSR2');
    await eventually(async () => (await heapSnapshots()).length >= 2, {
      what: 'two heap snapshots',
    });
  }, 900_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await tap[Symbol.asyncDispose]();
    await kube.stop();
  }, 60_000);

  async function kubectlApply(name: string): Promise<void> {
    const kubectl = await findKubectl();
    const manifest = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'team-0' },
      data: { password: Buffer.from(`${canary}-${name}`).toString('base64') },
      stringData: { token: `${canary}-string-${name}` },
    };
    execFileSync(kubectl, ['--kubeconfig', kube.kubeconfigPath, 'apply', '-f', '-'], {
      input: JSON.stringify(manifest),
    });
  }

  async function storedSecret(name: string): Promise<string> {
    const response = await fetch(`${bridge.url}/api/v1/objects/real/secret/team-0/${name}`);
    return response.ok ? response.text() : '';
  }

  /** Snapshots that Node has finished writing. */
  async function heapSnapshots(): Promise<readonly string[]> {
    const names = await readdir(agent.program.directory);
    const files = names.filter((name) => name.endsWith('.heapsnapshot'));
    const texts = await Promise.all(
      files.map((file) => readFile(join(agent.program.directory, file), 'utf8')),
    );
    return texts.filter((text) => text.trimEnd().endsWith('}'));
  }

  const occurrences = (haystack: Buffer | string) =>
    needles.filter((needle) => haystack.includes(needle));

  it('is on no byte of the link, where the Secrets themselves are', () => {
    const bytes = tap.upstreamBytes();

    expect(bytes.includes('before-the-list')).toBe(true);
    expect(bytes.includes('while-watching')).toBe(true);
    expect(occurrences(bytes)).toEqual([]);
  });

  it('is in no log', async () => {
    expect(occurrences(await agent.program.readLog())).toEqual([]);
    expect(occurrences(await bridge.program.readLog())).toEqual([]);
  });

  it('is in no row of the database', async () => {
    const folder = join(bridge.program.directory, 'data');
    const files = await readdir(folder);
    const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));

    expect(contents.some((content) => content.includes('before-the-list'))).toBe(true);
    expect(contents.flatMap(occurrences)).toEqual([]);
  });

  it('is in no heap snapshot of the agent, taken during the list and during watch', async () => {
    const snapshots = await heapSnapshots();

    expect(statesInTheMiddle).toContain('listing');
    expect(snapshots.length).toBe(2);
    expect(snapshots.every((snapshot) => snapshot.includes(kube.kubeconfigPath))).toBe(true);
    expect(snapshots.flatMap(occurrences)).toEqual([]);
  });
});

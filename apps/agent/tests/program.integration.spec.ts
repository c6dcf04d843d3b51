/** The program itself: arguments, exit codes, a whole life from start to SIGTERM. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet, type Fleet } from '@fairlead/cluster-sim';
import { FakeBridge } from './fake-bridge.ts';

/** Sources run as they are: the condition leads to them, Node strips the types. */
const nodeArguments = ['--conditions=@fairlead/source', join(__dirname, '../src/main.ts')];

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-program-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...nodeArguments, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe('fairlead-agent', () => {
  it('tells its version and how it is used', async () => {
    const [version, help] = await Promise.all([run('--version'), run('--help')]);

    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('/opt/armory/config/armory-agent.yaml'),
    });
  }, 30_000);

  it('exits with 2 on wrong usage and on a wrong configuration, with every problem', async () => {
    const file = await write('wrong.yaml', 'clouddriver: { grcp: x }\nserver: { port: a }\n');

    const [usage, start, check] = await Promise.all([
      run('--nonsense'),
      run('--config', file),
      run('--config', file, '--check'),
    ]);

    expect([usage.code, start.code, check.code]).toEqual([2, 2, 2]);
    for (const { stderr } of [start, check]) {
      expect(stderr).toContain(
        `${file}:1:16: error: clouddriver.grcp: unknown key; did you mean "grpc"?`,
      );
      expect(stderr).toContain(`${file}:2:11: error: server.port: must be a number`);
    }
  }, 30_000);

  it('passes a check with warnings', async () => {
    const file = await write('fine.yaml', 'pprof: { enabled: true }\n');

    const { code, stdout } = await run('--config', file, '--check');

    expect(code).toBe(0);
    expect(stdout).toContain('1 warning');
  }, 30_000);

  describe('while it runs', () => {
    let fleet: Fleet;
    let child: ChildProcess | undefined;
    const bridge = new FakeBridge();

    afterEach(async () => {
      child?.kill('SIGKILL');
      bridge.stop();
      await fleet.stop();
    });

    it('feeds its cluster, writes JSON lines, and stops in order with 0', async () => {
      fleet = await startFleet({ objectsPerCluster: 30 });
      await bridge.start();
      const kubeconfigFile = await write('kubeconfig', fleet.kubeconfig());
      const config = {
        clouddriver: { grpc: bridge.address, insecure: true },
        kubernetes: { accounts: [{ name: 'sim-1', kubeconfigFile }] },
        server: { port: await freePort() },
        prometheus: { enabled: false },
      };
      const file = await write('agent.json', JSON.stringify(config));
      child = spawn(process.execPath, [...nodeArguments, '--config', file]);
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));

      await bridge.until(() => bridge.objects('sim-1', 'pods').length > 0);
      const metrics = await fetch(`http://127.0.0.1:${config.server.port}/metrics`);
      const youngBytes =
        /^nodejs_heap_space_size_total_bytes\{(?:.*,)?space="new".*\} (\S+)$/m.exec(
          await metrics.text(),
        )?.[1];
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number];

      expect(code).toBe(0);
      // V8's own bound is 32 MiB and more; loading the program alone would take it there.
      expect(Number(youngBytes)).toBeLessThanOrEqual(8 * 1024 * 1024);
      expect(bridge.link.messages.at(-1)?.$case).toBe('goodbye');
      const lines = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { name: string });
      expect(lines.every(({ name }) => name === 'fairlead-agent')).toBe(true);
    }, 30_000);
  });
});

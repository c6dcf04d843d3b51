/** A cluster with its stand-in node: what kubectl needs of one, really done. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findOwnKubectl, isUnavailable, startCluster, type ClusterHandle } from '../src/index.ts';
import { waitUntil } from '../src/wait-until.ts';

const buildTimeoutMs = 30 * 60_000;
const timeoutMs = 60_000;

const talker = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'talker' },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'app',
        image: 'example/talker:1',
        command: ['sh', '-c', 'echo one; echo two; exec sleep 1000'],
        ports: [{ containerPort: 80 }],
      },
    ],
  },
};

(isUnavailable('cluster') ? describe.skip : describe)(startCluster, () => {
  let cluster: ClusterHandle;
  let kubectl: string;
  beforeAll(async () => {
    cluster = await startCluster();
    kubectl = await findOwnKubectl();
    const body = talker;
    await cluster.kube.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body });
    await run('wait', '--for=condition=Ready', 'pod/talker', '--timeout=30s');
  }, buildTimeoutMs);
  afterAll(() => cluster.stop());

  const run = async (...args: readonly string[]) => {
    const env = { ...process.env, KUBECONFIG: cluster.kube.kubeconfigPath };
    return (await promisify(execFile)(kubectl, args, { env, timeout: timeoutMs })).stdout;
  };

  it('runs the commands of pods, and shows what they write', async () => {
    await expect(run('logs', 'talker', '--tail=1')).resolves.toBe('two\n');
  });

  it('runs commands beside them, with their exit codes', async () => {
    const failing = run('exec', 'talker', '--', 'sh', '-c', 'echo said; exit 3');

    await expect(failing).rejects.toMatchObject({ code: 3, stdout: 'said\n' });
  });

  it(
    'rolls out deployments, and removes what belonged to them',
    async () => {
      await run('create', 'deployment', 'web', '--image=example/web:1', '--replicas=2');

      const rolledOut = await run('rollout', 'status', 'deployment/web', '--timeout=30s');
      await run('delete', 'deployment', 'web', '--cascade=foreground', '--timeout=30s');

      expect(rolledOut).toContain('successfully rolled out');
      await expect(run('get', 'pods', '-l', 'app=web', '-o', 'name')).resolves.toBe('');
    },
    timeoutMs,
  );

  it(
    'empties namespaces that are deleted',
    async () => {
      await run('create', 'namespace', 'passing');

      await expect(run('delete', 'namespace', 'passing', '--timeout=30s')).resolves.toContain(
        'deleted',
      );
    },
    timeoutMs,
  );

  it('serves the metrics API', async () => {
    await expect(run('top', 'pods', '--no-headers')).resolves.toMatch(/^talker\s+\d+m\s+\d+Mi/);
  });

  it('lets nobody run commands who has no certificate of the cluster', async () => {
    const node = await cluster.kube.request({ path: '/api/v1/nodes/node-1' });
    const { status } = node.body as {
      status: { daemonEndpoints: { kubeletEndpoint: { Port: number } } };
    };
    const { Port: port } = status.daemonEndpoints.kubeletEndpoint;

    const asked = fetch(`https://127.0.0.1:${String(port)}/exec/default/talker/app?command=id`);

    await expect(asked).rejects.toThrow();
  });

  it('ends the processes of pods with the node', async () => {
    const { node } = cluster;
    const marker = 'sleep 1234.5';
    await run('run', 'sleeper', '--image=example/any:1', '--command', '--', ...marker.split(' '));
    await run('wait', '--for=condition=Ready', 'pod/sleeper', '--timeout=30s');
    const isRunning = async () =>
      (await promisify(execFile)('ps', ['-eo', 'args'])).stdout.split('\n').includes(marker);
    const wasRunning = await isRunning();

    await node.kill('SIGTERM');

    expect(wasRunning).toBe(true);
    await expect(waitUntil(async () => !(await isRunning()), { timeoutMs: 5_000 })).resolves.toBe(
      true,
    );
  });
});

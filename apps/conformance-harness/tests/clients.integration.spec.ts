// Clients other than kubectl, unchanged, through the gateway: a program on client-go, one on
// `@kubernetes/client-node`, and Helm. Each works in two namespaces of one cluster, directly and
// through the gateway, and must have seen the same.
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  type ClusterHandle,
  findClusterBinaries,
  findHelm,
  isUnavailable,
  startCluster,
} from '@fairlead/testbed';
import { helmScript } from './helm-script.ts';
import { runStep, type Way } from './kubectl-run.ts';
import { type Comparison, differencesOf, surprisesOf } from './kubectl-table.ts';
import { type Gateway, prepareWay, startGateway } from './kubectl-ways.ts';
import { runNodeClient } from './node-client-session.ts';

const startMs = 900_000;
const timeoutMs = 180_000;

(isUnavailable('cluster') ? describe.skip : describe)('other clients through the gateway', () => {
  const stack = new AsyncDisposableStack();
  let cluster: ClusterHandle;
  let gateway: Gateway;
  let ways: readonly [Way, Way];

  beforeAll(async () => {
    cluster = stack.use(await startCluster());
    gateway = stack.use(
      await startGateway({
        kube: cluster.kube,
        door: 'certificate',
        // Helm keeps its releases in Secrets, and must read them.
        account: { operations: { secrets: 'pass' } },
      }),
    );
    const options = [{ cluster }, { cluster, gateway }];
    const [direct, through] = await Promise.all(
      options.map(async (way, index) => {
        const namespace = index === 0 ? 'by-itself' : 'by-bridge';
        const prepared = stack.use(await prepareWay(namespace, { ...way, namespace }));
        await prepareNamespace(prepared);
        return prepared;
      }),
    );
    ways = [direct!, through!];
  }, startMs);

  afterAll(() => stack.disposeAsync(), 60_000);

  it(
    'lets client-go see and do the same: informers, watches, commands, logs, ports',
    async () => {
      const { client } = await findClusterBinaries();
      const [direct, through] = await Promise.all(ways.map((way) => runClientGo(client, way)));

      expect(through).toEqual(direct);
      expect(through).toMatchObject(expectedOfClientGo);
    },
    timeoutMs,
  );

  it(
    'lets @kubernetes/client-node see and do the same',
    async () => {
      const [direct, through] = await Promise.all(
        ways.map((way) =>
          runNodeClient({ kubeconfig: kubeconfigOf(way), namespace: way.namespace! }),
        ),
      );

      expect(through).toEqual(direct);
      expect(through).toMatchObject({
        informer: { update: ['node-1'], delete: ['node-2'], errors: [] },
        exec: { isSame: true, errors: 'err\n' },
        log: 'line 1\nline 2\nline 3\n',
        portForward: { status: 'HTTP/1.1 200 OK' },
      });
    },
    timeoutMs,
  );

  (isUnavailable('helm') ? it.skip : it)(
    'lets Helm install, upgrade, roll back and uninstall',
    async () => {
      const helm = dirname(await findHelm());
      const chart = fileURLToPath(new URL('./helm-chart', import.meta.url));
      for (const { folder } of ways)
        await cp(chart, join(folder, 'helm-chart'), { recursive: true });
      const withHelm = (way: Way) => ({ ...way, programFolders: [helm, ...way.programFolders] });
      const [direct, through] = [withHelm(ways[0]), withHelm(ways[1])];
      const comparisons: Comparison[] = [];
      for (const step of helmScript) {
        const [first, second] = await Promise.all([runStep(step, direct), runStep(step, through)]);
        const outcomes = [
          { way: direct, outcome: first },
          { way: through, outcome: second },
        ] as const;
        comparisons.push({ step, outcomes });
      }

      expect(comparisons.flatMap(surprisesOf).join('\n\n')).toBe('');
      expect(comparisons.flatMap(differencesOf).join('\n\n')).toBe('');
    },
    timeoutMs,
  );
});

/** With the pod that all of them talk to. */
async function prepareNamespace(way: Way): Promise<void> {
  const commands = [
    `kubectl create namespace ${way.namespace!}`,
    'kubectl apply -f echo.yaml',
    'kubectl wait --for=condition=Ready pod/echo --timeout=60s',
  ];
  for (const command of commands) {
    const { code, stderr } = await runStep({ command }, way);
    if (code !== 0) throw new Error(`${command}: ${stderr}`);
  }
}

function kubeconfigOf({ folder }: Way): string {
  return join(folder, 'kubeconfig');
}

/** What the program has seen, without the name of its namespace. */
async function runClientGo(program: string, way: Way): Promise<unknown> {
  const args = ['--kubeconfig', kubeconfigOf(way), '--namespace', way.namespace!];
  const { stdout } = await promisify(execFile)(program, args);
  return JSON.parse(stdout.replaceAll(way.namespace!, 'NAMESPACE'));
}

const echoed = { end: '<nil>', echoes: ['same: true', 'same: true', 'same: true'], errors: '' };
const executed = {
  isSame: true,
  ...{ out: 'out\n', errOut: 'err\n', error: 'command terminated with exit code 7' },
};
const expectedOfClientGo = {
  informers: { Added: 20, Updated: 8, Deleted: 5 },
  dynamicInformer: { Added: 20, Updated: 8, Deleted: 5 },
  watch: ['ADDED watched-00', 'ADDED watched-01', 'ADDED watched-02', 'DELETED watched-01'],
  election: ['leads', 'stopped'],
  ...{ execWebSocket: executed, execSPDY: executed },
  logs: ['line 1', 'line 2', 'line 3'],
  ...{ portForwardWebSocket: echoed, portForwardSPDY: echoed },
};

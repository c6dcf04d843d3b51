// A client's token is taken back: what it has open through the gateway ends within a minute, watches,
// followed logs and switched connections alike. What others have open goes on.
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterHandle, isUnavailable, startCluster } from '@fairlead/testbed';
import { startAgentProgram, startBridgeProgram } from '../src/installation/programs.ts';
import { eventually } from './eventually.ts';
import { runStep } from './kubectl-run.ts';
import { prepareWay } from './kubectl-ways.ts';
import { type LongRequest, longRequests, startLongRequest } from './passing-clients.ts';

/** What is promised. */
const cutWithinMs = 60_000;
const [revoked, other] = ['a-token-that-is-taken-back', 'the-token-of-somebody-else'] as const;

(isUnavailable('cluster') ? describe.skip : describe)('a client whose token is taken back', () => {
  const stack = new AsyncDisposableStack();
  let cluster: ClusterHandle;
  let tokenFile: string;
  let url: string;

  beforeAll(async () => {
    cluster = stack.use(await startCluster());
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-revoked-'));
    stack.defer(() => rm(folder, { recursive: true }));
    tokenFile = join(folder, 'token');
    await writeFile(tokenFile, revoked);
    const clients = [
      { tokenFile, name: 'leaving', access: 'write' },
      { token: other, name: 'staying', access: 'write' },
    ];
    const config = { auth: { clients } };
    const bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data', config });
    stack.defer(() => bridge.program.stop());
    const agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ name: 'real', kubeconfigFile: cluster.kube.kubeconfigPath, kinds: ['pod'] }],
    });
    stack.defer(() => agent.program.stop());
    url = `${bridge.url}/clusters/real`;
    const way = stack.use(await prepareWay('revoked', { cluster }));
    for (const command of [
      'kubectl apply -f echo.yaml -f configmap.yaml',
      'kubectl wait --for=condition=Ready pod/echo --timeout=60s',
    ]) {
      const { code, stderr } = await runStep({ command }, way);
      if (code !== 0) throw new Error(stderr);
    }
    await eventually(() => answers(other), { what: 'the gateway answers' });
  }, 900_000);

  afterAll(() => stack.disposeAsync(), 60_000);

  async function answers(token: string): Promise<boolean> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/api/v1/namespaces/default`, { headers })).ok;
  }

  it('is cut off in the middle, and nobody else is', async () => {
    const kinds = Object.keys(longRequests) as LongRequest[];
    const open = (token: string) =>
      Promise.all(kinds.map((kind) => startLongRequest(url, kind, { token })));
    const [leaving, staying] = await Promise.all([open(revoked), open(other)]);
    const gone = new Set<LongRequest>();
    for (const [at, { ended }] of staying.entries()) void ended.then(() => gone.add(kinds[at]!));

    await writeFile(tokenFile, 'another-token');
    const startedAt = performance.now();
    await Promise.all(leaving.map(({ ended }) => ended));
    const tookMs = performance.now() - startedAt;

    expect(tookMs).toBeLessThan(cutWithinMs);
    expect([...gone]).toEqual([]);
    expect([await answers(revoked), await answers(other)]).toEqual([false, true]);
    for (const client of staying) client.leave();
  }, 120_000);
});

// Agents that show the token of a Kubernetes service account: a real API server says whether it is
// good, and that it is not any more when the account is deleted. The link is cut in mid-stream.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { agentCondition } from './agent-questions.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const audience = 'fairlead';
/** What is promised, with a little for the bridge's answer to be seen. */
const cutWithinMs = 60_000;

(isUnavailable('kube') ? describe.skip : describe)('an agent with a service account', () => {
  let kube: KubeHandle;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  let folder: string;
  let tokenFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairlead-agent-identity-'));
    tokenFile = join(folder, 'token');
    kube = await startKube();
    await writeFile(tokenFile, await kube.serviceAccountToken({ name: 'agent', audience }));
    await letEverybodyReadKeys();
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, kube.caPem);
    const subject = 'system:serviceaccount:default:agent';
    const issuer = 'https://kubernetes.default.svc.cluster.local';
    const keys = { jwksUrl: `${kube.url}/openid/v1/jwks`, jwksCaFile: caFile, issuer };
    const reviewed = { subject, audience, kubeconfigFile: kube.kubeconfigPath };
    const signed = { subject: 'system:serviceaccount:default:offline', audience, ...keys };
    bridge = await startBridgeProgram({
      sqlUrl: 'embedded:./data',
      config: {
        auth: {
          agents: [
            { serviceAccount: reviewed, accounts: ['home'] },
            { serviceAccount: signed, accounts: ['home'] },
          ],
        },
      },
    });
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ name: 'home', kubeconfigFile: kube.kubeconfigPath, kinds: ['namespace'] }],
      config: {
        clouddriver: { grpc: bridge.grpcAddress, insecure: true, auth: { tokenFile } },
      },
    });
  }, 900_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await kube.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** As Kubernetes describes it for relying parties without credentials of the cluster. */
  async function letEverybodyReadKeys(): Promise<void> {
    const name = 'keys-for-everybody';
    const role = 'system:service-account-issuer-discovery';
    const apiGroup = 'rbac.authorization.k8s.io';
    const { status } = await kube.request({
      method: 'POST',
      path: `/apis/${apiGroup}/v1/clusterrolebindings`,
      body: {
        metadata: { name },
        roleRef: { apiGroup, kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup, kind: 'Group', name: 'system:unauthenticated' }],
      },
    });
    expect(status).toBe(201);
  }

  const isUp = async () => (await agentCondition(agent, 'link'))?.healthy;

  it('gets in by the word of the API server, and is named in the log', async () => {
    expect(await untilAccount(bridge.url, 'home')).toMatchObject({ state: 'synced' });

    const log = await bridge.program.readLog();
    expect(log).toContain('auth.agents[0]: system:serviceaccount:default:agent');
  }, 60_000);

  it(
    'is cut within a minute after its service account was deleted, and does not come back',
    async () => {
      const path = '/api/v1/namespaces/default/serviceaccounts/agent';
      expect((await kube.request({ method: 'DELETE', path })).status).toBe(200);

      await eventually(async () => (await isUp()) === false, {
        what: 'the link is cut',
        timeoutMs: cutWithinMs,
      });
      await eventually(
        async () =>
          (await bridge.program.readLog()).includes('the cluster does not know the token'),
        { what: 'the bridge says why', timeoutMs: 10_000 },
      );

      expect(await isUp()).toBe(false);
    },
    2 * cutWithinMs,
  );

  it('gets in by the cluster’s keys, too, as soon as its file has such a token', async () => {
    await writeFile(tokenFile, await kube.serviceAccountToken({ name: 'offline', audience }));

    await eventually(async () => (await isUp()) === true, {
      what: 'the link is up again',
      timeoutMs: 90_000,
    });

    expect(await bridge.program.readLog()).toContain('auth.agents[1]: system:serviceaccount');
  }, 120_000);

  it('leaves no token in a log, in the metrics or in what a program is called', async () => {
    const token = await kube.serviceAccountToken({ name: 'offline', audience });
    const [head = ''] = token.split('.');
    const said = [
      await bridge.program.readLog(),
      await agent.program.readLog(),
      await (await fetch(`${bridge.url}/metrics`)).text(),
      await (await fetch(`${agent.url}/metrics`)).text(),
      await readFile(`/proc/${String(bridge.program.pid)}/cmdline`, 'utf8'),
      await readFile(`/proc/${String(agent.program.pid)}/cmdline`, 'utf8'),
    ].join('\n');

    expect(said).not.toContain(`${head}.`);
  });
});

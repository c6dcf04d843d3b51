// A proxy in front of the bridge has the TLS: the agent's link and its tunnels go through it as
// HTTP/2, requests to the gateway as HTTP/1.1. The configuration is the one in docs/proxies.md.
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import {
  findProxy,
  freePort,
  isUnavailable,
  type ProgramHandle,
  startProgram,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { agentCondition } from './agent-questions.ts';
import { eventually } from './eventually.ts';

const root = join(__dirname, '../../..');
const certs = join(root, 'apps/clouddriver-bridge/tests/certs');
const [agentToken, clientToken] = ['agent-token', 'client-token'];

(isUnavailable('proxy') ? describe.skip : describe)('a proxy that ends TLS', () => {
  let fleet: Fleet;
  let bridge: BridgeProgram;
  let proxy: ProgramHandle;
  let agent: AgentProgram;
  let httpsPort: number;

  beforeAll(async () => {
    const caddy = await findProxy();
    fleet = await startFleet({ objectsPerCluster: 60 });
    bridge = await startBridgeProgram({
      sqlUrl: 'embedded:./data',
      config: {
        auth: {
          agents: [{ token: agentToken, accounts: ['*'] }],
          clients: [{ token: clientToken, name: 'client', access: 'write' }],
        },
      },
    });
    const grpcPort = await freePort();
    httpsPort = await freePort();
    proxy = await startProgram({
      name: 'caddy',
      command: caddy,
      args: (folder) => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')],
      files: { Caddyfile: await caddyfile(grpcPort) },
      isReady: async () => (await get('/healthz', '')).status === 200,
    });
    const kubeconfigFile = join(proxy.directory, 'kubeconfig.yaml');
    await writeFile(kubeconfigFile, fleet.kubeconfig());
    agent = await startAgentProgram({
      grpcAddress: `127.0.0.1:${String(grpcPort)}`,
      accounts: [{ name: 'behind', kubeconfigFile, kinds: ['pod', 'configMap', 'namespace'] }],
      config: {
        clouddriver: {
          grpc: `127.0.0.1:${String(grpcPort)}`,
          auth: { token: agentToken },
          tls: { serverName: 'bridge.test', cacertFile: join(certs, 'ca.crt') },
        },
      },
    });
  }, 900_000);

  afterAll(async () => {
    await agent.program.stop();
    await proxy.stop();
    await bridge.program.stop();
    await fleet.stop();
  }, 60_000);

  /** The documented configuration with this test's names and ports. */
  async function caddyfile(grpcPort: number): Promise<string> {
    const text = await readFile(join(root, 'docs/proxies.md'), 'utf8');
    const [, documented = ''] = /```caddyfile\n([^`]*)```/.exec(text) ?? [];
    const replacements = {
      'https://bridge.example:9091': `https://bridge.test:${String(grpcPort)}`,
      'https://bridge.example': `https://bridge.test:${String(httpsPort)}`,
      '/tls/tls.crt': join(certs, 'server.crt'),
      '/tls/tls.key': join(certs, 'server.key'),
      '127.0.0.1:19091': bridge.grpcAddress,
      '127.0.0.1:19080': new URL(bridge.url).host,
    };
    return Object.entries(replacements).reduce((done, [from, to]) => {
      if (!done.includes(from)) throw new Error(`docs/proxies.md does not name ${from}`);
      return done.replaceAll(from, to);
    }, documented);
  }

  async function get(path: string, token: string): Promise<{ status: number; text: string }> {
    const ca = await readFile(join(certs, 'ca.crt'));
    const where = { host: '127.0.0.1', port: httpsPort, servername: 'bridge.test', agent: false };
    const headers = { host: 'bridge.test', authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      request({ ...where, ca, path, headers } as const, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, text });
        });
      })
        .on('error', reject)
        .end();
    });
  }

  it('lets the agent through, which feeds its account', async () => {
    const token = { headers: { authorization: `Bearer ${clientToken}` } };
    const account = await eventually(
      async () => {
        const response = await fetch(`${bridge.url}/api/v1/accounts/behind`, token);
        const shown = (await response.json()) as { state: string; objects: number };
        return shown.state === 'synced' && shown;
      },
      { what: 'the account is synced', timeoutMs: 60_000 },
    );

    expect(account.objects).toBeGreaterThan(10);
  }, 90_000);

  it('lets requests to the cluster through, both ways', async () => {
    const answer = await get('/clusters/behind/api/v1/namespaces', clientToken);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ kind: 'NamespaceList' });
    expect((await get('/clusters/behind/api/v1/namespaces', 'wrong')).status).toBe(401);
  }, 30_000);

  it('lets a watch through as it happens, while it stays open', async () => {
    const ca = await readFile(join(certs, 'ca.crt'));
    const watch = request({
      ...({ host: '127.0.0.1', port: httpsPort, servername: 'bridge.test', agent: false } as const),
      ...{ ca, path: '/clusters/behind/api/v1/namespaces?watch=true' },
      headers: { host: 'bridge.test', authorization: `Bearer ${clientToken}` },
    });
    const [answer] = (await once(watch.end(), 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];

    const line = first.toString('utf8').split('\n')[0] ?? '';
    expect(JSON.parse(line)).toMatchObject({ type: 'ADDED', object: { kind: 'Namespace' } });
    expect(answer.complete).toBe(false);
    watch.destroy();
  }, 30_000);

  it('may be restarted: the agent comes back by itself', async () => {
    await proxy.restart();

    await eventually(async () => (await agentCondition(agent, 'link'))?.healthy === true, {
      what: 'the link is up again',
      timeoutMs: 60_000,
    });
    await eventually(
      async () => (await get('/clusters/behind/version', clientToken)).status === 200,
      { what: 'the cluster is reached again', timeoutMs: 60_000 },
    );
  }, 150_000);
});

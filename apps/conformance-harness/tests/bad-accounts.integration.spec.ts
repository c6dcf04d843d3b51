// Clusters that cannot be reached and kubeconfigs that are wrong, among good ones: each of them is
// down for itself, with its reason, and holds nobody up.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { freePort } from '@fairlead/testbed';
import { stringify } from 'yaml';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { type AgentAccount, agentAccounts, agentHealth, untilTrouble } from './agent-questions.ts';
import { untilAccount } from './bridge-questions.ts';

const token = 'hunter2-in-a-kubeconfig';
const good = ['good-1', 'good-2'];
const kinds = ['pod', 'configMap', 'deployment'];

describe('accounts that are down among good ones', () => {
  let fleet: Fleet;
  let folder: string;
  let silent: SilentServer;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  /** The agent's accounts at the moment when the good ones were in sync. */
  let whenGoodSynced: ReadonlyMap<string, AgentAccount>;

  beforeAll(async () => {
    fleet = await startFleet({ clusters: 3, objectsPerCluster: 80 });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-bad-accounts-'));
    silent = await startSilentServer();
    const [fine, absent, garbled, refusing, mute] = [
      'fine.yaml',
      'absent.yaml',
      'garbled.yaml',
      'refusing.yaml',
      'mute.yaml',
    ].map((name) => join(folder, name)) as [string, string, string, string, string];
    await writeFile(fine, fleet.kubeconfig());
    await writeFile(garbled, `users:\n  - name: [${token}\n`);
    await writeFile(refusing, kubeconfigFor(`http://127.0.0.1:${String(await freePort())}`));
    await writeFile(mute, kubeconfigFor(`http://127.0.0.1:${String(silent.port)}`));
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    agent = await startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [
        { name: 'mute', kubeconfigFile: mute, kinds },
        { name: 'refusing', kubeconfigFile: refusing, kinds },
        { name: 'absent', kubeconfigFile: absent, kinds },
        { name: 'garbled', kubeconfigFile: garbled, kinds },
        { name: 'lost-context', kubeconfigFile: fine, context: 'nowhere', kinds },
        { name: 'good-1', kubeconfigFile: fine, context: 'sim-1', kinds },
        { name: 'good-2', kubeconfigFile: fine, context: 'sim-2', kinds },
      ],
    });
    for (const name of good) await untilAccount(bridge.url, name);
    whenGoodSynced = await agentAccounts(agent);
  }, 120_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await silent.stop();
    await fleet.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  it('do not hold the good ones up: those were in sync before a mute server was given up', () => {
    expect(silent.connections()).toBeGreaterThan(0);
    expect(whenGoodSynced.get('mute')).toMatchObject({ state: 'identifying', reason: '' });
    for (const name of good) expect(whenGoodSynced.get(name)?.state).toBe('feeding');
  });

  it.each([
    ['refusing', /cannot be reached.*ECONNREFUSED/],
    ['absent', /does not exist: .*absent\.yaml/],
    ['garbled', /not YAML \(line \d+\)/],
    ['lost-context', /context 'nowhere' is not defined; known: sim-1, sim-2, sim-3/],
  ])(
    'say why: %s',
    async (name, reason) => {
      expect((await untilTrouble(agent, name)).reason).toMatch(reason);
      const health = await agentHealth(agent);
      const condition = health.conditions.find((each) => each.name === `account ${name}`);

      expect(condition).toMatchObject({ healthy: false });
      expect(condition?.reason).toMatch(reason);
    },
    30_000,
  );

  it('make the agent degraded, not dead, and only themselves unwell', async () => {
    const health = await agentHealth(agent);

    expect(health).toMatchObject({ httpStatus: 200, status: 'degraded' });
    for (const name of good) {
      expect(health.conditions).toContainEqual(
        expect.objectContaining({ name: `account ${name}`, healthy: true, reason: '' }),
      );
    }
    expect(await shownAccounts(bridge)).toEqual(good);
  });

  it('are not quoted: a kubeconfig holds tokens', async () => {
    const said = JSON.stringify([...(await agentAccounts(agent)), await agentHealth(agent)]);

    expect(said).toContain('garbled');
    expect(said + (await agent.program.readLog())).not.toContain(token);
  });

  it('come up without a restart when their kubeconfig does', async () => {
    const pid = agent.program.pid;
    const before = await agentAccounts(agent);
    await writeFile(join(folder, 'absent.yaml'), onlyContext(fleet.kubeconfig(), 'sim-3'));

    expect((await untilAccount(bridge.url, 'absent')).objects).toBeGreaterThan(0);
    const now = await agentAccounts(agent);
    for (const name of good) {
      const { since, epoch } = before.get(name)!;
      expect(now.get(name)).toMatchObject({ state: 'feeding', since, epoch });
    }
    expect(agent.program.pid).toBe(pid);
  }, 60_000);

  it('say why in the end when their server never answers', async () => {
    expect((await untilTrouble(agent, 'mute')).reason).toMatch(/did not answer|timeout|aborted/i);
  }, 60_000);
});

async function shownAccounts(bridge: BridgeProgram): Promise<readonly string[]> {
  const response = await fetch(`${bridge.url}/api/v1/accounts`);
  const { items } = (await response.json()) as { readonly items: readonly { name: string }[] };
  return items.map(({ name }) => name);
}

function kubeconfigFor(server: string): string {
  return stringify({
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server } }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  });
}

function onlyContext(kubeconfig: string, context: string): string {
  return kubeconfig.replace(/current-context: .*/, `current-context: ${context}`);
}

/** Accepts connections and says nothing on them. */
interface SilentServer {
  readonly port: number;
  /** How many were made so far. */
  connections(): number;
  stop(): Promise<void>;
}

async function startSilentServer(): Promise<SilentServer> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => sockets.length,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

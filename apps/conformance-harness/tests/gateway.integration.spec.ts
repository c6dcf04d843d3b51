// The gateway over two bridges on one database, with an agent at the first alone: whichever bridge a
// client asks, the cluster answers, and whoever goes away in the middle is told what may have happened.
import { request, type IncomingMessage } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import {
  acquirePostgres,
  isUnavailable,
  type SqlDatabase,
  type SqlServer,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const describeWithServers = isUnavailable('postgres') ? describe.skip : describe;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>> & { readonly items?: readonly unknown[] };
}

async function ask(bridge: BridgeProgram, path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(`${bridge.url}/clusters/sim${path}`, init);
  const body = (await answer.json()) as Answer['body'];
  return { status: answer.status, headers: answer.headers, body };
}

/** A request whose answer is not read until somebody does. */
function open(bridge: BridgeProgram, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${bridge.url}/clusters/sim${path}`, resolve);
    outgoing.once('error', reject);
    outgoing.end();
  });
}

/** What no bridge answers by itself. */
const live = '/api/v1/namespaces/default';

async function busyTunnels(bridge: BridgeProgram): Promise<number> {
  return sumOf(await bridge.metrics(), 'fairlead_bridge_tunnels', { state: 'busy' });
}

describeWithServers('the gateway', () => {
  let fleet: Fleet;
  let folder: string;
  let postgres: SqlServer;
  let database: SqlDatabase;
  let near: BridgeProgram;
  let far: BridgeProgram;
  let agent: AgentProgram;

  beforeAll(async () => {
    fleet = await startFleet({
      clusters: 1,
      objectsPerCluster: 500,
      podsPerCluster: 8000,
      seed: 3,
    });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-gateway-'));
    const kubeconfigFile = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfigFile, fleet.kubeconfig());
    postgres = await acquirePostgres();
    database = await postgres.createDatabase();
    near = await startBridgeProgram({ sqlUrl: database.url });
    far = await startBridgeProgram({ sqlUrl: database.url });
    agent = await startAgentProgram({
      grpcAddress: near.grpcAddress,
      accounts: [{ name: 'sim', kubeconfigFile, context: 'sim-1', kinds: ['namespace'] }],
    });
    await untilAccount(near.url, 'sim');
    await eventually(async () => (await ask(far, live)).status === 200, {
      what: 'the other bridge knows the way',
    });
  }, 300_000);

  afterAll(async () => {
    await agent.program.stop();
    await Promise.all([near.program.stop(), far.program.stop()]);
    await database.drop();
    await postgres[Symbol.asyncDispose]();
    await fleet.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  const both = () => [near, far];

  it('gives the same answer at both bridges', async () => {
    const path = '/api/v1/pods?limit=50';
    const [first, second] = await Promise.all(both().map((bridge) => ask(bridge, path)));

    expect(first?.status).toBe(200);
    expect(first?.body.items).toHaveLength(50);
    expect(second?.body).toEqual(first?.body);
  });

  it('writes, and shows what the API server says of it', async () => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'made-here' } };
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(object),
    };

    const made = await ask(far, '/api/v1/namespaces', init);
    const again = await ask(near, '/api/v1/namespaces', init);

    expect(made).toMatchObject({ status: 201, body: { metadata: { name: 'made-here' } } });
    expect(again).toMatchObject({ status: 409, body: { kind: 'Status', reason: 'AlreadyExists' } });
  });

  it.each(['near', 'far'] as const)(
    'has an object stored that the %s bridge is asked to refresh',
    async (which) => {
      const { url } = which === 'near' ? near : far;
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'namespace', name: 'default' }),
      };

      const answer = await fetch(`${url}/api/v1/accounts/sim/refresh`, init);

      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ found: true });
    },
  );

  it.each(['near', 'far'] as const)(
    'lists and watches at the %s bridge what the one has stored that feeds the account',
    async (which) => {
      const { url } = which === 'near' ? near : far;
      const namespaces = `${url}/clusters/sim/api/v1/namespaces?fairlead=cache`;

      const list = await fetch(namespaces);
      const { kind, metadata } = (await list.json()) as {
        readonly kind: string;
        readonly metadata: { readonly resourceVersion: string };
      };
      const since = metadata.resourceVersion;
      const watch = `${namespaces}&watch=true&timeoutSeconds=1&allowWatchBookmarks=true`;
      const lines = await (await fetch(`${watch}&resourceVersion=${since}`)).text();

      expect({ status: list.status, kind }).toEqual({ status: 200, kind: 'NamespaceList' });
      expect(list.headers.get('fairlead-as-of')).toMatch(/^20.*Z$/);
      expect(lines).toContain('{"type":"BOOKMARK"');
    },
  );

  it('says that a cluster is not known', async () => {
    const answer = await fetch(`${near.url}/clusters/nobody/api`);

    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ kind: 'Status', reason: 'NotFound' });
  });

  it.each(['near', 'far'] as const)(
    'frees a tunnel when the client of a watch at the %s bridge hangs up',
    async (which) => {
      const bridge = which === 'near' ? near : far;
      const watch = await open(bridge, '/api/v1/pods?watch=true');
      const first = await new Promise<Buffer>((resolve) => watch.once('data', resolve));
      const whileOpen = await busyTunnels(near);

      watch.destroy();
      await eventually(async () => (await busyTunnels(near)) === 0, {
        ...{ what: 'no tunnel is busy', timeoutMs: 1000 },
      });

      expect(first.toString()).toContain('"type":"ADDED"');
      expect(whileOpen).toBe(1);
    },
  );

  it('does not let clients that read nothing hold up the others', async () => {
    const stuck = await Promise.all(
      Array.from({ length: 20 }, (_, at) => open(at % 2 === 0 ? near : far, '/api/v1/pods')),
    );

    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(near, '/api/v1/pods?limit=1')),
    );
    const rssBytes = sumOf(await near.metrics(), 'process_resident_memory_bytes');
    for (const each of stuck) each.destroy();

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    // 20 lists of 26 MB are on their way; each may have some megabytes of buffers.
    expect(rssBytes).toBeLessThan(400e6);
    await eventually(async () => (await busyTunnels(near)) === 0, { what: 'no tunnel is busy' });
  }, 60_000);

  it('gives a big list whole', async () => {
    const { status, body } = await ask(far, '/api/v1/pods');

    expect(status).toBe(200);
    expect(body.items?.length).toBeGreaterThan(8000);
  }, 60_000);

  it('gives up an agent that does not answer, and is served by it when it is back', async () => {
    await agent.program.pause();
    const [first, second] = await Promise.all(both().map((bridge) => ask(bridge, live)));
    await agent.program.resume();
    const after = await eventually(
      async () => {
        const answer = await ask(far, live);
        return answer.status === 200 && answer;
      },
      { what: 'it answers again' },
    );

    expect([first?.status, second?.status]).toEqual([504, 504]);
    expect(first?.body.message).toContain('may have been executed');
    expect(after.status).toBe(200);
  }, 60_000);

  it('says that a request may have been executed when its agent dies before the answer', async () => {
    const silent = fleet.clusters[0]?.faults.add({
      match: { method: 'DELETE' },
      effect: { kind: 'silence' },
    });
    const doomed = ask(far, '/api/v1/namespaces/made-here', { method: 'DELETE' });
    await eventually(() => Promise.resolve(silent?.strikes === 1), { what: 'it is there' });

    await agent.program.kill('SIGKILL');
    const { status, headers, body } = await doomed;
    silent?.remove();

    expect(status).toBe(502);
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure' });
    expect(body.message).toContain('may have been executed');
    expect(headers.get('retry-after')).toBeNull();
  }, 60_000);

  it('asks to come again while the agent is away, and goes on when it is back', async () => {
    const away = await eventually(
      async () => {
        const answers = await Promise.all(both().map((bridge) => ask(bridge, live)));
        return answers.every(({ status }) => status === 503) && answers;
      },
      { what: 'both know that the agent is away' },
    );
    await agent.program.start();

    expect(away.map(({ headers }) => headers.get('retry-after'))).toEqual(['5', '5']);
    for (const bridge of both()) {
      await eventually(async () => (await ask(bridge, live)).status === 200, {
        what: 'the agent is back',
      });
    }
  }, 120_000);
});

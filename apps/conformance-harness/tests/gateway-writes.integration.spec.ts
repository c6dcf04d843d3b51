// Who writes through the gateway finds it in SQL when the answer is there, with a live watch and with
// one that has fallen silent; who asks for a refresh finds what the cluster holds.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquirePostgres, isUnavailable, type KubeHandle, startKube } from '@fairlead/testbed';
import {
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { type BlackHole, startBlackHole } from './black-hole.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const kinds = ['configMap', 'secret', 'deployment', 'namespace'];
const canary = 'writes-canary-value';

interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
}

const configMaps = '/api/v1/namespaces/default/configmaps';
const deployments = '/apis/apps/v1/namespaces/default/deployments';

const aConfigMap = (name: string, value: string): object => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } },
});

const aDeployment = (name: string): object => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'nginx' }] },
    },
  },
});

/** A bridge with two accounts of one cluster: `live`, and `deaf` whose watches can be silenced. */
class Scene {
  readonly #stack = new AsyncDisposableStack();
  bridge!: BridgeProgram;
  network!: BlackHole;

  async start(kube: KubeHandle, sqlUrl: string): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-writes-'));
    this.#stack.defer(() => rm(folder, { recursive: true }));
    // Else a comparison would put right what a test wants to see put right by a write.
    this.bridge = await startBridgeProgram({
      sqlUrl,
      config: { antiEntropy: { intervalSeconds: 0 } },
    });
    this.#stack.defer(() => this.bridge.program.stop());
    const kubeconfig = await readFile(kube.kubeconfigPath, 'utf8');
    const host = new URL(/server: (\S+)/.exec(kubeconfig)?.[1] ?? '').host;
    this.network = await startBlackHole(host);
    this.#stack.use(this.network);
    const deafFile = join(folder, 'deaf.yaml');
    await writeFile(deafFile, kubeconfig.replaceAll(host, this.network.address));
    for (const [name, kubeconfigFile] of [
      ['live', kube.kubeconfigPath],
      ['deaf', deafFile],
    ] as const) {
      const agent = await startAgentProgram({
        grpcAddress: this.bridge.grpcAddress,
        accounts: [{ name, kubeconfigFile, kinds }],
        config: { agent: { id: name } },
      });
      this.#stack.defer(() => agent.program.stop());
      await untilAccount(this.bridge.url, name);
    }
  }

  stop(): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async ask(account: string, method: string, path: string, body?: object): Promise<KubeObject> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const init = body && { body: JSON.stringify(body), headers: { 'content-type': type } };
    const answer = await fetch(`${this.bridge.url}/clusters/${account}${path}`, {
      method,
      ...init,
    });
    const object = (await answer.json()) as KubeObject;
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(object)}`);
    return object;
  }

  /** What SQL has now; `undefined` for nothing. */
  async stored(account: string, kind: string, name: string): Promise<KubeObject | undefined> {
    const url = `${this.bridge.url}/api/v1/objects/${account}/${kind}/default/${name}`;
    const answer = await fetch(url);
    return answer.ok ? ((await answer.json()) as KubeObject) : undefined;
  }

  /**
   * Resolves when SQL has what it should: with the end of the answer for the most part, but a machine
   * that is busy may take longer, and the first row of a kind makes its table.
   */
  async soon(
    of: { readonly account: string; readonly kind: string; readonly name: string },
    isIt: (row: KubeObject | undefined) => boolean,
  ): Promise<void> {
    const { account, kind, name } = of;
    await eventually(async () => isIt(await this.stored(account, kind, name)), {
      ...{ what: `${kind} ${name} is stored as it should be`, timeoutMs: 5_000 },
    });
  }

  async post(
    path: string,
    body: object,
  ): Promise<{ readonly status: number; readonly body: object }> {
    const answer = await fetch(`${this.bridge.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as object };
  }
}

const databases = [
  { name: 'an embedded database', unavailable: false, acquire: undefined },
  { name: 'PostgreSQL', unavailable: isUnavailable('postgres'), acquire: acquirePostgres },
];

(isUnavailable('kube') ? describe.skip : describe)('writes through the gateway', () => {
  let kube: KubeHandle;

  beforeAll(async () => {
    kube = await startKube();
  }, 900_000);

  afterAll(() => kube.stop());

  for (const [at, { name: database, unavailable, acquire }] of databases.entries()) {
    (unavailable ? describe.skip : describe)(`with ${database}`, () => {
      const scene = new Scene();
      const stack = new AsyncDisposableStack();
      /** One cluster, several databases. */
      const named = (name: string) => `${name}-${at}`;

      beforeAll(async () => {
        let sqlUrl = 'embedded:./data';
        if (acquire !== undefined) {
          const server = stack.use(await acquire());
          const made = await server.createDatabase();
          stack.defer(() => made.drop());
          sqlUrl = made.url;
        }
        await scene.start(kube, sqlUrl);
      }, 300_000);

      afterAll(async () => {
        await scene.stop();
        await stack.disposeAsync();
      }, 60_000);

      it('are in SQL when the answer is whole', async () => {
        const name = named('seen-at-once');
        const row = (isIt: (row: KubeObject | undefined) => boolean) =>
          scene.soon({ account: 'live', kind: 'deployment', name }, isIt);
        const made = await scene.ask('live', 'POST', deployments, aDeployment(name));
        await row((now) => now?.metadata.resourceVersion === made.metadata.resourceVersion);
        const patch = { metadata: { labels: { round: 'two' } } };
        await scene.ask('live', 'PATCH', `${deployments}/${name}`, patch);
        await row((now) => now?.metadata.labels?.round === 'two');
        const scale = { spec: { replicas: 3 } };
        await scene.ask('live', 'PATCH', `${deployments}/${name}/scale`, scale);
        await row((now) => now?.spec?.replicas === 3);
        await scene.ask('live', 'DELETE', `${deployments}/${name}`);
        await row((now) => now === undefined);
      });

      it('are as before when nothing was written', async () => {
        const path = `${configMaps}?dryRun=All`;
        await scene.ask('live', 'POST', path, aConfigMap(named('never'), 'a'));

        expect(await scene.stored('live', 'configMap', named('never'))).toBeUndefined();
      });

      it('leave no value of a Secret in SQL', async () => {
        const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: named('written') } };
        await scene.ask('live', 'POST', '/api/v1/namespaces/default/secrets', {
          ...secret,
          stringData: { password: canary },
        });

        const of = { account: 'live', kind: 'secret', name: named('written') };
        await scene.soon(of, (now) => now !== undefined);
        const row = JSON.stringify(await scene.stored('live', 'secret', of.name));

        expect(row).toContain(`"name":"${named('written')}"`);
        expect(row).not.toContain(canary);
        expect(row).not.toContain(Buffer.from(canary).toString('base64'));
      });

      it('bring back nothing: what was deleted and made anew is the new one', async () => {
        const row = { account: 'live', kind: 'configMap', name: named('again') };
        for (const value of ['a', 'b', 'c']) {
          await scene.ask('live', 'POST', configMaps, aConfigMap(row.name, value));
          await scene.soon(row, (now) => now?.data?.value === value);
          await scene.ask('live', 'DELETE', `${configMaps}/${row.name}`);
          await scene.soon(row, (now) => now === undefined);
        }
      });

      it('are refreshed on demand, by any name of the kind', async () => {
        await scene.ask('live', 'POST', configMaps, aConfigMap(named('asked'), 'a'));
        for (const kind of ['configMap', 'configmaps', 'ConfigMap']) {
          const path = '/api/v1/accounts/live/refresh';
          const asked = { kind, namespace: 'default', name: named('asked') };
          const answer = await scene.post(path, asked);
          expect(answer).toMatchObject({ status: 200, body: { found: true } });
        }
        const unknown = [
          await scene.post('/api/v1/accounts/nobody/refresh', { kind: 'pod', name: 'x' }),
          await scene.post('/api/v1/accounts/live/refresh', { kind: 'no.such', name: 'x' }),
          await scene.post('/api/v1/accounts/live/refresh', { name: 'x' }),
        ];

        expect(unknown.map(({ status }) => status)).toEqual([404, 404, 400]);
      });

      it('are seen by an account whose watches have fallen silent', async () => {
        const [old, unheard] = [named('old'), named('unheard')];
        await scene.ask('live', 'POST', configMaps, aConfigMap(old, 'a'));
        await eventually(() => scene.stored('deaf', 'configMap', old), { what: 'both have it' });
        // Only the watches: nothing of the gateway's has a connection there yet.
        scene.network.swallow('both');
        await scene.ask('live', 'DELETE', `${configMaps}/${old}`);
        const stillThere = await scene.stored('deaf', 'configMap', old);

        const asked = { account: 'deaf', location: 'default', name: `configMap ${old}` };
        const gone = await scene.post('/cache/kubernetes/manifest', asked);
        await scene.ask('deaf', 'POST', configMaps, aConfigMap(unheard, 'a'));
        await scene.ask('deaf', 'PATCH', `${configMaps}/${unheard}`, { data: { value: 'b' } });
        const row = { account: 'deaf', kind: 'configMap', name: unheard };
        await scene.soon(row, (now) => now?.data?.value === 'b');

        expect(stillThere).toBeDefined();
        expect(gone).toEqual({ status: 200, body: { cachedIdentifiersByType: {} } });
        expect(await scene.stored('deaf', 'configMap', old)).toBeUndefined();
      }, 60_000);

      it('are what the cluster holds, once the watches are there again', async () => {
        const verify = async (account: string) =>
          runVerify({ kubeconfig: kube.kubeconfigPath, bridgeUrl: scene.bridge.url, account });
        const late = Date.now() + 120_000;
        let deaf = await verify('deaf');
        while (deaf.code !== 0 && Date.now() < late) deaf = await verify('deaf');
        const metrics = await scene.bridge.metrics();

        expect(countsOf(await verify('live'))).toEqual(allZero);
        expect(countsOf(deaf)).toEqual(allZero);
        const fate = (each: string) =>
          sumOf(metrics, 'fairlead_bridge_written_ahead_total', { fate: each });
        expect(fate('committed') + fate('passed')).toBeGreaterThan(10);
        expect(fate('putAside') + fate('unread')).toBe(0);
      }, 150_000);
    });
  }
});

// Rows that somebody changed, removed or added by hand are put right while everything runs, and a
// snapshot after a 410 brings only what the database has not.
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import {
  acquireMariaDb,
  acquirePostgres,
  isUnavailable,
  type KubeHandle,
  startKube,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  rewriteAgentConfig,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { populate } from '../src/population/cluster-population.ts';
import { allZero, countsOf, feedsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const population = { objects: 400, namespaces: 4, canary: 'entropy-canary' };
const kinds = ['pod', 'configMap', 'secret', 'deployment', 'service', 'namespace'];
const antiEntropy = { intervalSeconds: 4 };

type Database = Awaited<ReturnType<Awaited<ReturnType<typeof acquirePostgres>>['createDatabase']>>;

const targets = [
  {
    name: 'PostgreSQL',
    unavailable: isUnavailable('postgres'),
    acquire: acquirePostgres,
    hashOfBody: `encode(sha256(convert_to(body, 'UTF8')), 'hex')`,
  },
  {
    name: 'MariaDB',
    unavailable: isUnavailable('mariadb'),
    acquire: acquireMariaDb,
    hashOfBody: 'SHA2(body, 256)',
  },
];

const describeWithKube = isUnavailable('kube') ? describe.skip : describe;

describeWithKube('anti-entropy', () => {
  let kube: KubeHandle;
  let client: ClusterClient;

  beforeAll(async () => {
    kube = await startKube();
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
  }, 900_000);

  afterAll(async () => {
    client.close();
    await kube.stop();
  });

  for (const target of targets) {
    (target.unavailable ? describe.skip : describe)(`with ${target.name}`, () => {
      let server: Awaited<ReturnType<typeof acquirePostgres>>;
      let database: Database;
      let bridge: BridgeProgram;
      let agent: AgentProgram;

      beforeAll(async () => {
        server = await target.acquire();
        database = await server.createDatabase();
        bridge = await startBridgeProgram({ sqlUrl: database.url, config: { antiEntropy } });
        const account = { name: 'real', kubeconfigFile: kube.kubeconfigPath, kinds };
        agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [account] });
        await untilAccount(bridge.url, 'real');
      }, 180_000);

      afterAll(async () => {
        await agent.program.stop();
        await bridge.program.stop();
        await database.drop();
        await server[Symbol.asyncDispose]();
      }, 60_000);

      const verify = () =>
        runVerify({ kubeconfig: kube.kubeconfigPath, bridgeUrl: bridge.url, account: 'real' });
      const repaired = async (result: string) =>
        sumOf(await bridge.metrics(), 'fairlead_bridge_repaired_rows_total', { result });
      const written = async (result: string) =>
        sumOf(await bridge.metrics(), 'fairlead_bridge_rows_written_total', { result });
      const verifications = async (result: string) =>
        sumOf(await bridge.metrics(), 'fairlead_bridge_verifications_total', { result });
      const podIds = async () =>
        (await database.query('SELECT id FROM cats_v1_pod ORDER BY id')).map(({ id }) =>
          String(id),
        );
      const change = (set: string, id: string | undefined) =>
        database.query(`UPDATE cats_v1_pod SET ${set} WHERE id = '${id ?? ''}'`);
      const changeBody = (from: string, to: string) => `body = REPLACE(body, '${from}', '${to}')`;

      /** Every feed was compared once more, and nothing was found. */
      const untilCompared = async () => {
        const before = await verifications('equal');
        await eventually(async () => (await verifications('equal')) >= before + 2 * kinds.length, {
          what: 'every feed is compared again',
        });
      };

      it('finds nothing to repair where nobody interferes, and says when it looked', async () => {
        await untilCompared();

        expect(await verifications('repaired')).toBe(0);
        expect(await verifications('failed')).toBe(0);
        const feeds = await feedsOf(bridge.url, 'real');
        const verified = feeds.map((feed) => Date.parse(String(feed.verifiedAt)));
        expect(Math.min(...verified)).toBeGreaterThan(Date.now() - 60_000);
      }, 90_000);

      it('puts right what was deleted, changed and added by hand', async () => {
        const ids = await podIds();
        await database.query(`DELETE FROM cats_v1_pod WHERE id IN ('${ids[0]!}', '${ids[1]!}')`);
        await change(changeBody('registry.example/app', 'evil.example/app'), ids[2]);
        await change(`body_hash = 'beef'`, ids[3]);
        await change(changeBody('"resourceVersion":"', '"resourceVersion":"9'), ids[4]);
        await change(`body_hash = ${target.hashOfBody}`, ids[4]);
        await change(changeBody('"uid":"', '"uid":"f'), ids[5]);
        await change(`body_hash = ${target.hashOfBody}`, ids[5]);
        await change(`body = 'no JSON at all'`, ids[6]);
        await database.query(
          `INSERT INTO cats_v1_pod (id, agent, body_hash, body, last_updated)
           SELECT CONCAT(id, '-ghost'), agent, body_hash, body, last_updated
           FROM cats_v1_pod WHERE id = '${ids[7]!}'`,
        );

        await eventually(async () => (await verifications('repaired')) > 0, { what: 'repaired' });
        await untilCompared();
        const verdict = await verify();

        expect(await podIds()).toEqual(ids);
        expect(countsOf(verdict)).toEqual(allZero);
        expect(await repaired('inserted')).toBe(2);
        expect(await repaired('updated')).toBe(5);
        expect(await repaired('deleted')).toBe(1);
        const sound = await database.query(
          `SELECT COUNT(*) AS n FROM cats_v1_pod WHERE body_hash = ${target.hashOfBody}`,
        );
        expect(Number(sound[0]?.n)).toBe(ids.length);
      }, 120_000);

      it('brings back relations and applications of what it brings back', async () => {
        const count = async (table: string) =>
          Number((await database.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
        const tables = ['cats_v1_applications_rel', 'cats_v1_deployment'];
        const before = await Promise.all(tables.map(count));
        await database.query('DELETE FROM cats_v1_applications_rel');
        await database.query('DELETE FROM cats_v1_deployment');

        const after = await eventually(
          async () => {
            const now = await Promise.all(tables.map(count));
            return now[1] === before[1] && now;
          },
          { what: 'the deployments are back' },
        );

        expect(before[0]).toBeGreaterThan(0);
        expect(after[0]).toBeGreaterThan(0);
      }, 90_000);

      it('writes nothing when the bridge comes back and nothing has changed', async () => {
        await bridge.program.kill('SIGKILL');
        await bridge.program.start();
        await untilAccount(bridge.url, 'real');
        await untilCompared();

        expect(await verifications('repaired')).toBe(0);
        for (const result of ['inserted', 'updated', 'unchanged', 'deleted']) {
          expect(await written(result)).toBe(0);
        }
      }, 120_000);

      it('sends only what has changed after a 410', async () => {
        await agent.program.kill('SIGKILL');
        const pods = (await podIds()).slice(0, 5).map((id) => id.split(':').slice(-2));
        for (const [namespace = '', name = ''] of pods) {
          const answer = await client.request({
            method: 'PATCH',
            path: `/api/v1/namespaces/${namespace}/pods/${name}`,
            headers: { 'content-type': 'application/merge-patch+json' },
            body: Buffer.from(`{"metadata":{"labels":{"before":"${target.name}"}}}`),
          });
          await answer.text();
        }
        await kube.compactEtcd();
        // Its watch cache would still remember.
        await kube.restart();
        const [updated, inserted] = [await written('updated'), await written('inserted')];
        await agent.program.start();
        await eventually(
          async () =>
            sumOf(await agent.metrics(), 'fairlead_agent_relists_total', {
              reason: 'expiredAtStart',
            }) > 0,
          { what: 'a feed is too old' },
        );
        await untilAccount(bridge.url, 'real');
        await eventually(async () => (await written('updated')) - updated >= 5, {
          what: 'updated',
        });
        const verdict = await verify();

        const kept = sumOf(await agent.metrics(), 'fairlead_agent_kept_objects_total');
        expect(countsOf(verdict)).toEqual(allZero);
        expect(kept).toBeGreaterThanOrEqual((await podIds()).length - 5);
        expect((await written('updated')) - updated).toBe(5);
        expect((await written('inserted')) - inserted).toBe(0);
        expect(await written('unchanged')).toBe(0);
      }, 120_000);

      it('sends everything anew when the agent comes back with other rules', async () => {
        const images = async () =>
          Number(
            (
              await database.query(
                `SELECT COUNT(*) AS n FROM cats_v1_pod WHERE body LIKE '%registry.example/app%'`,
              )
            )[0]?.n,
          );
        const before = await images();
        await agent.program.kill('SIGKILL');
        await rewriteAgentConfig(agent, {
          grpcAddress: bridge.grpcAddress,
          accounts: [{ name: 'real', kubeconfigFile: kube.kubeconfigPath, kinds }],
          config: {
            scrubbing: { redact: [{ kinds: ['pod'], paths: ['.spec.containers[*].image'] }] },
          },
        });
        await agent.program.start();

        await eventually(async () => (await images()) === 0, { what: 'no image is stored' });
        await untilCompared();

        expect(before).toBeGreaterThan(0);
        expect(sumOf(await agent.metrics(), 'fairlead_agent_kept_objects_total')).toBe(0);
      }, 120_000);
    });
  }
});

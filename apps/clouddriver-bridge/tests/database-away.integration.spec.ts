/** A real database that goes away under a bridge, and comes back. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { nativeKinds } from '@fairlead/clouddriver-model';
import {
  holdWal,
  isUnavailable,
  startMariaDb,
  startPostgres,
  type SqlServerHandle,
} from '@fairlead/testbed';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { aMark, aPod, aSnapshot } from './deltas.ts';
import { FakeAgent } from './fake-agent.ts';

/** Longest start of a server on a busy machine, and of a bridge's way back to it. */
const slowMs = 120_000;

const servers = [
  { name: 'postgres', isHere: !isUnavailable('postgres'), start: startPostgres },
  { name: 'mysql', isHere: !isUnavailable('mariadb'), start: startMariaDb },
] as const;

for (const { name, isHere, start } of servers) {
  (isHere ? describe : describe.skip)(`while ${name} is away`, () => {
    let server: SqlServerHandle;
    let bridge: BridgeUnderTest;

    beforeAll(async () => {
      server = await start();
      const { url } = await server.createDatabase();
      bridge = await startBridgeUnderTest('', `sql: { url: '${url}', schema: standalone }`);
    }, slowMs);

    afterAll(async () => {
      await bridge.stop();
      await server.stop();
    });

    it(
      'acknowledges nothing, drops nothing, says why, and goes on when it is back',
      async () => {
        const agent = await new FakeAgent({ port: bridge.grpcPort }).welcome();
        const { epoch } = await agent.accepted('prod');
        agent.openFeed({ account: 'prod', epoch, feedId: 1 });
        await agent.committed(1, agent.batch(1, aSnapshot(['a', 'b'], '50')));
        await agent.hear('credit');

        await server.kill('SIGKILL');
        const seq = agent.batch(1, [aPod('applied', 'c'), aPod('deleted', 'a')]);
        const notReady = await untilStatus(bridge, '/readyz', 503);
        const api = await bridge.get('/api/v1/objects');
        expect(notReady).toMatch(/"name":"database".*"healthy":false,"reason":"[^"]/);
        expect(api).toMatchObject({ status: 503 });
        expect(await bridge.get('/healthz')).toMatchObject({ status: 200 });
        expect(agent.unheard()).not.toContain('ack');
        expect(agent.unheard()).not.toContain('credit');
        await server.start();
        await agent.committed(1, seq);

        await untilStatus(bridge, '/readyz', 200);
        const { items } = await bridge.json<{ items: { name: string }[] }>('/api/v1/objects');
        expect(items.map((item) => item.name)).toEqual(['b', 'c']);
        const { text } = await bridge.get('/metrics');
        expect(text).toMatch(/^fairlead_bridge_deltas_dropped_total 0$/m);
        expect(text).toMatch(/^fairlead_bridge_sql_retries_total\{reason="\w+"\} [1-9]/m);
        agent.crash();
      },
      slowMs,
    );
  });
}

(isUnavailable('postgres') ? describe.skip : describe)('after a crash of postgres', () => {
  let server: SqlServerHandle;
  let bridge: BridgeUnderTest;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    const database = await server.createDatabase();
    url = database.url;
    bridge = await startBridgeUnderTest('', `sql: { url: '${url}', schema: standalone }`);
    // What is prepared at the start goes to the disk, with all that was committed before it.
    const last = `SELECT 1 FROM fairlead_types WHERE type = '${nativeKinds.at(-1)}'`;
    while ((await database.query(last)).length === 0) await sleep(20);
  }, slowMs);

  afterAll(async () => {
    await bridge.stop();
    await server.stop();
  });

  it(
    'asks the agent again for what of a snapshot was lost, from the checkpoint that is stored',
    async () => {
      const agent = await new FakeAgent({ port: bridge.grpcPort }).welcome();
      const first = await agent.accepted('prod');
      agent.openFeed({ account: 'prod', epoch: first.epoch, feedId: 1 });
      await agent.committed(1, agent.batch(1, aSnapshot(['gone', 'stays'], '50')));
      const wal = await holdWal(url);
      const piece = [aMark('init'), aPod('initApplied', 'new'), aPod('initApplied', 'newer')];
      await agent.committed(1, agent.batch(1, piece));

      await wal.crash();
      agent.batch(1, [aPod('initApplied', 'stays'), aMark('initDone', '60')]);
      const { reason } = await agent.hear('accountRevoked');
      const second = await agent.hear('accountAccepted');
      agent.openFeed({ account: 'prod', epoch: second.epoch, feedId: 2 });
      await agent.committed(2, agent.batch(2, aSnapshot(['new', 'newer', 'stays'], '60')));

      expect(reason).toBe('the database has lost commits');
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(second.checkpoints).toMatchObject([{ resourceVersion: '50' }]);
      await untilStatus(bridge, '/readyz', 200);
      const { items } = await bridge.json<{ items: { name: string }[] }>('/api/v1/objects');
      expect(items.map((item) => item.name)).toEqual(['new', 'newer', 'stays']);
      const { text } = await bridge.get('/metrics');
      expect(text).toMatch(/^fairlead_bridge_commits_lost_total 1$/m);
      agent.crash();
    },
    slowMs,
  );
});

/** Asks until the answer has this status; gives its text. */
async function untilStatus(bridge: BridgeUnderTest, path: string, status: number): Promise<string> {
  for (;;) {
    const answer = await bridge.get(path);
    if (answer.status === status) return answer.text;
    await sleep(20);
  }
}

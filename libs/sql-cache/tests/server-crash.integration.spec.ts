import {
  isUnavailable,
  startMariaDb,
  startPostgres,
  type SqlServerHandle,
} from '@fairlead/testbed';
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount, keysOf, podCheckpoint, type FedAccount } from './units.ts';
import { queryMysql, queryPostgres, serverStartMs, testClock } from './targets.ts';

const servers = [
  { name: 'postgres', isHere: !isUnavailable('postgres'), start: startPostgres },
  { name: 'mysql', isHere: !isUnavailable('mariadb'), start: startMariaDb },
] as const;

for (const { name, isHere, start } of servers) {
  (isHere ? describe : describe.skip)(`when ${name} is killed and started again`, () => {
    let server: SqlServerHandle;
    let cache: SqlCache;
    let url: string;
    const reasons = new Set<string>();

    beforeAll(async () => {
      server = await start();
      url = (await server.createDatabase()).url;
      const observer = { retrying: ({ reason }: { reason: string }) => void reasons.add(reason) };
      const clock = testClock;
      cache = await openSqlCache({ url, schema: 'standalone', clock, observer });
      await cache.ready();
    }, serverStartMs);

    afterAll(async () => {
      await cache.close();
      await server.stop();
    });

    const query = (sql: string) =>
      name === 'postgres' ? queryPostgres(url, sql) : queryMysql(url, sql);

    it(
      'loses nothing and writes nothing twice',
      async () => {
        const accounts = await Promise.all(['one', 'two'].map((a) => feedAccount(cache, a)));
        const stop = { isAsked: false };
        const writers = accounts.map((account) => writeUntil(stop, { cache, account }));

        for (let crash = 0; crash < 3; crash += 1) {
          await cache.getBody('pod', 'anything');
          await server.kill('SIGKILL');
          await server.start();
        }
        stop.isAsked = true;
        const written = await Promise.all(writers);

        expect(reasons.size).toBeGreaterThan(0);
        for (const [index, { units, last }] of written.entries()) {
          const account = accounts[index]!;
          expect(await cache.feeds(account.name)).toMatchObject([
            { resourceVersion: String(units) },
          ]);
          const stored = await query(
            `SELECT id, body FROM cats_v1_pod WHERE agent LIKE '${account.name}/%'`,
          );
          const bodies = new Map(stored.map((row) => [row.id, row.body]));
          expect(stored).toHaveLength(last.size);
          for (const [id, body] of last) expect(bodies.get(id)).toBe(body);
          const table = name === 'postgres' ? 'cats_v1_replicaset_rel' : 'cats_v1_replicaSet_rel';
          const relations = await query(
            `SELECT rel_id FROM ${table} WHERE rel_agent LIKE '%:${account.name}/%'`,
          );
          expect(relations.map((row) => row.rel_id).sort()).toEqual([...last.keys()].sort());
        }
      },
      serverStartMs,
    );

    it('gives a silent server up, and tries again', async () => {
      const retried = Promise.withResolvers<string>();
      const impatient = await openSqlCache({
        url,
        schema: 'standalone',
        clock: testClock,
        silenceTimeoutMs: 300,
        observer: { retrying: ({ reason }) => retried.resolve(reason) },
      });
      await impatient.ready();
      const account = await feedAccount(impatient, 'silent');
      await server.pause();

      const commit = impatient.commit(account.unit({ upserts: [account.pod()] }));
      const reason = await retried.promise;
      await server.resume();

      expect(reason).toBe('connectionTimeout');
      const { inserted, unchanged } = await commit;
      expect(inserted + unchanged).toBe(1);
      await impatient.close();
    });
  });
}

interface Written {
  /** How many units have been committed. */
  readonly units: number;
  /** The bodies that must be there, by id. */
  readonly last: Map<string, string>;
}

/** Each unit changes some pods, deletes one and brings a new one. */
async function writeUntil(
  stop: { readonly isAsked: boolean },
  { cache, account }: { readonly cache: SqlCache; readonly account: FedAccount },
): Promise<Written> {
  const last = new Map<string, string>();
  for (let unit = 1; ; unit += 1) {
    const pods = Array.from({ length: 40 }, (_, index) =>
      account.pod({
        name: `p-${unit + index}`,
        resourceVersion: `${unit}`,
        owners: ['ReplicaSet/web'],
      }),
    );
    const gone = keysOf([account.pod({ name: `p-${unit - 1}` })]);
    const checkpoints = [podCheckpoint({ resourceVersion: String(unit) })];
    await cache.commit(account.unit({ upserts: pods, deletes: gone, checkpoints }));
    last.delete(gone[0]!.id);
    for (const pod of pods) last.set(pod.id, Buffer.from(pod.body).toString());
    if (stop.isAsked) return { units: unit, last };
  }
}

/**
 * Every trouble that passes by itself, on every database that has it: the commit succeeds in the
 * end, its reason is told, and neither a row nor a checkpoint is lost or written twice.
 */
import { isUnavailable } from '@fairlead/testbed';
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount, podCheckpoint, type FedAccount } from './units.ts';
import { serverStartMs, testClock } from './targets.ts';
import { startTroubledMysql } from './mysql-troubles.ts';
import { mayMount } from './small-filesystem.ts';
import { startTroubledPostgres } from './postgres-troubles.ts';
import { startTroubledSqlite } from './sqlite-troubles.ts';
import { contestedRow, type TroubledDatabase } from './troubles.ts';

const sources = [
  { name: 'sqlite', isHere: true, start: startTroubledSqlite, reasons: ['busy', 'diskFull'] },
  {
    name: 'postgres',
    isHere: !isUnavailable('postgres'),
    start: startTroubledPostgres,
    reasons: [
      ...['deadlock', 'lockTimeout', 'serializationFailure', 'queryCancelled'],
      ...['tooManyConnections', 'readOnly', 'serverShutdown', 'diskFull', 'connectionRefused'],
    ],
  },
  {
    name: 'mysql',
    isHere: !isUnavailable('mariadb'),
    start: startTroubledMysql,
    reasons: [
      ...['deadlock', 'lockTimeout', 'serializationFailure', 'queryCancelled'],
      ...['tooManyConnections', 'readOnly', 'connectionLost', 'diskFull', 'connectionRefused'],
    ],
  },
] as const;

for (const { name, isHere, start, reasons } of sources) {
  (isHere ? describe : describe.skip)(`${name} in trouble`, () => {
    let database: TroubledDatabase;
    let cache: SqlCache;
    let account: FedAccount;
    let told: (reason: string) => void = () => undefined;
    let version = 1;

    beforeAll(async () => {
      database = await start();
      cache = await openSqlCache({
        url: database.url,
        schema: 'standalone',
        clock: testClock,
        // MySQL counts whole seconds; in one of them a rival may come too late.
        lockTimeoutMs: 2000,
        observer: { retrying: ({ reason }) => told(reason) },
      });
      await cache.ready();
      account = await feedAccount(cache, 'prod');
      await cache.commit(account.unit({ upserts: pods(account, version) }));
    }, serverStartMs);

    afterAll(async () => {
      await cache.close();
      await database[Symbol.asyncDispose]();
    });

    // Seen as skipped where this process may not mount a small disk.
    const isHad = (reason: string) => reason !== 'diskFull' || mayMount;
    for (const reason of reasons.filter((each) => !isHad(each))) {
      it.skip(`commits all of a unit, once, after: ${reason}`, () => undefined);
    }

    it.each(reasons.filter(isHad))(
      'commits all of a unit, once, after: %s',
      async (reason) => {
        const trouble = database.troubles.find((each) => each.reason === reason)!;
        version += 1;
        const upserts = pods(account, version, trouble.rowBytes);
        const checkpoints = [podCheckpoint({ resourceVersion: String(version) })];
        const met = new Set<string>();
        const metIt = Promise.withResolvers<undefined>();
        told = (each) => {
          met.add(each);
          if (each === reason) metIt.resolve(undefined);
        };

        const ongoing = await trouble.begin();
        const commit = cache.commit(account.unit({ upserts, checkpoints }));
        await Promise.race([ongoing.during?.(), commit]);
        await Promise.race([metIt.promise, commit]);
        await ongoing.end();
        const result = await commit;

        expect(met).toContain(reason);
        expect(result.retries).toBeGreaterThan(0);
        expect(result.inserted + result.updated + result.unchanged).toBe(upserts.length);
        expect(await cache.feeds('prod')).toMatchObject([{ resourceVersion: String(version) }]);
        const stored = await database.query('SELECT id, body FROM cats_v1_pod ORDER BY id');
        expect(stored.map(({ id }) => id)).toEqual(upserts.map(({ id }) => id).sort());
        const bodies = new Map(stored.map((row) => [row.id, row.body]));
        for (const pod of upserts)
          expect(bodies.get(pod.id)).toBe(Buffer.from(pod.body).toString());
      },
      serverStartMs,
    );
  });
}

/** Pods with so much in them that a full disk has no room for their next version. */
function pods(account: FedAccount, version: number, rowBytes = 20_000) {
  return Array.from({ length: 60 }, (_, at) =>
    account.pod({
      name: at === 30 ? contestedRow : `p-${at}`,
      resourceVersion: String(version),
      annotations: { filling: randomText(version * 1000 + at, rowBytes) },
    }),
  );
}

/** Of a random number in base 36, on average. */
const wordChars = 5.9;

/** Does not compress well. */
function randomText(seed: number, chars: number): string {
  let state = seed + 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647).toString(36);
  const words = Array.from({ length: chars / wordChars }, next);
  return words.join('');
}

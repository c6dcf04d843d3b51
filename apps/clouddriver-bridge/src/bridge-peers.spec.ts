import { describe, expect, it } from '@jest/globals';
import { type SqlCache } from '@fairlead/sql-cache';
import { FakeClock, settled } from '../tests/fake-clock.ts';
import { BridgePeers, keepLooking } from './bridge-peers.ts';

/** The bridges in a database, and the accounts that one of them has left behind. */
class MemoryBridges {
  readonly beats = new Map<string, number>();
  readonly holders: string[] = [];
  isAway = false;

  readonly cache = {
    accounts: {
      heads: () => Promise.resolve(this.holders.map((bridgeId) => ({ bridgeId }))),
    },
    bridges: {
      beat: (bridgeId: string) => {
        if (this.isAway) return Promise.reject(new Error('away'));
        this.beats.set(bridgeId, (this.beats.get(bridgeId) ?? 0) + 1);
        return Promise.resolve();
      },
      list: () => {
        const times = { startedAtMs: 1, beatAtMs: 2 };
        const beats = [...this.beats].sort(([a], [b]) => (a < b ? -1 : 1));
        return Promise.resolve(beats.map(([bridgeId, beat]) => ({ bridgeId, beat, ...times })));
      },
      forget: (bridgeIds: readonly string[]) => {
        if (this.isAway) return Promise.reject(new Error('away'));
        for (const bridgeId of bridgeIds) this.beats.delete(bridgeId);
        return Promise.resolve();
      },
    },
  } as unknown as Pick<SqlCache, 'bridges' | 'accounts'>;
}

function setUp() {
  const database = new MemoryBridges();
  const peers = new BridgePeers({ cache: database.cache, bridgeId: 'self' });
  return { database, peers };
}

async function lookTimes(peers: BridgePeers, times: number): Promise<void> {
  for (let look = 0; look < times; look += 1) await peers.look();
}

describe(BridgePeers, () => {
  it('never takes this bridge for another', async () => {
    const { peers } = setUp();
    await peers.start();

    expect(peers.isLivingOther('self')).toBe(false);
  });

  it('knows from the start that a bridge with accounts has left in order', async () => {
    const { peers, database } = setUp();
    database.holders.push('stopped', 'killed');
    database.beats.set('killed', 4);

    await peers.start();

    expect(['stopped', 'killed'].map((name) => peers.isLivingOther(name))).toEqual([false, true]);
  });

  it('finds out that a bridge was killed, and forgets it after ten minutes of looks', async () => {
    const { peers, database } = setUp();
    database.beats.set('killed', 4);
    await lookTimes(peers, 6);

    expect(peers.isLivingOther('killed')).toBe(false);
    expect(await peers.list()).toMatchObject([
      { bridgeId: 'killed', isSelf: false, isAlive: false },
      { bridgeId: 'self', isSelf: true, isAlive: true },
    ]);
    await lookTimes(peers, 300);

    expect([...database.beats.keys()]).toEqual(['self']);
  });

  it('counts those that live and those that fell silent', async () => {
    const { peers, database } = setUp();
    database.beats.set('killed', 4);
    await peers.look();
    expect(peers.counts()).toEqual({ alive: 2, silent: 0 });

    await lookTimes(peers, 5);

    expect(peers.counts()).toEqual({ alive: 1, silent: 1 });
  });

  it('leaves, and does not mind if the database is away then', async () => {
    const { peers, database } = setUp();
    await peers.start();
    await peers.leave();
    expect(database.beats.size).toBe(0);

    database.isAway = true;

    await expect(peers.leave()).resolves.toBeUndefined();
  });
});

describe(keepLooking, () => {
  it('looks every two seconds, goes on after a failure, and ends with the signal', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const told: string[] = [];
    let failures = 1;
    const looking = keepLooking({
      clock,
      signal: stop.signal,
      peers: {
        look: () => {
          told.push('peers');
          return failures-- > 0 ? Promise.reject(new Error('refused')) : Promise.resolve();
        },
      },
      registry: {
        look: () => {
          told.push('registry');
          return Promise.resolve();
        },
      },
      failed: (error) => told.push(String(error)),
    });
    await settled();

    await clock.advance(2000);
    await clock.advance(2000);
    expect(told).toEqual(['peers', 'Error: refused', 'peers', 'registry']);
    stop.abort();
    await looking;
  });
});

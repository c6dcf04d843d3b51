import { describe, expect, it } from '@jest/globals';
import { AccountRegistry, type Clock, type RegistryListener } from './account-registry.ts';
import { type AccountFacts, type AccountOffer, type StoredFacts } from './account-state.ts';
import { type RegistryStore } from './registry-store.ts';

const gracePeriodMs = 600_000;

class FakeClock implements Clock {
  ms = 1_000_000;
  #sleeping: { at: number; wake: () => void }[] = [];

  nowMs(): number {
    return this.ms;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        reject(new Error('aborted'));
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
      this.#sleeping.push({ at: this.ms + ms, wake: resolve });
    });
  }

  async advance(ms: number): Promise<void> {
    this.ms += ms;
    const due = this.#sleeping.filter((each) => each.at <= this.ms);
    this.#sleeping = this.#sleeping.filter((each) => each.at > this.ms);
    for (const each of due) each.wake();
    await settled();
  }
}

/** Lets every promise that is ready run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const free = { bridgeId: 'bridge-2', heldBy: 'nobody', begun: 'nothing' } as const;

class MemoryStore implements RegistryStore {
  readonly accounts = new Map<string, StoredFacts>();
  readonly calls: string[] = [];
  failures = 0;
  lastCommitted = 0;

  heads() {
    return Promise.resolve([...this.accounts].map(([name, facts]) => ({ name, ...facts })));
  }
  get(name: string): Promise<StoredFacts | undefined> {
    return this.#do(`get ${name}`, () => this.accounts.get(name));
  }
  takeOver(request: Parameters<RegistryStore['takeOver']>[0]) {
    return this.#do(`takeOver ${request.name}`, () => {
      const current = this.accounts.get(request.name);
      if ((current?.epoch ?? 0) !== request.expectedEpoch)
        return { kind: 'lost', current } as const;
      const { name, facts } = request;
      const epoch = request.expectedEpoch + 1;
      this.accounts.set(name, { ...free, ...facts, epoch });
      return { kind: 'taken', epoch } as const;
    });
  }
  recordDisconnected(request: { name: string }) {
    return this.#do(`recordDisconnected ${request.name}`, () => undefined);
  }
  removeAccount({ name, epoch }: { name: string; epoch: number }) {
    return this.#do(`removeAccount ${name}`, () => {
      if (this.accounts.get(name)?.epoch !== epoch) return 'lost' as const;
      this.accounts.delete(name);
      return 'removed' as const;
    });
  }
  moveAccount({ name, epoch, to }: { name: string; epoch: number; to: AccountFacts }) {
    return this.#do(`moveAccount ${name}`, () => {
      if (this.accounts.get(name)?.epoch !== epoch) return { kind: 'lost' } as const;
      this.accounts.set(name, { ...free, ...to, epoch: epoch + 1 });
      return { kind: 'moved', epoch: epoch + 1 } as const;
    });
  }
  lastCommittedAtMs() {
    return Promise.resolve(this.lastCommitted);
  }
  async #do<T>(call: string, act: () => T): Promise<T> {
    this.calls.push(call);
    await Promise.resolve();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is away');
    }
    return act();
  }
}

function anOffer(linkId: string, agentId = linkId, uid = 'uid-1'): AccountOffer {
  const cluster = { server: 'https://a', certificateFingerprint: '', version: '', uid };
  const instanceId = `${agentId}-process`;
  return { linkId, agentId, instanceId, cluster, kinds: [], properties: {} };
}

function setUp() {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const told: string[] = [];
  const moves: string[] = [];
  const listener: RegistryListener = {
    accepted: (name, offer, epoch) => told.push(`accepted ${name} ${offer.linkId} ${epoch}`),
    standby: (name, offer) => told.push(`standby ${name} ${offer.linkId}`),
    rejected: (name, offer) => told.push(`rejected ${name} ${offer.linkId}`),
    revoked: (name, offer, { epoch }) => told.push(`revoked ${name} ${offer.linkId} ${epoch}`),
    moved: (name, from, to) => moves.push(`${name}: ${from} -> ${to}`),
    storeFailed: (name, _error, retryInMs) => told.push(`store failed ${name} ${retryInMs}`),
  };
  const registry = new AccountRegistry({ store, clock, listener }, { gracePeriodMs });
  return { clock, store, told, moves, listener, registry };
}

describe(AccountRegistry, () => {
  it('answers an offer after the store has raised the epoch', async () => {
    const { registry, told, store } = setUp();

    registry.offer('prod', anOffer('link-1'));
    expect(told).toEqual([]);
    await settled();

    expect(told).toEqual(['accepted prod link-1 1']);
    expect(store.accounts.get('prod')?.epoch).toBe(1);
    expect(registry.view('prod')).toMatchObject({ state: 'feeding', linkId: 'link-1', epoch: 1 });
  });

  it('asks again until the database is back', async () => {
    const { registry, told, store, clock } = setUp();
    store.failures = 2;

    registry.offer('prod', anOffer('link-1'));
    await settled();
    await clock.advance(250);
    await clock.advance(500);

    expect(told).toEqual([
      'store failed prod 250',
      'store failed prod 500',
      'accepted prod link-1 1',
    ]);
  });

  it('gives all accounts of a lost link to those who stand by', async () => {
    const { registry, told } = setUp();
    for (const link of ['link-1', 'link-2']) {
      registry.offer('a', anOffer(link));
      registry.offer('b', anOffer(link));
    }
    await settled();

    registry.linkLost('link-1', 'cut');
    await settled();

    expect(told.slice(-4)).toEqual([
      'revoked a link-1 1',
      'revoked b link-1 1',
      'accepted a link-2 2',
      'accepted b link-2 2',
    ]);
  });

  it('removes an account whose grace period is over', async () => {
    const { registry, store, clock, moves } = setUp();
    registry.offer('prod', anOffer('link-1'));
    await settled();
    registry.withdraw('prod', 'link-1', 'withdrawn by its agent');
    expect(registry.view('prod')).toMatchObject({
      state: 'disconnected',
      reason: 'withdrawn by its agent',
    });

    await settled();
    await clock.advance(gracePeriodMs - 1);
    expect(store.accounts.size).toBe(1);
    await clock.advance(1);

    expect(store.accounts.size).toBe(0);
    expect(registry.views()).toEqual([]);
    expect(moves.at(-1)).toBe('prod: removing -> unclaimed');
  });

  it('writes nothing when it loads what an earlier bridge has left', async () => {
    const { registry, store, told } = setUp();
    store.accounts.set('prod', { ...free, ...anOffer('x'), epoch: 4 });

    await registry.load();
    await settled();

    expect(store.calls).toEqual(['get prod']);
    expect(told).toEqual([]);
    expect(registry.view('prod')).toMatchObject({ state: 'disconnected', epoch: 4 });
  });

  it('leaves an account alone that another bridge feeds, until that one gives it up', async () => {
    const { registry, store, clock, told } = setUp();
    const held = { ...free, ...anOffer('x', 'agent-x'), epoch: 4 };
    store.accounts.set('prod', { ...held, heldBy: 'another' });
    await registry.load();
    registry.offer('prod', anOffer('link-1'));
    await clock.advance(2 * gracePeriodMs);
    await registry.look();
    await settled();
    expect(told).toEqual(['standby prod link-1']);

    store.accounts.set('prod', held);
    await registry.look();
    await settled();

    expect(told.at(-1)).toBe('accepted prod link-1 5');
  });

  it('notices by looking that another bridge has taken over', async () => {
    const { registry, store, told } = setUp();
    registry.offer('prod', anOffer('link-1'));
    await settled();

    const taken = { ...anOffer('x', 'agent-x'), heldBy: 'another', epoch: 2 } as const;
    store.accounts.set('prod', { ...free, ...taken });
    await registry.look();
    await settled();

    expect(told.slice(1)).toEqual(['revoked prod link-1 1', 'standby prod link-1']);
    expect(registry.view('prod')).toMatchObject({ state: 'elsewhere', bridgeId: 'bridge-2' });
  });

  it('begins the grace period anew when somebody has committed in it after all', async () => {
    const { registry, store, clock } = setUp();
    store.accounts.set('prod', { ...free, ...anOffer('x'), epoch: 4 });
    await registry.load();
    await settled();

    store.lastCommitted = 7;
    await clock.advance(gracePeriodMs);
    expect(store.accounts.size).toBe(1);
    await clock.advance(gracePeriodMs);

    expect(store.accounts.size).toBe(0);
  });

  it('measures the grace period by its timer, whatever the clock is set to', async () => {
    const { registry, store, clock } = setUp();
    registry.offer('prod', anOffer('link-1'));
    await settled();
    registry.withdraw('prod', 'link-1', 'withdrawn');
    await settled();

    clock.ms -= 1000 * gracePeriodMs;
    await registry.look();
    clock.ms += 1000 * gracePeriodMs;
    await clock.advance(gracePeriodMs);

    expect(store.accounts.size).toBe(0);
  });

  it('gives a name to the cluster that was rejected', async () => {
    const { registry, store, told } = setUp();
    registry.offer('prod', anOffer('link-1'));
    registry.offer('prod', anOffer('link-2', 'agent-2', 'uid-2'));
    await settled();

    expect(registry.move('prod', undefined)).toMatchObject({
      ...{ kind: 'chosen', from: { cluster: { uid: 'uid-1' } }, to: { cluster: { uid: 'uid-2' } } },
    });
    await settled();

    expect(store.accounts.get('prod')).toMatchObject({ cluster: { uid: 'uid-2' }, epoch: 3 });
    expect(told.slice(2)).toEqual([
      ...['revoked prod link-1 1', 'accepted prod link-2 3', 'rejected prod link-1'],
    ]);
  });

  it.each([
    ['nobody knows the name', 'unheard-of', undefined, 'unknown'],
    ['no other cluster is offered', 'prod', undefined, 'noOffer'],
    ['it is that cluster already', 'prod', 'uid-1', 'sameCluster'],
    ['the database is being asked', 'asking', 'uid-2', 'busy'],
    ['several clusters are offered', 'wanted', undefined, 'ambiguous'],
  ])('moves no name when %s', async (_when, name, uid, why) => {
    const { registry } = setUp();
    registry.offer('prod', anOffer('link-1'));
    for (const number of [1, 2, 3]) {
      registry.offer('wanted', anOffer(`link-${number}`, `agent-${number}`, `uid-${number}`));
    }
    await settled();
    registry.offer('asking', anOffer('link-1'));

    expect(registry.move(name, uid)).toEqual({ kind: 'refused', why });
  });

  it('takes what a listener says while it is being told as the next thing that happens', async () => {
    const { registry, told, listener } = setUp();
    listener.accepted = (name, offer, epoch) => {
      told.push(`accepted ${name} ${epoch}`);
      registry.linkLost(offer.linkId, 'gone while it was told');
      told.push('told');
    };

    registry.offer('prod', anOffer('link-1'));
    await settled();

    expect(told).toEqual(['accepted prod 1', 'told', 'revoked prod link-1 1']);
  });

  it('stops asking when it is closed', async () => {
    const { registry, store, told } = setUp();
    store.failures = 1000;
    registry.offer('prod', anOffer('link-1'));
    await settled();

    await registry.close();
    const { length } = store.calls;
    registry.offer('other', anOffer('link-1'));
    await settled();

    expect(store.calls).toHaveLength(length);
    expect(told).toEqual(['store failed prod 250']);
  });
});

// Whatever order things come in (answers to writes, reads, a watch that is behind, lists that are
// behind, lost links, restarts): in the end SQL is what the cluster holds, and on the way no row ever
// becomes an older version of its object, nor comes back after the object was known to be gone.
// WALKS says how many walks.
import { setImmediate } from 'node:timers/promises';
import {
  hashObjectVersion,
  VersionSet,
  type DeltaRecord,
  type KnownObjects,
} from '@fairlead/protocol';
import { type StoredFeed } from '@fairlead/sql-cache';
import fc from 'fast-check';
import { type OpenedFeed } from '../src/account-feeds.ts';
import { AccountWriter } from '../src/account-writer.ts';
import { type AheadFate, type AheadObject } from '../src/ahead-object.ts';
import { offerKnownRows } from '../src/offer-known-rows.ts';
import { Permits } from '../src/permits.ts';
import { aBatch, aFeed, aMark, aPod } from './deltas.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCache } from './memory-cache.ts';

const walks = Number(process.env.WALKS ?? 1000);

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...(['apply', 'apply', 'apply', 'delete', 'deliver', 'deliver', 'deliver'] as const),
      ...(['answer', 'answer', 'read', 'read', 'tell', 'tell', 'tell', 'tell'] as const),
      ...(['expire', 'expire', 'expireLagging', 'restart', 'restartAndList', 'bookmark'] as const),
      ...(['holdCommits', 'letCommit', 'turn', 'turn'] as const),
    ),
    name: fc.nat(2),
    pick: fc.nat(7),
  }),
  { minLength: 30, maxLength: 120 },
);

const pods = { group: '', resource: 'pods', namespace: 'default' };

class World {
  readonly cache = new MemoryCache();
  readonly failures: unknown[] = [];
  readonly fates: AheadFate[] = [];
  /** Every change that there ever was, in order. */
  readonly #history: DeltaRecord[] = [];
  /** What was found, and nobody has told yet. */
  readonly #found: { readonly ahead: AheadObject; readonly writer: AccountWriter }[] = [];
  readonly #onTheWay: DeltaRecord[][] = [];
  readonly #permits = new Permits(1);
  readonly #clock = new FakeClock();
  /** Newest version that was seen of each row, or of its absence after a deletion. */
  readonly #newest = new Map<string, number>();
  /** Newest version of each name that a row had. */
  readonly #present = new Map<string, number>();
  #uids = 0;
  #writer!: AccountWriter;
  #feed!: OpenedFeed;
  #batchSeq = 0;
  /** The newest version that any feed or list has told of: no list is older. */
  #told = 0;
  /** What the newest list held, or more. */
  #listed = 0;
  /** Where the agent's list is that waits for what the bridge knows. */
  #listing: number | undefined;

  constructor() {
    this.#connect('resume');
  }

  async step({ what, name: index, pick }: { what: string; name: number; pick: number }) {
    const name = `n${index}`;
    switch (what) {
      case 'apply':
      case 'delete':
        this.#change(what, name);
        break;
      case 'answer':
      case 'read':
        this.#find(what, name);
        break;
      case 'tell':
        this.#tell(pick);
        break;
      case 'deliver':
        this.#deliver();
        break;
      case 'bookmark':
        if (this.#listing === undefined) this.#send([aMark('checkpoint', String(this.#version))]);
        break;
      case 'expire':
        this.#list('initOver', this.#history.length);
        break;
      case 'expireLagging':
        this.#list('initOver', this.#history.length - pick);
        break;
      case 'restart':
        this.#connect('resume');
        break;
      case 'restartAndList':
        this.#connect('list');
        break;
      case 'holdCommits':
        this.cache.hold();
        break;
      case 'letCommit':
        this.cache.letGo();
        break;
    }
    await setImmediate();
    this.#checkTheWay();
  }

  async settle(): Promise<void> {
    this.cache.letGo();
    for (let quiet = 0; quiet < 20; quiet += 1) {
      if (this.#onTheWay.length + this.#found.length > 0) quiet = 0;
      this.#tell(0);
      this.#deliver();
      await setImmediate();
      this.#checkTheWay();
    }
    await this.#writer.idle();
  }

  /** The rows and their versions. */
  rows(): readonly string[] {
    return [...this.cache.rows.keys()].map((id) => `${id} ${this.#versionIn(id)}`).sort();
  }

  /** The cluster's objects and their versions. */
  objects(): readonly string[] {
    return [...this.#stateAt(this.#history.length).values()]
      .map((object) => `${this.#idOf(object.name)} ${object.resourceVersion}`)
      .sort();
  }

  get #version(): number {
    return Number(this.#history.at(-1)?.resourceVersion ?? 100);
  }

  #idOf(name: string): string {
    return this.#feed.intake.rowKey({ namespace: 'default', name }).id;
  }

  #change(what: 'apply' | 'delete', name: string): void {
    const before = this.#stateAt(this.#history.length).get(name);
    if (what === 'delete' && before === undefined) return;
    if (before === undefined) this.#uids += 1;
    const uid = before?.uid ?? `uid-${this.#uids}`;
    const delta = aPod(what === 'apply' ? 'applied' : 'deleted', name, { uid });
    this.#history.push(delta);
    if (this.#listing === undefined) this.#send([delta]);
  }

  /** What the cluster held after so many changes. */
  #stateAt(changes: number): ReadonlyMap<string, DeltaRecord> {
    const state = new Map<string, DeltaRecord>();
    for (const delta of this.#history.slice(0, changes)) {
      if (delta.type === 'applied') state.set(delta.name, delta);
      else state.delete(delta.name);
    }
    return state;
  }

  /** An answer holds the object in its own version, a read also says that there is none. */
  #find(what: 'answer' | 'read', name: string): void {
    const object = this.#stateAt(this.#history.length).get(name);
    const writer = this.#writer;
    if (object !== undefined) {
      const { uid, resourceVersion } = object;
      const ahead = { ...pods, name, uid, resourceVersion, object: object.object };
      this.#found.push({ ahead, writer });
    } else if (what === 'read') {
      const resourceVersion = String(this.#version);
      this.#found.push({
        ahead: { ...pods, name, uid: '', resourceVersion, object: undefined },
        writer,
      });
    }
  }

  #tell(pick: number): void {
    const [found] = this.#found.splice(pick % Math.max(1, this.#found.length), 1);
    if (found === undefined) return;
    void found.writer.writeAhead(found.ahead).then((fate) => {
      this.fates.push(fate);
      this.#sawSettled(found.ahead, fate);
    });
  }

  /** What is in the database holds for the version that it was true of. */
  #sawSettled({ name, resourceVersion }: AheadObject, fate: AheadFate): void {
    if (fate !== 'committed' && fate !== 'passed') return;
    const id = this.#idOf(name);
    this.#newest.set(id, Math.max(this.#newest.get(id) ?? 0, Number(resourceVersion)));
  }

  #send(records: DeltaRecord[]): void {
    if (records.length > 0) this.#onTheWay.push(records);
  }

  #deliver(): void {
    const records = this.#onTheWay.shift();
    if (records === undefined) return;
    for (const { resourceVersion } of records)
      this.#told = Math.max(this.#told, Number(resourceVersion));
    this.#batchSeq += 1;
    this.#writer.enqueue(aBatch(records, { batchSeq: this.#batchSeq }));
  }

  /** Takes a snapshot of what there was after so many changes, which nothing told so far is newer than. */
  #list(type: 'init' | 'initOver', changes: number): void {
    if (this.#listing !== undefined) return;
    const least = this.#history.filter((delta) => Number(delta.resourceVersion) <= this.#told);
    this.#listing = Math.min(this.#history.length, Math.max(least.length, changes));
    // What the broken watch had not brought comes with the list.
    this.#onTheWay.length = 0;
    this.#send([aMark(type)]);
    if (type === 'init') this.#sendSnapshot(new VersionSet(new Uint8Array(0)));
  }

  #heardKnown({ versions }: KnownObjects): void {
    if (this.#listing !== undefined) this.#sendSnapshot(new VersionSet(versions));
  }

  #sendSnapshot(known: VersionSet): void {
    const changes = this.#listing ?? 0;
    this.#listing = undefined;
    const objects = [...this.#stateAt(changes).values()];
    const sent = objects.filter((object) => !known.meet(hashObjectVersion(object)));
    for (const object of sent) this.#send([{ ...object, type: 'initApplied' }]);
    const kept = { ...aMark('keptObjects'), object: known.met() };
    const end = aMark('initDone', this.#history[changes - 1]?.resourceVersion ?? '100');
    this.#listed = Number(end.resourceVersion);
    this.#send(known.metCount > 0 ? [kept, end] : [end]);
    for (const delta of this.#history.slice(changes)) this.#send([delta]);
  }

  /** A new link, perhaps to a bridge that knows only what is stored. */
  #connect(how: 'resume' | 'list'): void {
    (this.#writer as AccountWriter | undefined)?.stop();
    const checkpoint = this.cache.checkpoints.get('pods/');
    const nothing = { updatedAtMs: 0, policy: '', ahead: '' };
    const stored: StoredFeed[] = checkpoint === undefined ? [] : [{ ...nothing, ...checkpoint }];
    this.#onTheWay.length = 0;
    this.#listing = undefined;
    this.#batchSeq = 0;
    this.#writer = this.#newWriter(stored);
    this.#feed = this.#writer.openFeed(aFeed(1));
    const from = Number(checkpoint?.resourceVersion ?? '');
    if (from === 0) this.#list('init', this.#history.length);
    // What led to a list that was broken off leads to it again.
    else if (how === 'list' || from < this.#listed) this.#list('initOver', 0);
    else {
      const since = this.#history.filter(({ resourceVersion }) => Number(resourceVersion) > from);
      for (const delta of since) this.#send([delta]);
    }
  }

  #newWriter(stored: readonly StoredFeed[]): AccountWriter {
    const ignore = (): undefined => undefined;
    return new AccountWriter(
      {
        cache: this.cache,
        clock: this.#clock,
        permits: this.#permits,
        outlet: {
          ...{ acknowledged: ignore, settled: ignore, committed: ignore, putAside: ignore },
          ...{ databaseRefuses: ignore, fenced: ignore, commitsLost: ignore },
          failed: (error) => void this.failures.push(error),
          asked: ({ intake }, snapshot) => void this.#offer(intake, snapshot),
        },
      },
      { account: 'prod', epoch: 1, context: { account: 'prod' }, stored, deadLetters: [] },
    );
  }

  async #offer(intake: OpenedFeed['intake'], snapshot: number): Promise<void> {
    const writer = this.#writer;
    await offerKnownRows(
      {
        ...{ intake, snapshot, epoch: 1 },
        send: (message) => {
          if (message.$case === 'knownObjects' && writer === this.#writer)
            this.#heardKnown(message.value);
        },
      },
      { cache: this.cache, permits: this.#permits },
    );
  }

  #versionIn(id: string): number {
    const body = this.cache.bodies.get(id)?.toString() ?? '';
    return Number(/"resourceVersion":"(\d+)"/.exec(body)?.[1] ?? 0);
  }

  #checkTheWay(): void {
    expect(this.failures).toEqual([]);
    for (const [name, version] of this.#present) {
      const id = this.#idOf(name);
      const isDeleted = this.#history.some(
        (delta) =>
          delta.type === 'deleted' &&
          delta.name === name &&
          Number(delta.resourceVersion) > version,
      );
      expect(this.cache.rows.has(id) || isDeleted).toBe(true);
    }
    for (const id of this.cache.rows.keys()) {
      this.#present.set(id.split(':').at(-1) ?? '', this.#versionIn(id));
      const version = this.#versionIn(id);
      expect(version).toBeGreaterThanOrEqual(this.#newest.get(id) ?? 0);
      this.#newest.set(id, version);
    }
  }
}

describe('a walk through writes, reads, a watch that is behind, lists and restarts', () => {
  it(`ends with what the cluster holds, ${walks} times`, async () => {
    const fates = new Set<string>();
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const world = new World();
        for (const each of taken) await world.step(each);

        await world.settle();

        expect(world.rows()).toEqual(world.objects());
        for (const fate of world.fates) fates.add(fate);
      }),
      { numRuns: walks, seed: 41 },
    );
    // Else nothing was ever ahead of anything.
    expect([...fates].sort()).toEqual(expect.arrayContaining(['committed', 'later', 'passed']));
  }, 240_000);
});

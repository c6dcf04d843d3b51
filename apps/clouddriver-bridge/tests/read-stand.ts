/**
 * An account whose rows are in memory, written through a journal as a writer writes them, and read
 * from the cache.
 */
import { infrastructureKey, projectObject, type Projection } from '@fairlead/clouddriver-model';
import { type ApiHandler, type ApiRequest, type ApiResponse } from '@fairlead/api-tunnel';
import { type ListIdsQuery, type RowsById, type StoredBody } from '@fairlead/sql-cache';
import { AccountJournal, type CommittedRows } from '../src/gateway/account-journal.ts';
import { CachedReads, type AccountStanding } from '../src/gateway/cached-reads.ts';
import { JournalBudget } from '../src/gateway/journal-budget.ts';
import { type ServedFeed } from '../src/gateway/served-feeds.ts';
import { type DeletedRow } from '../src/unit-builder.ts';
import { FakeClock } from './fake-clock.ts';
import { aRequest } from './gateway-requests.ts';

export const account = 'prod';
const agent = `${account}/KubernetesCoreCachingAgent[1/1]`;

/** A pod as the API server writes it. */
export function aPodObject(
  name: string,
  version: number,
  parts: { namespace?: string; labels?: object; uid?: string; node?: string } = {},
): Uint8Array {
  const { namespace = 'a', labels = { app: 'web' }, uid = `uid-${name}`, node = 'n1' } = parts;
  const metadata = { name, namespace, uid, resourceVersion: String(version), labels };
  const spec = { nodeName: node };
  return Buffer.from(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
}

/** What a unit changes, in few words. */
export interface StandUnit {
  readonly put?: readonly Uint8Array[];
  /** Names and the version in which they went; namespace `a` unless `ns/name`. */
  readonly gone?: readonly (readonly [string, number?])[];
  /** By namespace of the feed. */
  readonly checkpoint?: number | Readonly<Record<string, number>>;
}

export class ReadStand {
  readonly clock = new FakeClock();
  readonly rows = new Map<string, Buffer>();
  readonly followed: CommittedRows[] = [];
  readonly observed: { readonly verb: string; readonly status: number }[] = [];
  readonly feeds: ServedFeed[] = [];
  readonly live: ApiRequest[] = [];
  readonly failures: string[] = [];
  readonly journal: AccountJournal;
  readonly reads: CachedReads;
  readonly budget: JournalBudget;
  definitionsChanged = 0;
  /** Reads of bodies before a unit, by type. */
  lookedUp: string[] = [];
  isFollowing = false;
  isFed = true;
  standing: AccountStanding | undefined = { served: 'here', epoch: 7 };
  elsewhere: ApiHandler | undefined;
  /** Fails the next question to the database. */
  failure: Error | undefined;
  #ids = 0;

  constructor(limits = { totalBytes: 1e9, perKindBytes: 1e8 }) {
    this.budget = new JournalBudget(limits);
    const cache = {
      bodiesOf: (query: RowsById) => this.#bodiesOf(query),
      listObjectIds: (query: ListIdsQuery) => this.#listIds(query),
      feeds: () => Promise.resolve(this.feeds.map((feed) => ({ ...feed, ...notOfUse }))),
    };
    this.journal = new AccountJournal({
      ...{ account, budget: this.budget, clock: this.clock },
      cache: {
        bodiesOf: (query) => {
          this.lookedUp.push(query.type);
          return cache.bodiesOf(query);
        },
      },
      newId: () => `journal-${(this.#ids += 1)}`,
      feedsOf: (type) => this.feeds.filter((feed) => feed.type === type),
      definitionsChanged: () => (this.definitionsChanged += 1),
      failed: (type) => this.failures.push(type),
      follower: this.#follower(),
    });
    this.reads = new CachedReads({
      ...{ cache, clock: this.clock, random: { next: () => 0 } },
      fed: () => (this.isFed ? { journal: this.journal, feeds: () => this.feeds } : undefined),
      standing: () => this.standing,
      elsewhere: () => this.elsewhere,
      observed: (read) => this.observed.push(read),
    });
    this.setFeed({ '': 100 });
  }

  /** The pods' feeds, by namespace. */
  setFeed(versions: Readonly<Record<string, number | ''>>): void {
    this.feeds.splice(0, this.feeds.length);
    for (const [namespace, version] of Object.entries(versions)) {
      this.feeds.push({
        ...{ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true },
        ...{ namespace, type: 'pod', resourceVersion: String(version), asOfMs: 1_700_000_000_000 },
      });
    }
  }

  /** Commits a unit as a writer does. */
  async commit(unit: StandUnit): Promise<void> {
    const { end } = await this.beginCommit(unit);
    end();
  }

  /** Commits, but does not tell yet. */
  async beginCommit({ put = [], gone = [], checkpoint = {} }: StandUnit): Promise<{
    end: (how?: 'committed' | 'failed') => void;
  }> {
    const upserts: Projection[] = put.map((object) => projectObject(object, { account }));
    const deletes = gone.map(([name, version]) => deletedPod(name, version));
    const places = typeof checkpoint === 'number' ? { '': checkpoint } : checkpoint;
    const checkpoints = Object.entries(places).map(([namespace, version]) => ({
      ...{ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true, type: 'pod' },
      ...{ namespace, resourceVersion: String(version), asOfMs: 1_700_000_000_000 },
    }));
    const note = await this.journal.begin({ upserts, deletes, checkpoints, retired: [] });
    for (const { id, body } of upserts) this.rows.set(id, Buffer.from(body));
    for (const { id } of deletes) this.rows.delete(id);
    return {
      end: (how = 'committed') => {
        for (const { namespace, resourceVersion } of checkpoints) {
          const at = this.feeds.findIndex((feed) => feed.namespace === namespace);
          const feed = this.feeds[at];
          if (feed !== undefined) this.feeds[at] = { ...feed, resourceVersion };
        }
        if (how === 'committed') note.committed();
        note.ended();
      },
    };
  }

  /** Asks the layer; what it does not answer goes to `live`. */
  ask(target: string, parts?: Partial<ApiRequest>): Promise<ApiResponse> {
    const handler = this.reads.handler(account, (request) => {
      this.live.push(request);
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('live') });
    });
    return handler(aRequest(target, parts));
  }

  #follower() {
    const isFollowing = (): boolean => this.isFollowing;
    return {
      get isFollowing() {
        return isFollowing();
      },
      committed: (rows: CommittedRows) => void this.followed.push(rows),
    };
  }

  #fail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  async #bodiesOf({ type, agent: of, ids }: RowsById): Promise<StoredBody[]> {
    await Promise.resolve();
    this.#fail();
    if (of !== agent) return [];
    return ids.flatMap((id) => {
      const body = this.rows.get(id);
      return body === undefined || !id.includes(`:${type}:`) ? [] : [{ id, body }];
    });
  }

  async #listIds({ type, namespace, afterId, limit }: ListIdsQuery): Promise<string[]> {
    await Promise.resolve();
    this.#fail();
    return [...this.rows.keys()]
      .filter((id) => id.split(':')[2] === type && id > afterId)
      .filter((id) => namespace === undefined || id.split(':')[4] === namespace)
      .sort()
      .slice(0, limit);
  }
}

const notOfUse = { policy: '', ahead: '', updatedAtMs: 0 };

function deletedPod(name: string, version: number | undefined): DeletedRow {
  const [namespace = '', rest] = name.includes('/') ? name.split('/') : ['a', name];
  const id = infrastructureKey({ kind: 'pod', account, namespace, name: rest ?? '' });
  const at = version === undefined ? {} : { resourceVersion: String(version) };
  return { type: 'pod', id, agent, ...at };
}

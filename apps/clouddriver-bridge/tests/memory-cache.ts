/** The part of a SQL cache that a writer uses, in memory, with troubles on demand. */
import {
  SqlCacheError,
  type CommitResult,
  type CommitUnit,
  type DeadLetter,
  type FeedCheckpoint,
  type ListIdsQuery,
  type RowsOfAgent,
  type SqlCache,
  type StoredBody,
  type StoredVersion,
} from '@fairlead/sql-cache';

export class MemoryCache implements Pick<
  SqlCache,
  | 'commit'
  | 'commitBehind'
  | 'expectRows'
  | 'listIds'
  | 'listBodies'
  | 'versionsOf'
  | 'countAgentRows'
> {
  /** Type of each row, by id. */
  readonly rows = new Map<string, string>();
  /** Agent of each row that was written. */
  readonly agents = new Map<string, string>();
  /** Body of each row that was written. */
  readonly bodies = new Map<string, Buffer>();
  readonly checkpoints = new Map<string, FeedCheckpoint>();
  readonly units: CommitUnit[] = [];
  /** Dead letters by id. */
  readonly letters = new Map<string, DeadLetter>();
  epoch = 1;
  /** Types whose rows were told of. */
  readonly expected = new Set<string>();
  /** A crash has lost what was written. */
  hasLostCommits = false;
  /** Ids that are refused. */
  readonly poison = new Set<string>();
  /** Everything is refused while set. */
  refusesAll = false;
  /** Nothing is told while set. */
  refusesQuestions = false;
  /** Sees each unit that is taken, before anything of it is seen. */
  committing: (unit: CommitUnit) => void = () => undefined;
  /** Rows that somebody changed by hand. */
  readonly unsound = new Set<string>();
  readonly #distrusted = new Set<string>();
  #held: Promise<undefined> = Promise.resolve(undefined);
  #letGo: () => void = () => undefined;
  /** Units that were sent behind others; `false` of each that came to nothing. */
  readonly sentBehind: boolean[] = [];
  /** Whether a unit that is sent behind another comes to nothing. */
  losesBehind: () => boolean = () => false;
  /** Whether what is on its way is committed. */
  #onTheWay: Promise<boolean> | undefined;

  /** Commits wait until the answer is called, or {@link letGo}; those that were held before go. */
  hold(): () => void {
    this.letGo();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#held = promise;
    this.#letGo = () => resolve(undefined);
    return this.#letGo;
  }

  /** Nothing is held any more. */
  letGo(): void {
    this.#letGo();
  }

  expectRows(type: string): void {
    this.expected.add(type);
  }

  commit(
    unit: CommitUnit,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<CommitResult> {
    return this.#under(this.#commit(unit, signal));
  }

  commitBehind(unit: CommitUnit): Promise<CommitResult | undefined> {
    const before = this.#onTheWay;
    const hasOrder = unit.deletes.length + unit.checkpoints.length + unit.retired.length > 0;
    if (before === undefined || hasOrder || unit.isNew !== true) return Promise.resolve(undefined);
    return this.#under(this.#commitBehind(unit, before));
  }

  async #commitBehind(
    unit: CommitUnit,
    before: Promise<boolean>,
  ): Promise<CommitResult | undefined> {
    const isLost =
      !(await before) || unit.upserts.some(({ id }) => this.rows.has(id)) || this.losesBehind();
    const result = isLost ? undefined : await this.#commit(unit).catch(() => undefined);
    this.sentBehind.push(result !== undefined);
    return result;
  }

  async #under<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(
      (result) => result !== undefined,
      () => false,
    );
    this.#onTheWay = ended;
    try {
      return await work;
    } finally {
      if (this.#onTheWay === ended) this.#onTheWay = undefined;
    }
  }

  async #commit(unit: CommitUnit, signal?: AbortSignal): Promise<CommitResult> {
    await Promise.race([this.#held, abortion(signal)]);
    if (unit.epoch !== this.epoch) throw new SqlCacheError('fenced', 'an older epoch');
    if (this.hasLostCommits) throw new SqlCacheError('commitsLost', 'some are missing');
    const ids = [...unit.upserts, ...unit.deletes].map(({ id }) => id);
    if (this.refusesAll || ids.some((id) => this.poison.has(id))) {
      throw new SqlCacheError('rejected', 'not this one');
    }
    this.committing(unit);
    this.units.push(unit);
    const inserted = unit.upserts.filter(({ id }) => !this.rows.has(id)).length;
    for (const { id } of unit.distrusted ?? []) this.#distrusted.add(id);
    for (const { id, type, agent, body } of unit.upserts) {
      this.rows.set(id, type);
      this.agents.set(id, agent);
      if (this.#isUnchanged(id, body)) continue;
      this.unsound.delete(id);
      this.#distrusted.delete(id);
      // Some tests' rows are nothing but a key.
      this.bodies.set(id, Buffer.from((body as Uint8Array | undefined) ?? []));
    }
    for (const { id } of unit.deletes) {
      this.rows.delete(id);
      this.unsound.delete(id);
    }
    for (const each of unit.checkpoints)
      this.checkpoints.set(`${each.resource}/${each.namespace}`, each);
    for (const id of unit.deadLetters?.cleared ?? []) this.letters.delete(id);
    for (const each of unit.deadLetters?.put ?? []) this.letters.set(each.id, each);
    for (const each of unit.retired) this.checkpoints.delete(`${each.resource}/${each.namespace}`);
    const deleted = unit.deletes.length;
    return { inserted, updated: unit.upserts.length - inserted, unchanged: 0, deleted, retries: 0 };
  }

  async listIds({ type, agent, namespace, afterId, limit }: ListIdsQuery): Promise<string[]> {
    await this.#ask('lists');
    const ids = [...this.rows].filter(([id, of]) => {
      const isWanted = namespace === undefined || id.split(':')[4] === namespace;
      const isOfAgent = (this.agents.get(id) ?? agent) === agent;
      return of === type && isOfAgent && isWanted && id > afterId;
    });
    return ids
      .map(([id]) => id)
      .sort()
      .slice(0, limit);
  }

  /** How often rows were counted, and ids listed. */
  readonly asked = { counts: 0, lists: 0 };

  async countAgentRows({ type, agent }: RowsOfAgent): Promise<number> {
    await this.#ask('counts');
    const rows = [...this.rows].filter(
      ([id, of]) => of === type && (this.agents.get(id) ?? agent) === agent,
    );
    return rows.length;
  }

  #ask(what: 'counts' | 'lists'): Promise<void> {
    this.asked[what] += 1;
    return this.refusesQuestions
      ? Promise.reject(new SqlCacheError('rejected', 'not now'))
      : Promise.resolve();
  }

  async listBodies(query: ListIdsQuery): Promise<StoredBody[]> {
    const ids = await this.listIds(query);
    return ids.map((id) => ({ id, body: this.bodies.get(id) ?? Buffer.from('{}') }));
  }

  /** As its hash says, which nobody has taken away: also of a row that somebody changed by hand. */
  #isUnchanged(id: string, body: Uint8Array | undefined): boolean {
    const before = this.rows.has(id) ? this.bodies.get(id) : undefined;
    return !this.#distrusted.has(id) && before?.equals(body ?? Buffer.from([])) === true;
  }

  /** As the bodies say; rows in {@link unsound} are not what was written. */
  versionsOf({ ids }: { readonly ids: readonly string[] }): Promise<StoredVersion[]> {
    return Promise.resolve(ids.filter((id) => this.rows.has(id)).map((id) => this.#versionOf(id)));
  }

  #versionOf(id: string): StoredVersion {
    const body = this.bodies.get(id) ?? Buffer.from('{}');
    if (this.unsound.has(id)) {
      return { id, isSound: false, apiVersion: '', uid: '', resourceVersion: '' };
    }
    const { attributes } = JSON.parse(body.toString()) as {
      attributes: { apiVersion: string; manifest: { metadata: Record<string, string> } };
    };
    const { uid = '', resourceVersion = '' } = attributes.manifest.metadata;
    return { id, isSound: true, apiVersion: attributes.apiVersion, uid, resourceVersion };
  }

  /** Names of the stored rows, sorted. */
  names(): string[] {
    return [...this.rows.keys()].map((id) => id.split(':').slice(4).join('/')).sort();
  }
}

function abortion(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new SqlCacheError('aborted', 'stopped'));
    });
  });
}

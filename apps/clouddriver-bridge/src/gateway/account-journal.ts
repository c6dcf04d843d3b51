/**
 * Sees every unit of one account's writer before and after it is committed, and remembers what it
 * changes of kinds that somebody reads from the cache. Of kinds that nobody reads nothing is looked
 * at. Start at {@link AccountJournal.begin}.
 */
import { parseInfrastructureKey } from '@fairlead/clouddriver-model';
import { type CommitUnit, type SqlCache } from '@fairlead/sql-cache';
import { type JournalBudget } from './journal-budget.ts';
import { KindJournal, type FeedPlace, type RowChange } from './kind-journal.ts';
import { objectInBody } from './object-bytes.ts';

/** What a writer tells of its units. Calls must not throw. */
export interface CommitJournal {
  /**
   * A unit is about to be committed, when the last one has ended; a promise while what it will change
   * is looked up.
   */
  begin(unit: NotedUnit): UnitNote | Promise<UnitNote>;
  /**
   * A unit is about to be sent to the database behind the one that has begun; `undefined` if it must
   * not be, since somebody reads what it changes or is about to.
   */
  beginBehind(unit: NotedUnit): UnitNote | undefined;
}

/** What is looked at of a unit. */
export interface NotedUnit extends Pick<CommitUnit, 'upserts' | 'checkpoints' | 'retired'> {
  readonly deletes: readonly (CommitUnit['deletes'][number] & {
    /** The version in which the object went; absent if not known. */
    readonly resourceVersion?: string;
  })[];
}

/** One unit on its way. */
export interface UnitNote {
  /** The database refused this row: it stays as it was. */
  leftOut(id: string): void;
  /** All but what was left out is in the database. */
  committed(): void;
  /** The unit is over, whatever came of it. */
  ended(): void;
}

/** All that was changed by one unit, for whoever follows all kinds. */
export interface CommittedRows {
  readonly account: string;
  readonly type: string;
  readonly changes: readonly RowChange[];
}

/** Somebody who follows all kinds of all accounts. */
export interface RowsFollower {
  /** Whether anybody wants to know at the moment. */
  readonly isFollowing: boolean;
  /** Rows of one type are committed. */
  committed(rows: CommittedRows): void;
}

/** What a journal works with. */
export interface AccountJournalDeps {
  readonly account: string;
  readonly cache: Pick<SqlCache, 'bodiesOf'>;
  readonly budget: JournalBudget;
  readonly clock: { nowMs(): number };
  /** Makes names that no other process makes. */
  readonly newId: () => string;
  /** Where the feeds of a type are, as they are committed. */
  readonly feedsOf: (type: string) => readonly FeedPlace[];
  /** Definitions of custom resources or API services are committed. */
  readonly definitionsChanged: () => void;
  /** What a unit changes is not known; watchers of the type (`''`: of all) are sent away. */
  readonly failed: (type: string, error: unknown) => void;
  readonly follower: RowsFollower;
}

/** Kinds that decide what an API server offers. */
const definitionTypes: ReadonlySet<string> = new Set(['customResourceDefinition', 'apiService']);
/** A kind that nobody has read for so long is not looked at any more. */
const idleMs = 300_000;

interface OpenKind {
  readonly journal: KindJournal;
  usedAtMs: number;
}

/** The journal of one account under one epoch. */
export class AccountJournal implements CommitJournal {
  readonly #deps: AccountJournalDeps;
  readonly #kinds = new Map<string, OpenKind>();
  /** Types that begin to be looked at when the present units are over. */
  readonly #opening = new Map<string, ((journal: KindJournal) => void)[]>();
  /** One, and sometimes another behind it. */
  readonly #units = new Set<Promise<undefined>>();
  #isClosed = false;

  constructor(deps: AccountJournalDeps) {
    this.#deps = deps;
  }

  /** Whether the account is not written here any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The journal of a type, which is kept from now on. Resolves when it holds from here on. */
  open(type: string): Promise<KindJournal> {
    const known = this.#kinds.get(type);
    if (known !== undefined && !known.journal.isClosed) {
      known.usedAtMs = this.#deps.clock.nowMs();
      return Promise.resolve(known.journal);
    }
    // Nobody has looked up what the present units change.
    if (this.#units.size === 0 || this.#isClosed) return Promise.resolve(this.#open(type));
    return new Promise((resolve) => {
      this.#opening.set(type, [...(this.#opening.get(type) ?? []), resolve]);
    });
  }

  /** Resolves when the present units are over: what was read until now is noted then. */
  async settled(): Promise<void> {
    await Promise.all(this.#units);
  }

  begin(unit: NotedUnit): UnitNote | Promise<UnitNote> {
    const over = this.#enter();
    const types = this.#wantedTypes(unit);
    const note = (before: Before): UnitNote => this.#noteOf(unit, { before, over });
    return types.length === 0 ? note(new Map()) : this.#readBefore(unit, types).then(note);
  }

  beginBehind(unit: NotedUnit): UnitNote | undefined {
    if (this.#opening.size > 0 || this.#wantedTypes(unit).length > 0) return undefined;
    return this.#noteOf(unit, { before: new Map(), over: this.#enter() });
  }

  /** The account is not written here any more: those who wait are told. */
  close(): void {
    this.#isClosed = true;
    for (const { journal } of this.#kinds.values()) journal.close();
    this.#openWaiting();
  }

  /** A unit is on its way until the answer is called. */
  #enter(): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#units.add(promise);
    return () => {
      this.#units.delete(promise);
      if (this.#units.size === 0) this.#openWaiting();
      resolve(undefined);
    };
  }

  #open(type: string): KindJournal {
    const { newId, budget, feedsOf, clock } = this.#deps;
    const journal = new KindJournal({ id: newId(), budget, feeds: feedsOf(type) });
    if (this.#isClosed) journal.close();
    else this.#kinds.set(type, { journal, usedAtMs: clock.nowMs() });
    return journal;
  }

  #openWaiting(): void {
    for (const [type, waiting] of this.#opening) {
      const journal = this.#open(type);
      for (const resolve of waiting) resolve(journal);
    }
    this.#opening.clear();
  }

  #wantedTypes({ upserts, deletes }: NotedUnit): readonly string[] {
    const { follower } = this.#deps;
    this.#dropIdle();
    if (this.#kinds.size === 0 && !follower.isFollowing) return [];
    const types = new Set<string>();
    for (const { type } of upserts) types.add(type);
    for (const { type } of deletes) types.add(type);
    return [...types].filter((type) => follower.isFollowing || this.#kinds.has(type));
  }

  #dropIdle(): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const [type, { journal, usedAtMs }] of this.#kinds) {
      const isIdle = !journal.isWatched && nowMs - usedAtMs > idleMs;
      if (isIdle) journal.close();
      if (journal.isClosed) this.#kinds.delete(type);
    }
  }

  async #readBefore(unit: NotedUnit, types: readonly string[]): Promise<Before> {
    const before: [string, ReadonlyMap<string, Uint8Array>][] = [];
    for (const type of types) {
      const rows = [...unit.upserts, ...unit.deletes].filter((row) => row.type === type);
      const [{ agent } = { agent: '' }] = rows;
      try {
        const ids = [...new Set(rows.map(({ id }) => id))];
        const bodies = await this.#deps.cache.bodiesOf({ type, agent, ids });
        before.push([type, objectsOf(bodies)]);
      } catch (error: unknown) {
        // Writing goes on; what this unit changes will not be known.
        this.#drop(type);
        this.#deps.failed(type, error);
      }
    }
    return new Map(before);
  }

  #drop(type: string): void {
    this.#kinds.get(type)?.journal.close();
    this.#kinds.delete(type);
  }

  #noteOf(unit: NotedUnit, { before, over }: Under): UnitNote {
    const leftOut = new Set<string>();
    let isCommitted = false;
    return {
      leftOut: (id) => void leftOut.add(id),
      committed: () => {
        try {
          this.#committed(unit, { before, leftOut });
          isCommitted = true;
        } catch (error: unknown) {
          // A fault here is the readers' trouble, not the writer's; they are sent away below.
          this.#deps.failed('', error);
        }
      },
      ended: () => {
        // Nobody knows what is in the database; mostly since the writer stops.
        if (!isCommitted) for (const type of [...this.#kinds.keys()]) this.#drop(type);
        over();
      },
    };
  }

  #committed(unit: NotedUnit, { before, leftOut }: Noted): void {
    const { account, follower } = this.#deps;
    for (const [type, objects] of before) {
      const changes = changesOf(unit, { type, objects, leftOut });
      if (follower.isFollowing) follower.committed({ account, type, changes });
      this.#kinds.get(type)?.journal.committed(changes, checkpointsOf(unit, type));
    }
    for (const [type, { journal }] of this.#kinds) {
      const checkpoints = before.has(type) ? [] : checkpointsOf(unit, type);
      if (checkpoints.length > 0) journal.committed([], checkpoints);
    }
    // Which types they were of is not said; it happens once in the life of a kind.
    if (unit.retired.length > 0) for (const type of [...this.#kinds.keys()]) this.#drop(type);
    const rows = [...unit.upserts, ...unit.deletes];
    if (rows.some(({ type }) => definitionTypes.has(type))) this.#deps.definitionsChanged();
  }
}

/** Objects by id, by type. */
type Before = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

interface Under {
  readonly before: Before;
  readonly over: () => void;
}

interface Noted {
  readonly before: Before;
  readonly leftOut: ReadonlySet<string>;
}

function objectsOf(
  rows: readonly { readonly id: string; readonly body: Buffer }[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    rows.flatMap(({ id, body }) => {
      const object = objectInBody(body);
      return object === undefined ? [] : [[id, object] as const];
    }),
  );
}

function changesOf(
  unit: NotedUnit,
  known: {
    readonly type: string;
    readonly objects: ReadonlyMap<string, Uint8Array>;
    readonly leftOut: ReadonlySet<string>;
  },
): readonly RowChange[] {
  const { type, objects, leftOut } = known;
  const changeOf = (
    id: string,
    { after, resourceVersion }: Pick<RowChange, 'after' | 'resourceVersion'>,
  ): RowChange => {
    const { namespace = '', name = '' } = parseInfrastructureKey(id) ?? {};
    return { id, namespace, name, before: objects.get(id), after, resourceVersion };
  };
  const isOf = (row: { readonly id: string; readonly type: string }): boolean =>
    row.type === type && !leftOut.has(row.id);
  const upserts = unit.upserts.filter(isOf).map(({ id, body, resourceVersion }) => {
    const after = objectInBody(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    return changeOf(id, { after, resourceVersion });
  });
  const kept = new Set(upserts.map(({ id }) => id));
  const deletes = unit.deletes
    .filter((row) => isOf(row) && !kept.has(row.id))
    .map(({ id, resourceVersion = '' }) => changeOf(id, { after: undefined, resourceVersion }));
  return [...upserts, ...deletes].filter(({ before, after }) => before !== after);
}

function checkpointsOf({ checkpoints }: NotedUnit, type: string): readonly FeedPlace[] {
  return checkpoints.filter((checkpoint) => checkpoint.type === type);
}

/**
 * Which services select which replica sets in one account under one epoch: keeps the projection's
 * index in step with what is committed. Read from the database when it is first needed, since a
 * resumed feed sends nothing of what is stored; an account where neither kind changes costs nothing.
 */
import {
  cachingAgentName,
  readSelection,
  SelectionIndex,
  type RelationRows,
  type SelectionChange,
} from '@fairlead/clouddriver-model';
import { type CommitUnit, type SqlCache } from '@fairlead/sql-cache';

/** The kinds that take part. */
const types = ['service', 'replicaSet'] as const;
/** A page of some hundred kilobytes, read beside other accounts' work. */
const pageRows = 200;

/** The selections of one account. */
export class AccountSelections {
  readonly #cache: Pick<SqlCache, 'listBodies'>;
  readonly #agent: string;
  #index: SelectionIndex | undefined;

  constructor(cache: Pick<SqlCache, 'listBodies'>, account: string) {
    this.#cache = cache;
    this.#agent = cachingAgentName(account, 'replicaSet');
  }

  /** Whether relations may follow from a unit's objects. */
  isTouchedBy(unit: CommitUnit): boolean {
    return changesIn(unit).length > 0;
  }

  /**
   * The unit with the relations that follow from its objects. To be called once for each unit, in
   * the order of their commits, when the one before is in the database.
   */
  async complete(unit: CommitUnit): Promise<CommitUnit> {
    const changes = changesIn(unit);
    if (changes.length === 0) return unit;
    this.#index ??= await this.#read();
    const relations: RelationRows = this.#index.apply(changes);
    if (relations.added.length === 0 && relations.removed.length === 0) return unit;
    return { ...unit, relations };
  }

  async #read(): Promise<SelectionIndex> {
    const index = new SelectionIndex(this.#agent);
    for (const type of types) {
      let afterId: string | undefined = '';
      while (afterId !== undefined) {
        const page: Awaited<ReturnType<SqlCache['listBodies']>> = await this.#cache.listBodies({
          ...{ type, agent: this.#agent, afterId, limit: pageRows },
        });
        index.load(page.map(({ id, body }) => ({ id, selection: readSelection(body) })));
        afterId = page.length === 0 ? undefined : page.at(-1)?.id;
      }
    }
    return index;
  }
}

function changesIn({ upserts, deletes }: CommitUnit): readonly SelectionChange[] {
  const takesPart = ({ type }: { readonly type: string }) =>
    (types as readonly string[]).includes(type);
  return [
    ...deletes.filter(takesPart).map(({ id }) => ({ id, selection: undefined })),
    ...upserts
      .filter(takesPart)
      .map(({ id, selection, ignored }) => ({ id, selection: ignored ? undefined : selection })),
  ];
}

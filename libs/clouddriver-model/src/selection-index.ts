/**
 * Which services of one account select which replica sets, and the relation rows that say so. The
 * only state of the projection: the labels of these two kinds. Both directions are rows of relation
 * tables, since neither object's body can know the other's labels.
 */
import type { ReverseRelation } from './projection.ts';
import { reverseRelationsOf } from './relations.ts';
import { NamespaceLabels } from './namespace-labels.ts';
import type { Selection } from './selection.ts';

/** An object as it is now; without a selection it takes no part (any more). */
export interface SelectionChange {
  /** The row's id. */
  readonly id: string;
  /** What the object selects or has; undefined when it is gone or has nothing to match. */
  readonly selection: Selection | undefined;
}

/** Relation rows that must be there, and rows that must not be there any longer. */
export interface RelationRows {
  /** All that hold for the changed objects, also those that held before. */
  readonly added: readonly ReverseRelation[];
  /** Those that held before and hold no longer; none of them is in `added`. */
  readonly removed: readonly ReverseRelation[];
}

interface Link {
  readonly service: string;
  readonly replicaSet: string;
}

/** The selections of one account. */
export class SelectionIndex {
  readonly #agent: string;
  readonly #byId = new Map<string, Selection>();
  readonly #namespaces = new Map<string, NamespaceLabels>();

  /** @param agent - the caching agent that owns both kinds' rows */
  constructor(agent: string) {
    this.#agent = agent;
  }

  /** Takes objects whose relation rows are stored already, as when an account is taken over. */
  load(stored: readonly SelectionChange[]): void {
    for (const { id, selection } of stored) this.#set(id, selection);
  }

  /** Takes objects as they are now; what they were before is forgotten. */
  apply(changes: readonly SelectionChange[]): RelationRows {
    const before = this.#linksOf(changes);
    for (const { id, selection } of changes) this.#set(id, selection);
    const after = this.#linksOf(changes);
    const gone = [...before].filter(([key]) => !after.has(key)).map(([, link]) => link);
    return { added: this.#rowsOf(after.values()), removed: this.#rowsOf(gone) };
  }

  #set(id: string, selection: Selection | undefined): void {
    const old = this.#byId.get(id);
    if (old !== undefined) this.#leave(old, id);
    this.#byId.delete(id);
    if (selection === undefined) return;
    this.#byId.set(id, selection);
    const { namespace } = selection;
    const labels = this.#namespaces.get(namespace) ?? new NamespaceLabels();
    this.#namespaces.set(namespace, labels);
    labels.add(id, selection);
  }

  /** A namespace that is empty is forgotten: in some clusters they come and go by the hour. */
  #leave(selection: Selection, id: string): void {
    const labels = this.#namespaces.get(selection.namespace);
    labels?.remove(id, selection);
    if (labels?.isEmpty === true) this.#namespaces.delete(selection.namespace);
  }

  /** Each link of the objects, once. */
  #linksOf(changes: readonly SelectionChange[]): ReadonlyMap<string, Link> {
    const links = new Map<string, Link>();
    for (const { id } of changes) {
      for (const link of this.#linksOfOne(id))
        links.set(`${link.service}\n${link.replicaSet}`, link);
    }
    return links;
  }

  #linksOfOne(id: string): readonly Link[] {
    const own = this.#byId.get(id);
    const labels = own && this.#namespaces.get(own.namespace);
    if (own === undefined || labels === undefined) return [];
    const peers = labels.peersOf(own);
    return own.side === 'service'
      ? peers.map((replicaSet) => ({ service: id, replicaSet }))
      : peers.map((service) => ({ service, replicaSet: id }));
  }

  #rowsOf(links: Iterable<Link>): readonly ReverseRelation[] {
    const agent = this.#agent;
    return [...links].flatMap(({ service, replicaSet }) => [
      ...reverseRelationsOf({
        ...{ type: 'service', id: service, agent, relations: { replicaSet: [replicaSet] } },
      }),
      ...reverseRelationsOf({
        ...{ type: 'replicaSet', id: replicaSet, agent, relations: { service: [service] } },
      }),
    ]);
  }
}

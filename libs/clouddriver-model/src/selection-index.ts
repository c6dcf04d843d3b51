/**
 * Which services of one account select which replica sets, and the relation rows that say so. The
 * only state of the projection: the labels of these two kinds. Both directions are rows of relation
 * tables, since neither object's body can know the other's labels.
 */
import type { ReverseRelation } from './projection.ts';
import { reverseRelationsOf } from './relations.ts';
import type { Selection } from './selection.ts';

/** An object as it is now; without a selection it takes no part (any more). */
export interface SelectionChange {
  /** The row's id. */
  readonly id: string;
  readonly selection: Selection | undefined;
}

/** Relation rows that must be there, and rows that must not be there any longer. */
export interface RelationRows {
  /** All that hold for the changed objects, also those that held before. */
  readonly added: readonly ReverseRelation[];
  readonly removed: readonly ReverseRelation[];
}

interface Link {
  readonly service: string;
  readonly replicaSet: string;
}

/** Services and replica sets of one namespace, by id. */
interface Namespace {
  readonly service: Map<string, Selection>;
  readonly replicaSet: Map<string, Selection>;
}

/** The selections of one account. */
export class SelectionIndex {
  readonly #agent: string;
  readonly #byId = new Map<string, Selection>();
  readonly #namespaces = new Map<string, Namespace>();

  /** @param agent - the caching agent that owns both kinds' rows */
  constructor(agent: string) {
    this.#agent = agent;
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
    const { namespace, side } = selection;
    const peers = this.#namespaces.get(namespace) ?? { service: new Map(), replicaSet: new Map() };
    this.#namespaces.set(namespace, peers);
    peers[side].set(id, selection);
  }

  /** A namespace that is empty is forgotten: in some clusters they come and go by the hour. */
  #leave({ namespace, side }: Selection, id: string): void {
    const peers = this.#namespaces.get(namespace);
    peers?.[side].delete(id);
    if (peers !== undefined && peers.service.size + peers.replicaSet.size === 0) {
      this.#namespaces.delete(namespace);
    }
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
    const peers = own && this.#namespaces.get(own.namespace);
    if (own === undefined || peers === undefined) return [];
    if (own.side === 'service') {
      return [...peers.replicaSet].flatMap(([replicaSet, { labels }]) =>
        holdsAll(labels, own.labels) ? [{ service: id, replicaSet }] : [],
      );
    }
    return [...peers.service].flatMap(([service, { labels }]) =>
      holdsAll(own.labels, labels) ? [{ service, replicaSet: id }] : [],
    );
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

type Labels = Selection['labels'];

function holdsAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

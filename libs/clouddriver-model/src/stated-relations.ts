/**
 * The relations that an object states, with all that follows from them. Of kinds that state nothing
 * but their owners (Pods above all) those of one owner state the same, and come one after the other.
 */
import type { Moniker } from './moniker.ts';
import type { ObjectReference, ProjectedView } from './object-view.ts';
import { relationsOf, relationTargets, type Relations, type RelationTarget } from './relations.ts';
import type { TypeFacts } from './type-facts.ts';

/** Clouddriver's "never expires". */
const infrastructureTtlSeconds = -1;

/** What a row says of its relations. */
export interface StatedRelations {
  /** Related ids by type. */
  readonly relations: Relations;
  /** What follows the id in a row: the same as JSON. */
  readonly headEnd: string;
  /** What they lead to. */
  readonly targets: readonly RelationTarget[];
}

/** Reads them of one object after the other; remembers one. */
export class RelationsReader {
  #last: StatedRelations | undefined;
  #facts: TypeFacts | undefined;
  #namespace = '';
  #owners: readonly ObjectReference[] = [];

  /** The relations of an object. */
  read(view: ProjectedView, facts: TypeFacts, moniker: Moniker): StatedRelations {
    if (!facts.statesOnlyOwners) return statedBy(view, facts, moniker);
    const isAlike =
      this.#facts === facts && this.#owners === view.owners && this.#namespace === view.namespace;
    if (this.#last !== undefined && isAlike) return this.#last;
    this.#last = statedBy(view, facts, moniker);
    this.#facts = facts;
    this.#owners = view.owners;
    this.#namespace = view.namespace;
    return this.#last;
  }
}

function statedBy(view: ProjectedView, facts: TypeFacts, moniker: Moniker): StatedRelations {
  const { type: kind, account, allApplications, agent } = facts;
  const relations = relationsOf({ view, kind, moniker, account, allApplications });
  const headEnd = `,"ttlSeconds":${infrastructureTtlSeconds},"relationships":${JSON.stringify(relations)}`;
  return { relations, headEnd, targets: relationTargets(relations, agent) };
}

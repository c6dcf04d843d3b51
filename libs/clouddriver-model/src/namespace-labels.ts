/**
 * Finds who selects whom in one namespace without asking everybody: a service stands under one label
 * that it wants, a replica set under each label that its pods have.
 */
import type { Selection } from './selection.ts';

/** The objects under one label, by id. */
type Shelf = Map<string, Selection>;

/** Services and replica sets of one namespace. */
export class NamespaceLabels {
  readonly #services = new Map<string, Shelf>();
  readonly #replicaSets = new Map<string, Shelf>();
  /** Under which of its labels a service stands. */
  readonly #labelOfService = new Map<string, string>();

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#services.size + this.#replicaSets.size === 0;
  }

  /** Adds an object that is not in it. */
  add(id: string, selection: Selection): void {
    if (selection.side === 'replicaSet') {
      for (const label of labelsOf(selection)) put(this.#replicaSets, label, [id, selection]);
      return;
    }
    const label = leastUsed(labelsOf(selection), this.#services);
    this.#labelOfService.set(id, label);
    put(this.#services, label, [id, selection]);
  }

  /** Removes an object that is in it, with the selection that it was added with. */
  remove(id: string, selection: Selection): void {
    if (selection.side === 'replicaSet') {
      for (const label of labelsOf(selection)) take(this.#replicaSets, label, id);
      return;
    }
    take(this.#services, this.#labelOfService.get(id) ?? '', id);
    this.#labelOfService.delete(id);
  }

  /** The ids of those that select this one, or that this one selects. */
  peersOf(own: Selection): readonly string[] {
    return own.side === 'service' ? this.#selectedBy(own) : this.#selecting(own);
  }

  #selectedBy(service: Selection): readonly string[] {
    const labels = labelsOf(service);
    const candidates = this.#replicaSets.get(leastUsed(labels, this.#replicaSets));
    return idsOf(candidates, (replicaSet) => holdsAll(replicaSet.labels, service.labels));
  }

  #selecting(replicaSet: Selection): readonly string[] {
    return labelsOf(replicaSet).flatMap((label) =>
      idsOf(this.#services.get(label), (service) => holdsAll(replicaSet.labels, service.labels)),
    );
  }
}

/** Each label as one string; a key has no `=`. */
function labelsOf({ labels }: Selection): readonly string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`);
}

/** The label with the fewest objects; a selection has at least one label. */
function leastUsed(labels: readonly string[], shelves: ReadonlyMap<string, Shelf>): string {
  const sizeOf = (label: string) => shelves.get(label)?.size ?? 0;
  return labels.reduce((least, label) => (sizeOf(label) < sizeOf(least) ? label : least));
}

function put(shelves: Map<string, Shelf>, label: string, entry: [string, Selection]): void {
  const shelf = shelves.get(label);
  if (shelf === undefined) shelves.set(label, new Map([entry]));
  else shelf.set(...entry);
}

function take(shelves: Map<string, Shelf>, label: string, id: string): void {
  const shelf = shelves.get(label);
  shelf?.delete(id);
  if (shelf?.size === 0) shelves.delete(label);
}

function idsOf(shelf: Shelf | undefined, isPeer: (selection: Selection) => boolean): string[] {
  const ids: string[] = [];
  for (const [id, selection] of shelf ?? []) if (isPeer(selection)) ids.push(id);
  return ids;
}

function holdsAll(labels: Selection['labels'], wanted: Selection['labels']): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

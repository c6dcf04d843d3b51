/** Remembers which objects were reported, so that a log tells of each once. */

/** A feed with more poison than this has other worries; then reports may repeat. */
const MAX_REMEMBERED = 1000;

/** A bounded set of object identities. */
export class ReportedObjects {
  readonly #seen = new Set<string>();

  /** Whether the object was asked about before; objects without a name are told by their reason. */
  sawBefore(object: {
    readonly reason: string;
    readonly name?: string;
    readonly namespace?: string;
  }): boolean {
    const id = `${object.namespace ?? ''}/${object.name ?? ''}/${object.reason}`;
    if (this.#seen.has(id)) return true;
    if (this.#seen.size < MAX_REMEMBERED) this.#seen.add(id);
    return false;
  }
}

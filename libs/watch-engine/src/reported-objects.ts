/** Remembers which objects were reported, so that a log tells of each once. */

/** A feed with more poison than this has other worries; then reports may repeat. */
const MAX_REMEMBERED = 1000;

/** A bounded set of object identities. */
export class ReportedObjects {
  /** Made for the first one: most feeds have none to report. */
  #seen: Set<string> | undefined;

  /** Whether the object was asked about before; objects without a name are told by their reason. */
  sawBefore(object: {
    readonly reason: string;
    readonly name?: string;
    readonly namespace?: string;
  }): boolean {
    const id = `${object.namespace ?? ''}/${object.name ?? ''}/${object.reason}`;
    const seen = (this.#seen ??= new Set());
    if (seen.has(id)) return true;
    if (seen.size < MAX_REMEMBERED) seen.add(id);
    return false;
  }
}

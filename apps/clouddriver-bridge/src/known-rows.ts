/**
 * What a snapshot need not bring again: the rows of a feed in the order in which their versions
 * travel to the agent, so that the agent's answer, one bit for each, names rows.
 */
import { maxKnownObjects, placesIn, VersionSetEncoder } from '@fairlead/protocol';
import { type RowState, type RowVersions } from './row-versions.ts';
import { wordsPerId } from './seen-ids.ts';

/** Rows of one feed at the beginning of one of its snapshots. */
export class KnownRows {
  /** The versions as they travel. */
  readonly versions: Uint8Array;
  readonly #rows: RowVersions;
  readonly #ids: Uint32Array;

  /** Of more rows than can be told the rest is sent again. */
  constructor(rows: RowVersions, most = maxKnownObjects) {
    this.#rows = rows;
    const size = Math.min(most, rows.count('sound'));
    const versions = new VersionSetEncoder(size);
    this.#ids = new Uint32Array(size * wordsPerId);
    let index = 0;
    for (const { id, version } of rows.inVersionOrder(most)) {
      versions.add(version);
      this.#ids.set(id, index * wordsPerId);
      index += 1;
    }
    this.versions = versions.bytes;
  }

  /** How many rows were told. */
  get size(): number {
    return this.#ids.length / wordsPerId;
  }

  /** What a row was when the snapshot began. */
  before(id: string): RowState {
    return this.#rows.get(id);
  }

  /** The ids of the rows whose bits are set, as `wordsOf` gives them. */
  *ids(bits: Uint8Array): Generator<Uint32Array> {
    for (const place of placesIn(bits, this.size)) {
      yield this.#ids.subarray(place * wordsPerId, (place + 1) * wordsPerId);
    }
  }
}

/**
 * What a snapshot need not bring again: the rows of a feed in the order in which their versions
 * travel to the agent, so that the agent's answer, one bit for each, names rows.
 */
import { encodeVersionSet, maxKnownObjects, placesIn } from '@fairlead/protocol';
import { inVersionOrder, type RowState, type RowVersions, type SoundRow } from './row-versions.ts';
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
    const told = inVersionOrder(firstOf(rows.sound(), most));
    this.versions = encodeVersionSet(told.map(({ version }) => version));
    this.#ids = new Uint32Array(told.length * wordsPerId);
    for (const [index, { id }] of told.entries()) this.#ids.set(id, index * wordsPerId);
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

function* firstOf(rows: Iterable<SoundRow>, most: number): Generator<SoundRow> {
  let count = 0;
  for (const row of rows) {
    if (count >= most) return;
    count += 1;
    yield row;
  }
}

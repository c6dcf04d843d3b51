/**
 * Which bridges live, as far as one can see who looks at the numbers that they count up. Clocks play
 * no part, neither ours nor theirs: a bridge is taken for dead after so many looks that saw it stand
 * still. A bridge that was itself paused, or cut off from the database, has not looked meanwhile.
 */

/** What a bridge writes down of itself. */
export interface BridgeBeat {
  /** The bridge's name. */
  readonly bridgeId: string;
  /** Goes up with every beat. */
  readonly beat: number;
}

interface Sighting {
  readonly beat: number;
  /** Looks in a row that saw the same number. */
  readonly missed: number;
  /** Whether it was ever seen to count up. */
  readonly hasBeaten: boolean;
}

/** Looks without a change after which a bridge is dead. */
export const missedLooks = 5;

/** The bridges of one database, as one of them sees the others. */
export class BridgeSightings {
  #seen: ReadonlyMap<string, Sighting> = new Map();
  /** Names that came up since the last look began, and that it did not list. */
  #unheardOf = new Set<string>();
  /** Names that came up before a look that did not list them: they have left in order. */
  #gone: ReadonlySet<string> = new Set();

  /** Lists the bridges and compares; what `list` throws is thrown, and nothing is learnt. */
  async look(list: () => Promise<readonly BridgeBeat[]>): Promise<void> {
    const asked = [...this.#gone, ...this.#unheardOf];
    this.#unheardOf = new Set();
    const listed = await list();
    this.#seen = new Map(listed.map((beat) => [beat.bridgeId, this.#compared(beat)]));
    this.#gone = new Set(asked.filter((bridgeId) => !this.#seen.has(bridgeId)));
  }

  /** Whether a bridge must be thought to live. Who was not looked for yet has the benefit of doubt. */
  isAlive(bridgeId: string): boolean {
    const sighting = this.#seen.get(bridgeId);
    if (sighting !== undefined) return sighting.missed < missedLooks;
    if (this.#gone.has(bridgeId)) return false;
    this.#unheardOf.add(bridgeId);
    return true;
  }

  /** Whether a bridge lives for sure: it was seen to count up not long ago. */
  hasBeaten(bridgeId: string): boolean {
    const sighting = this.#seen.get(bridgeId);
    return sighting !== undefined && sighting.hasBeaten && sighting.missed < missedLooks;
  }

  /** Names of bridges that stood still in at least so many looks. */
  stillFor(looks: number): readonly string[] {
    return [...this.#seen].flatMap(([name, { missed }]) => (missed >= looks ? [name] : []));
  }

  #compared({ bridgeId, beat }: BridgeBeat): Sighting {
    const before = this.#seen.get(bridgeId);
    if (before === undefined) return { beat, missed: 0, hasBeaten: false };
    if (before.beat !== beat) return { beat, missed: 0, hasBeaten: true };
    return { ...before, missed: before.missed + 1 };
  }
}

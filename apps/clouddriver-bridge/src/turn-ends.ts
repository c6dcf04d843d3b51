/** The ends of a writer's turns, for those who wait until what it has taken is in the database. */

/** Told of each end, tells those who wait. */
export class TurnEnds {
  #waiting: (() => void)[] = [];

  /** A turn is over, or the writer has nothing more to do. */
  ended(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /**
   * Resolves when everything taken so far is committed: one unit is being committed, one is being
   * gathered.
   */
  async untilCommitted(isRunning: () => boolean): Promise<void> {
    for (let turn = 0; turn < 2 && isRunning(); turn += 1) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

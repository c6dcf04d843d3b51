/** Wakes one who waits for any of several things, now or as soon as it begins to wait. */
export class Alarm {
  #isRung = false;
  #wake: (() => void) | undefined;

  /** Something has happened. */
  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** Resolves when something has happened since it resolved last; for one who waits at a time. */
  async rung(): Promise<void> {
    if (!this.#isRung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.#isRung = false;
  }
}

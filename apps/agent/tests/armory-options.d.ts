/**
 * Every option that Armory documents for its agent, with a value and what becomes of it here: the
 * value that the configuration then holds, or the word of the warning that says why it is not needed
 * or what to use. `docs/moving-from-armory.md` has the same table for people.
 */
/** What becomes of an option. */
export type OptionOutcome =
  /** It works here; the configuration holds `value` at `path`. */
  | {
      readonly kind: 'supported';
      readonly path: string;
      readonly value: unknown;
    }
  /** A warning says so; it contains `words`. */
  | {
      readonly kind: 'unneeded';
      readonly words: string;
    };
/** One documented option. */
export interface ArmoryOption {
  /** As documented; `[]` stands for an item of a list. */
  readonly name: string;
  /** A value that differs from the default. */
  readonly given: unknown;
  readonly outcome: OptionOutcome;
}
/** All of them, in the order of Armory's documentation; `secrets` has tests of its own. */
export declare const armoryOptions: readonly ArmoryOption[];
//# sourceMappingURL=armory-options.d.ts.map

// Where a command's words go and how it can end.

/** Where a command prints. */
export interface CommandOutput {
  /** Prints text to standard output as it is. */
  print(text: string): void;
  /** Prints text to standard error as it is. */
  complain(text: string): void;
}

/** How the program ends. */
export const exitCodes = {
  /** Stopped in order, or everything is as it should be. */
  success: 0,
  /** Failed, or something is not as it should be. */
  failure: 1,
  /** The command line cannot be understood. */
  usage: 2,
} as const;

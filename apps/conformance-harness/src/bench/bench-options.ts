/** How a benchmark is run. */
/** What a benchmark is told. */
export interface BenchOptions {
  /** How often each figure is taken. */
  readonly runs: number;
  /** Says how far it is; a line without its end. */
  readonly progress: (line: string) => void;
}

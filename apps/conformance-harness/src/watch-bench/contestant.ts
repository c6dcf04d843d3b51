/** Who is measured: something in a process of its own that lists and watches the Pods of a cluster. */
import { type AskedProcess, startAskedProcess } from './child-process.ts';
import { type FollowedFleet } from './cluster-server.ts';
import { type Tally, type Wanted } from './delta-tally.ts';

/** How a contestant works. */
export interface ContestantOptions {
  /**
   * Whether each object is handed on as JSON bytes; Fairlead's own never are anything else.
   * @defaultValue 'bytes'
   */
  readonly output?: 'bytes' | 'objects';
  /** Whether the API server is asked to compress; for Fairlead's feeds. @defaultValue 'none' */
  readonly gzip?: 'ask' | 'none';
  /**
   * How Fairlead's feeds list: streamed where the server offers it, or in pages, the only answers that
   * kube-apiserver compresses.
   * @defaultValue 'streamed'
   */
  readonly lists?: 'streamed' | 'pages';
}

/** What a contestant is to follow. */
export interface FollowRequest extends ContestantOptions {
  /** Its current context. */
  readonly kubeconfigFile: string;
}

/** A contestant that runs. */
export interface Contestant extends AsyncDisposable {
  /** Of the process that is measured. */
  readonly pid: number;
  /** Begins to list and watch a fleet's first cluster; forgets what it followed before. */
  follow(fleet: FollowedFleet): Promise<void>;
  /** Resolves when so much was handed on (or something went wrong). */
  until(wanted: Wanted): Promise<Tally>;
  /** Stops following. */
  leave(): Promise<void>;
}

/** How to make one. */
export interface ContestantKind {
  /** Of the measures. */
  readonly name: string;
  /** `fleets` are those that it will be told to follow. */
  start(fleets: readonly FollowedFleet[]): Promise<Contestant>;
}

/** A contestant whose whole process is `dist/watch-bench/MAIN.js`. */
export function processContestant(
  name: string,
  { main, ...options }: ContestantOptions & { readonly main: string },
): ContestantKind {
  return { name, start: () => Promise.resolve(startProcess(main, options)) };
}

function startProcess(main: string, options: ContestantOptions): Contestant {
  const process: AskedProcess = startAskedProcess(main);
  return {
    pid: process.pid,
    follow: async ({ kubeconfigFile }) => {
      await process.ask('follow', { ...options, kubeconfigFile } satisfies FollowRequest);
    },
    until: async (wanted) => (await process.ask('until', wanted)) as Tally,
    leave: async () => {
      await process.ask('leave');
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

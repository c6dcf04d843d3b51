/** Who is measured: something in a process of its own that lists and watches the Pods of a cluster. */
import { type Tally, type Wanted } from './delta-tally.ts';
import { type AskedProcess, startAskedProcess } from './child-process.ts';

/** Which cluster. */
export interface FollowRequest {
  readonly kubeconfigFile: string;
  readonly context: string;
  /** Whether each object is handed on as JSON bytes; Fairlead's own never are anything else. */
  readonly output: 'bytes' | 'objects';
}

/** A contestant that runs. */
export interface Contestant extends AsyncDisposable {
  /** Of the process that is measured. */
  readonly pid: number;
  /** Begins to list and watch; forgets what it followed before. */
  follow(context: string): Promise<void>;
  /** Resolves when so much was handed on (or something went wrong). */
  until(wanted: Wanted): Promise<Tally>;
  /** Stops following. */
  leave(): Promise<void>;
}

/** How to make one. */
export interface ContestantKind {
  /** Of the measures. */
  readonly name: string;
  start(kubeconfigFile: string): Promise<Contestant>;
}

/** A contestant whose whole process is `dist/watch-bench/NAME.js`. */
export function processContestant(
  name: string,
  facts: { readonly main: string; readonly output: FollowRequest['output'] },
): ContestantKind {
  return {
    name,
    start: (kubeconfigFile) => {
      const process: AskedProcess = startAskedProcess(facts.main);
      const follow = async (context: string) => {
        const request: FollowRequest = { kubeconfigFile, context, output: facts.output };
        await process.ask('follow', request);
      };
      return Promise.resolve({
        pid: process.pid,
        follow,
        until: async (wanted) => (await process.ask('until', wanted)) as Tally,
        leave: async () => {
          await process.ask('leave');
        },
        [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
      });
    },
  };
}

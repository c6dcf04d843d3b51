/** What a test process and its reaper say to each other over the pipe between them. */

/** A program to run under the reaper. */
export interface Program {
  /** Absolute path, or a name on `env.PATH`. */
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** File that the program's output is appended to. */
  readonly logPath: string;
  /** Working directory. @defaultValue the reaper's directory */
  readonly cwd?: string;
  /** User and group to run as. @defaultValue the caller's */
  readonly user?: UserIds | undefined;
  /**
   * What ends the program when its owner is gone. SIGKILL goes to the whole process tree; any other
   * signal to the program alone, followed by SIGKILL to the tree when it does not help.
   */
  readonly endSignal: NodeJS.Signals;
}

/** A user and group of this machine, by number. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** Whether a signal goes to the program alone or to everything below it, too. */
export type SignalReach = 'process' | 'tree';

/** From the test process to the reaper. `id` names a program for the life of the reaper. */
export type ReaperCommand =
  | { readonly kind: 'spawn'; readonly id: string; readonly program: Program }
  | {
      readonly kind: 'signal';
      readonly id: string;
      /** Repeated in the answer. */
      readonly request: number;
      readonly signal: NodeJS.Signals;
      readonly reach: SignalReach;
    }
  | { readonly kind: 'end' };

/** From the reaper to the test process. */
export type ReaperEvent =
  /** First of all: the directory that exists as long as the reaper does. */
  | { readonly kind: 'ready'; readonly directory: string }
  | { readonly kind: 'spawned'; readonly id: string; readonly pid: number }
  /** The signal has been sent, or the program had ended already. */
  | { readonly kind: 'signalled'; readonly request: number }
  /** The program, and what a signal to its tree has hit, are gone. Sent after a failed spawn, too. */
  | { readonly kind: 'exited'; readonly id: string; readonly reason: string };

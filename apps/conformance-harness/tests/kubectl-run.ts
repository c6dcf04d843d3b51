/** Runs the steps of the kubectl script one way, as a person at a shell would. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type Meanwhile, type Step } from './kubectl-script.ts';

/** A way to an API server. */
export interface Way {
  readonly name: string;
  /** What the kubeconfig leads to; it is not compared. */
  readonly server: string;
  /** The person's home, with `kubeconfig` and the files of the script. */
  readonly folder: string;
  /** Folders of kubectl and what else is run. */
  readonly programFolders: readonly string[];
  /** The namespace, when that is not the same. @defaultValue it is compared, too */
  readonly namespace?: string;
}

/** What a command did. */
export interface Outcome {
  /** As a shell says it: 128 and the signal's number after a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the commands said that were run meanwhile. */
  readonly meanwhile: string;
}

/** The slowest of them deletes a namespace, in 6 s. */
const timeoutMs = 90_000;

/** Runs one step to its end. */
export async function runStep(step: Step, way: Way): Promise<Outcome> {
  const command = startShell(step.command, way);
  command.write(step.stdin ?? '');
  const meanwhile =
    step.meanwhile === undefined ? '' : await doMeanwhile(step.meanwhile, command, way);
  const { code, stdout, stderr } = await command.ended;
  return { code, stdout, stderr, meanwhile };
}

interface Shell {
  readonly ended: Promise<Omit<Outcome, 'meanwhile'>>;
  /** The first match of what it has said so far or says later; null when it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray | null>;
  write(stdin: string): void;
  interrupt(): void;
}

async function doMeanwhile(
  { seen, run, until }: Meanwhile,
  command: Shell,
  way: Way,
): Promise<string> {
  const match = await command.said(seen);
  if (match === null) return 'never saw it';
  let said = '';
  if (run !== undefined) {
    const other = startShell(run, way, match.slice(1));
    other.write('');
    const { code, stdout, stderr } = await other.ended;
    said = `${String(code)} ${stdout}${stderr}`;
  }
  if (until !== undefined) await command.said(until);
  command.interrupt();
  return said;
}

function startShell(text: string, way: Way, args: readonly string[] = []): Shell {
  const child = spawn('sh', ['-c', text, 'sh', ...args], {
    cwd: way.folder,
    env: environmentOf(way),
    // A process group of its own, which is what Ctrl-C reaches.
    detached: true,
  });
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, name);
  };
  const timer = setTimeout(signal, timeoutMs, 'SIGKILL');
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  const hear = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    hear();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    hear();
  });
  const ended = new Promise<Omit<Outcome, 'meanwhile'>>((resolve) => {
    child.once('close', (code, name) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128 + constants.signals[name!], stdout, stderr });
    });
  });
  return {
    ended,
    said: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const match = pattern.exec(stdout + stderr);
          if (match !== null) resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then(() => {
          resolve(null);
        });
      }),
    write: (stdin) => {
      // A command that ended without reading it has said enough.
      child.stdin.on('error', () => undefined);
      child.stdin.end(stdin);
    },
    interrupt: () => {
      signal('SIGINT');
    },
  };
}

function environmentOf({ folder, programFolders }: Way): Record<string, string> {
  return {
    PATH: [...programFolders, process.env.PATH ?? ''].join(':'),
    HOME: folder,
    TMPDIR: folder,
    KUBECONFIG: 'kubeconfig',
    KUBECTL_EXTERNAL_DIFF: 'diff -u -N',
    NODE: process.execPath,
    SHELL: '/bin/sh',
    LC_ALL: 'C.UTF-8',
  };
}

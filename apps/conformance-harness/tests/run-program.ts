/** Runs a built program to its end, as a person at a shell does. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface ProgramOutcome {
  /** Its exit code; -1 when it had to be ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to run, and where. */
export interface ProgramRun {
  readonly app: 'agent' | 'clouddriver-bridge';
  readonly args: readonly string[];
  /** Working directory. */
  readonly cwd: string;
}

const appsFolder = fileURLToPath(new URL('../../', import.meta.url));
/** A program that should have ended by itself does so in a second or two. */
const timeoutMs = 20_000;

/** Resolves when the program has ended, whatever its code. */
export function runToEnd({ app, args, cwd }: ProgramRun): Promise<ProgramOutcome> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const main = join(appsFolder, app, 'dist', 'main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, ...args],
      { cwd, env, timeout: timeoutMs },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

/** Short-lived programs: run one, wait for it, get its output or a readable failure. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { UserIds } from './reaper-messages.ts';
import { TestbedError, type TestbedErrorCode } from './testbed-error.ts';

/** How to run a command. */
export interface CommandOptions {
  /** @defaultValue the caller's */
  readonly cwd?: string;
  /** The whole environment. @defaultValue the caller's */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @defaultValue the caller's */
  readonly user?: UserIds | undefined;
  /** Kills the command when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** The code of the error when the command fails. @defaultValue 'startFailed' */
  readonly failureCode?: TestbedErrorCode;
  /** The hint of that error. @defaultValue none */
  readonly hint?: string;
}

/** A failing command's last words that are worth showing. */
const maxDetailChars = 2_000;

/** Where distributions keep servers that are on nobody's PATH. */
const serverDirectories = ['/usr/sbin', '/usr/local/sbin', '/sbin', '/usr/libexec'];

/**
 * Runs a command to its end and returns what it wrote to standard output.
 *
 * @throws TestbedError `options.failureCode` when it cannot be run or fails
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { cwd, env = process.env, user, signal, hint, failureCode = 'startFailed' } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, signal, ...user, stdio: 'pipe' });
    let output = '';
    let complaints = '';
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaints += chunk));
    child.once('error', (cause) => {
      reject(new TestbedError(failureCode, `could not run ${command}`, { cause, hint }));
    });
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      const detail = (complaints + output).trim().slice(-maxDetailChars);
      reject(new TestbedError(failureCode, `${command} failed`, { detail, hint }));
    });
  });
}

/** The path of a program on PATH or where distributions hide servers; undefined when absent. */
export function findExecutable(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const onPath = (environment.PATH ?? '').split(delimiter).filter((entry) => isAbsolute(entry));
  return [...onPath, ...serverDirectories].map((entry) => join(entry, name)).find(isExecutable);
}

/** True when the file exists and this process may run it. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

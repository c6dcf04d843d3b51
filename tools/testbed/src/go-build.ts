/**
 * One `go build`, run under a reaper: a build takes minutes of both cores, and must not go on when
 * the process that wanted it has been killed.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import type { ReapedProcess } from './reaper-client.ts';
import { startReaper } from './reaper-client.ts';
import { runCommand } from './run-command.ts';
import { TestbedError } from './testbed-error.ts';

/** What to build. */
export interface GoBuildOptions {
  /** Path of the go command. */
  readonly go: string;
  /** Folder with the go.mod. */
  readonly moduleDirectory: string;
  /** Import path of the program, which may belong to a dependency. */
  readonly packagePath: string;
  /** Path of the program to write. */
  readonly output: string;
  readonly ldflags: string;
  /** Hears about once a second how many packages are compiled. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const progressIntervalMs = 1_000;
const maxDetailLines = 20;

/**
 * Fetches what the program is made of, and builds it.
 *
 * @throws TestbedError `unavailable` when its sources cannot be fetched, `buildFailed` with the end
 * of Go's output when they do not build
 */
export async function goBuild(options: GoBuildOptions): Promise<void> {
  const { go, moduleDirectory, output, ldflags, packagePath, signal } = options;
  await using reaper = await startReaper();
  const logPath = join(reaper.directory, 'go-build.log');
  options.onProgress('fetching sources');
  const packages = await countPackages(options);
  const build = await reaper.spawn({
    command: go,
    args: ['build', '-v', '-trimpath', '-ldflags', ldflags, '-o', output, packagePath],
    cwd: moduleDirectory,
    // Its working files go with the reaper, too.
    env: { ...goEnvironment(), GOTMPDIR: reaper.directory },
    logPath,
    endSignal: 'SIGKILL',
  });
  const reason = await watchBuild(build, async () => {
    signal?.throwIfAborted();
    const compiled = (await readLines(logPath)).length;
    options.onProgress(`${String(compiled)} of at most ${String(packages)} packages compiled`);
  });
  if (reason === 'exit code 0') return;
  const detail = (await readLines(logPath)).slice(-maxDetailLines).join('\n');
  throw new TestbedError('buildFailed', `go build ${packagePath}: ${reason}`, { detail });
}

/** Also downloads the modules, so that the build's own output is packages only. */
async function countPackages(options: GoBuildOptions): Promise<number> {
  const { go, moduleDirectory, packagePath, signal } = options;
  const list = await runCommand(go, ['list', '-deps', packagePath], {
    cwd: moduleDirectory,
    env: goEnvironment(),
    signal,
    failureCode: 'unavailable',
    hint: 'The first build has to reach a Go module proxy; see "go env GOPROXY".',
  });
  return list.trim().split('\n').length;
}

/** CGO off: the programs then run on any machine of the same kind, and need no C compiler. */
function goEnvironment(): Record<string, string> {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(inherited), CGO_ENABLED: '0', GOWORK: 'off' };
}

async function watchBuild(build: ReapedProcess, tick: () => Promise<void>): Promise<string> {
  const stopped = new AbortController();
  let reason = '';
  void build.exited.then((how) => {
    reason = how;
    stopped.abort();
  });
  try {
    for await (const _ of setInterval(progressIntervalMs, undefined, { signal: stopped.signal })) {
      await tick();
    }
  } catch (error: unknown) {
    if (!stopped.signal.aborted) throw error;
  }
  return reason;
}

async function readLines(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

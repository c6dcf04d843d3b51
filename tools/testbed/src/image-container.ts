/**
 * A program run in the root file system of an image as an engine with the strictest settings would:
 * as process 1 of its own process namespace, read-only root, the image's user and environment, no
 * capabilities and no way to new ones. The network is the machine's. Start at `startContainer`.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImage } from './image-builder.ts';
import { startReaper } from './reaper-client.ts';
import { waitUntil } from './wait-until.ts';

/** What to run. */
export interface ContainerOptions {
  readonly image: BuiltImage;
  /** After the image's entry point. @defaultValue the image's */
  readonly args?: readonly string[];
  /** Instead of the image's. @defaultValue the image's */
  readonly entrypoint?: readonly string[];
  /** Added to the image's. @defaultValue none */
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of the machine, by the existing folder of the image where they appear. @defaultValue none */
  readonly mounts?: Readonly<Record<string, ContainerMount>>;
}

/** A folder of the machine in a container. */
export interface ContainerMount {
  readonly from: string;
  readonly access: 'read' | 'write';
}

/** A running container. */
export interface ContainerHandle extends AsyncDisposable {
  /** Process 1, by its id on the machine; undefined when it had ended before it was seen. */
  readonly pid: number | undefined;
  /** How it ended, such as `exit code 0`; undefined while it runs. */
  readonly ended: string | undefined;
  /** Resolves with how it ended. */
  waitForEnd(): Promise<string>;
  /** Sends a signal to process 1, as `docker stop` does; does nothing once that has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Everything that it has written to standard output and standard error. */
  readLog(): Promise<string>;
}

const startTimeoutMs = 20_000;

/** Arguments: root, working directory, user, group, `--`, mounts as triples, `--`, the command. */
const script = `
own=$PATH PATH=/usr/sbin:/usr/bin:/sbin:/bin
root=$1 directory=$2 user=$3 group=$4
shift 5
mount --make-rprivate /
mount --bind "$root" "$root"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  mount -o "remount,bind,nosuid,nodev,$3" "$root$2"
  shift 3
done
shift
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=755,size=64k tmpfs "$root/dev"
for device in null zero random urandom; do
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,bind,ro "$root"
setpriv=$(command -v setpriv) unshare=$(command -v unshare)
unset PWD
PATH=$own
exec "$setpriv" --no-new-privs -- \\
  "$unshare" --root="$root" --wd="$directory" --setgid="$group" --setuid="$user" -- "$@"
`;

/** Starts a container; resolves when its process 1 is there, or has ended already. */
export async function startContainer(options: ContainerOptions): Promise<ContainerHandle> {
  const { image, mounts = {} } = options;
  const { config } = image;
  const [user = '', group = user] = (config.User ?? '0:0').split(':');
  const command = [
    ...(options.entrypoint ?? config.Entrypoint ?? []),
    ...(options.args ?? config.Cmd ?? []),
  ];
  const triples = Object.entries(mounts).flatMap(([to, { from, access }]) => [
    ...[from, to, access === 'read' ? 'ro' : 'rw'],
  ]);
  const reaper = await startReaper();
  const logPath = join(reaper.directory, 'container.log');
  const outer = await reaper.spawn({
    command: '/usr/bin/unshare',
    args: [
      ...['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--'],
      ...['/bin/sh', '-euc', script, 'container'],
      ...[image.root, config.WorkingDir ?? '/', user, group, '--', ...triples, '--', ...command],
    ],
    env: { ...environmentOf(config.Env ?? []), ...options.env },
    logPath,
    endSignal: 'SIGKILL',
  });
  let pid: number | undefined;
  let ended: string | undefined;
  void outer.exited.then((reason) => (ended = reason));
  const isSeen = async () => {
    pid ??= await firstChild(outer.pid);
    return pid !== undefined || ended !== undefined;
  };
  await waitUntil(isSeen, { timeoutMs: startTimeoutMs });
  const processOne = pid;
  return {
    pid: processOne,
    get ended() {
      return ended;
    },
    waitForEnd: async () => {
      // Asked for again and again: nothing else keeps this process alive meanwhile.
      await waitUntil(() => ended !== undefined, { timeoutMs: Infinity });
      return outer.exited;
    },
    signal: (signal) => {
      if (processOne !== undefined && ended === undefined) process.kill(processOne, signal);
    },
    readLog: () => readFile(logPath, 'utf8'),
    [Symbol.asyncDispose]: () => reaper.end(),
  };
}

async function firstChild(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const path = `/proc/${String(pid)}/task/${String(pid)}/children`;
  // Gone again: the caller sees that it has ended.
  const children = await readFile(path, 'utf8').catch(() => '');
  const [first = ''] = children.trim().split(' ');
  return first === '' ? undefined : Number(first);
}

function environmentOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

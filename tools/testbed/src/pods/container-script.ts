/**
 * The shell script that makes a process a container: run in a mount namespace of its own, it puts
 * a root file system together, mounts the volumes, and becomes the program as another user without
 * capabilities. Pure; `container-process.ts` runs it.
 */
import type { ContainerUser, ImageFiles } from './pod-image.ts';

/** A folder or file to be seen somewhere else. */
export interface BindMount {
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** Everything that a container is apart from its environment. */
export interface ContainerPlan {
  /** An empty folder for the root file system to be mounted on. */
  readonly folder: string;
  readonly files: ImageFiles;
  readonly mounts: readonly BindMount[];
  readonly isRootReadOnly: boolean;
  readonly user: ContainerUser;
  /** The program, a path in the container or a name on its PATH, and its arguments. */
  readonly command: readonly string[];
}

/** What every container has, whatever its image: names, and where devices are. */
const devices = ['null', 'zero', 'full', 'random', 'urandom'];
/** Of this machine, for those whose image is this machine. */
const hostBasics = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc/ssl', '/etc/ld.so.cache'];
/** What a process needs to get from root to its user, and nothing of it is left there. */
const neededCapabilities = '-all,+sys_chroot,+setuid,+setgid';
const tmpfs = 'mount -t tmpfs -o mode=0755 tmpfs';

/** The script, for `sh -eu` as root. */
export function containerScript(plan: ContainerPlan): string {
  // Outer ones first: what lies in a folder that is a mount must be mounted after it.
  const mounts = [...plan.mounts].sort((a, b) => (a.target < b.target ? -1 : 1));
  const readOnly = mounts.filter(({ isReadOnly }) => isReadOnly);
  return [
    ...toolLines,
    bindFunction,
    ...rootLines(plan),
    ...['/proc', '/sys'].map((path) => `bind ${path} "$root"${path}`),
    ...devices.map((name) => `bind /dev/${name} "$root"/dev/${name}`),
    ...mounts.map(({ source, target }) => `bind ${quote(source)} "$root"${quote(target)}`),
    ...readOnly.map(({ target }) => `seal "$root"${quote(target)}`),
    ...(plan.isRootReadOnly ? ['seal "$root"'] : []),
    becomeLine(plan),
  ].join('\n');
}

/**
 * Files of this machine are read only whatever the container says, since others use them; what is
 * written beside them, or into an image, is in memory and gone with the process.
 */
function rootLines({ folder, files }: ContainerPlan): readonly string[] {
  const quoted = quote(folder);
  if (files.kind === 'root') {
    return [
      `${tmpfs} ${quoted}`,
      `mkdir ${quoted}/upper ${quoted}/work ${quoted}/root`,
      `root=${quoted}/root`,
      `layers=lowerdir=${quote(files.path)},upperdir=${quoted}/upper,workdir=${quoted}/work`,
      'mount -t overlay -o "$layers" overlay "$root"',
    ];
  }
  return [
    `${tmpfs} ${quoted}`,
    `root=${quoted}`,
    'mkdir -m 1777 "$root"/tmp',
    ...hostBasics.map((path) => `adopt ${path} "$root"${path}`),
    ...Object.entries(files.paths).map(
      ([target, source]) => `adopt ${quote(source)} "$root"${quote(target)}`,
    ),
  ];
}

/** The program's PATH may lead nowhere on this machine, or to something else. */
const toolLines = [
  // What is made on the way to a mount must not depend on who runs the tests.
  'umask 022',
  'own=${PATH-}',
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'setpriv=$(command -v setpriv) chroot=$(command -v chroot)',
];

const bindFunction = `bind() { # SOURCE TARGET
  if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "\${2%/*}"; [ -e "$2" ] || : > "$2"; fi
  mount --bind "$1" "$2"
}
seal() { mount -o remount,bind,ro "$1"; }
adopt() { # SOURCE TARGET, and a link as a link
  if [ -L "$1" ]; then mkdir -p "\${2%/*}"; cp -P "$1" "$2"; return; fi
  [ -e "$1" ] || return 0
  bind "$1" "$2"
  seal "$2"
}`;

function becomeLine({ user, command }: ContainerPlan): string {
  const { uid, gid, groups } = user;
  return [
    // Shells export where they are; programs in containers are not told.
    'unset PWD; PATH=$own; exec "$setpriv" --no-new-privs --inh-caps=-all',
    `--bounding-set=${neededCapabilities}`,
    `"$chroot" --userspec=${String(uid)}:${String(gid)} --groups=${groups.join(',')} "$root"`,
    ...command.map(quote),
  ].join(' ');
}

/** For a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What stands for a container image: its files, and what it says of how to run it. */
import { TestbedError } from '../testbed-error.ts';
import { expandReferences } from './expand-references.ts';
import type { Container, Pod } from './pod-spec.ts';

/** An image as files and settings of this machine. */
export interface PodImage {
  /** Its `ENTRYPOINT`, which `command` replaces. */
  readonly entrypoint: readonly string[];
  /** Its `CMD`, which `command` or `args` replace. @defaultValue none */
  readonly cmd?: readonly string[];
  /** Its `ENV`. @defaultValue nothing, not even a PATH */
  readonly env?: Readonly<Record<string, string>>;
  /** Its `USER`. @defaultValue root */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly files: ImageFiles;
}

/** Where its files are. */
export type ImageFiles =
  /** A whole root file system. It is not written to. */
  | { readonly kind: 'root'; readonly path: string }
  /**
   * Folders and files of this machine, read only, beside its system's and an empty `/tmp`: absolute
   * path in the container to that on this machine. A volume may lie over them, as over any image.
   */
  | { readonly kind: 'host'; readonly paths: Readonly<Record<string, string>> };

/** As whom a container runs. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** The command line of a container, with its references expanded. */
export function containerCommand(
  { command, args }: Container,
  image: PodImage,
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const ownArgs = args ?? (command ? [] : (image.cmd ?? []));
  return [
    ...(command ?? image.entrypoint).map((word) => (command ? expandReferences(word, env) : word)),
    ...ownArgs.map((word) => (args ? expandReferences(word, env) : word)),
  ];
}

/**
 * As whom a container runs: what it says itself, else its pod, else its image.
 *
 * @throws TestbedError `startFailed` for root where `runAsNonRoot` forbids it
 */
export function containerUser(pod: Pod, container: Container, image: PodImage): ContainerUser {
  const security = { ...pod.spec.securityContext, ...container.securityContext };
  const { uid: imageUid, gid: imageGid } = image.user ?? { uid: 0, gid: 0 };
  const uid = security.runAsUser ?? imageUid;
  if (uid === 0 && security.runAsNonRoot === true) {
    const message = `container "${container.name}" has runAsNonRoot and would run as root`;
    throw new TestbedError('startFailed', message);
  }
  const { fsGroup, supplementalGroups = [] } = pod.spec.securityContext ?? {};
  const groups = fsGroup === undefined ? supplementalGroups : [...supplementalGroups, fsGroup];
  return { uid, gid: security.runAsGroup ?? imageGid, groups };
}

/** From a container's `volumeMounts` to bind mounts. */
import { join } from 'node:path';
import { TestbedError } from '../testbed-error.ts';
import type { BindMount } from './container-script.ts';
import { expandReferences } from './expand-references.ts';
import type { Container, Pod } from './pod-spec.ts';

/** What the mounts of a container are made of. */
export interface MountFacts {
  readonly pod: Pod;
  /** Its environment, for `subPathExpr`. */
  readonly env: Readonly<Record<string, string>>;
  /** The folder of a volume by its name. */
  readonly folderOf: (volume: string) => string;
  /** Follows links: a file of a volume under `subPath` stays what it was at the start. */
  readonly resolvePath: (path: string) => Promise<string>;
}

/**
 * The mounts of a container. ConfigMaps, Secrets and what is projected are read only in any case.
 *
 * @throws TestbedError `startFailed` for a volume that the pod does not have
 */
export async function containerMounts(
  container: Container,
  facts: MountFacts,
): Promise<readonly BindMount[]> {
  const { pod, env, folderOf, resolvePath } = facts;
  const mounts: BindMount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
    if (!volume) throw new TestbedError('startFailed', `there is no volume "${mount.name}"`);
    const folder = folderOf(mount.name);
    const subPath = mount.subPath ?? expandReferences(mount.subPathExpr ?? '', env);
    const { emptyDir, persistentVolumeClaim: claim } = volume;
    const isWritable = emptyDir !== undefined || (claim !== undefined && !claim.readOnly);
    mounts.push({
      source: subPath === '' ? folder : await resolvePath(join(folder, subPath)),
      target: mount.mountPath.replace(/(.)\/+$/, '$1'),
      isReadOnly: mount.readOnly === true || !isWritable,
    });
  }
  return mounts;
}

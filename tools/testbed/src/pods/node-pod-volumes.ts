/** The volumes of one pod on disk, made before its containers start and kept in step afterwards. */
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostsFile } from './hosts-file.ts';
import { writeAtomicFolder } from './node-atomic-folder.ts';
import type { Pod, PodPlace, Volume } from './pod-spec.ts';
import type { PodSources } from './pod-sources.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import { tokenSourcesOf, volumeFiles, type VolumeFile } from './volume-files.ts';

/** Whose volumes, and where they lie. */
export interface PodVolumesOptions {
  readonly pod: Pod;
  readonly place: PodPlace;
  readonly tokens: ServiceAccountTokens;
  /** The pod's own folder. */
  readonly folder: string;
  /** Where claims have their folders, which outlive pods. */
  readonly claimsFolder: string;
}

const hostsMode = 0o644;
const anybodyMode = 0o777;
const groupMode = 0o2777;

/** Call `write` before a container starts, and again whenever objects may have changed. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #written = new Map<string, string>();

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** Where a volume lies. */
  folderOf(name: string): string {
    const { pod, folder, claimsFolder } = this.#options;
    const claim = pod.spec.volumes?.find((volume) => volume.name === name)?.persistentVolumeClaim;
    if (!claim) return join(folder, 'volumes', name);
    return join(claimsFolder, pod.metadata.namespace, claim.claimName);
  }

  /** The pod's `/etc/hosts`. */
  get hostsPath(): string {
    return join(this.#options.folder, 'hosts');
  }

  /**
   * Brings every volume in line; what has not changed is not touched.
   *
   * @throws TestbedError `startFailed` or `requestFailed` when something that is needed is missing
   */
  async write(sources: PodSources): Promise<void> {
    const { pod, place } = this.#options;
    await mkdir(this.#options.folder, { recursive: true });
    const hosts = hostsFile(pod, place, sources.services);
    await this.#ifChanged('hosts', hosts, async () => {
      await writeFile(this.hostsPath, hosts);
      await chmod(this.hostsPath, hostsMode);
    });
    for (const volume of pod.spec.volumes ?? []) await this.#writeVolume(volume, sources);
  }

  async #writeVolume(volume: Volume, sources: PodSources): Promise<void> {
    const { pod, place, tokens } = this.#options;
    const path = this.folderOf(volume.name);
    await tokens.prepare(tokenSourcesOf(volume));
    const tokenOf = tokens.tokenOf.bind(tokens);
    const files = volumeFiles(volume, { pod, place, sources, tokenOf });
    const group = pod.spec.securityContext?.fsGroup;
    await this.#ifChanged(`volume ${volume.name}`, files ? digestOf(files) : '', async () => {
      if (files) await writeAtomicFolder({ path, files, group });
      else await makeOwnFolder(path, group);
    });
  }

  async #ifChanged(what: string, state: string, change: () => Promise<void>): Promise<void> {
    if (this.#written.get(what) === state) return;
    await change();
    this.#written.set(what, state);
  }
}

async function makeOwnFolder(path: string, group: number | undefined): Promise<void> {
  await mkdir(path, { recursive: true });
  if (group !== undefined) await chown(path, 0, group);
  await chmod(path, group === undefined ? anybodyMode : groupMode);
}

function digestOf(files: readonly VolumeFile[]): string {
  const hash = createHash('sha256');
  for (const { path, bytes, mode } of files) {
    hash.update(JSON.stringify([path, mode, bytes.length])).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * What the files of a volume are: pure, from the objects of one moment. How they lie on disk is
 * `atomic-folder.ts`'s business.
 */
import { TestbedError } from '../testbed-error.ts';
import { downwardField } from './downward-fields.ts';
import type {
  DownwardSource,
  NamedSource,
  Pod,
  PodPlace,
  ProjectedSource,
  TokenSource,
  Volume,
} from './pod-spec.ts';
import { findSource, type PodSources } from './pod-sources.ts';

/** One file of a volume. */
export interface VolumeFile {
  /** Relative to the volume's folder. */
  readonly path: string;
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** Who owns it. @defaultValue root */
  readonly uid?: number;
}

/** What volumes are made of. */
export interface VolumeFacts {
  readonly pod: Pod;
  readonly place: PodPlace;
  readonly sources: PodSources;
  /** The token for a source, which somebody has asked for before. */
  readonly tokenOf: (source: TokenSource) => string;
}

/** What the API server fills in when nobody says. */
const defaultFileMode = 0o644;
const tokenMode = 0o600;

/**
 * The files of a volume; undefined for one that belongs to its pod (`emptyDir`, claims).
 *
 * @throws TestbedError `startFailed` when something that it needs is not there
 */
export function volumeFiles(volume: Volume, facts: VolumeFacts): readonly VolumeFile[] | undefined {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) return keyFiles('configMaps', configMap, { ...facts, ...configMap });
  if (secret) {
    const source = { ...secret, name: secret.secretName ?? '' };
    return keyFiles('secrets', source, { ...facts, ...secret });
  }
  if (downwardAPI) return downwardFiles(downwardAPI, { ...facts, ...downwardAPI });
  if (!projected) return undefined;
  const { sources: parts = [], defaultMode } = projected;
  return parts.flatMap((part) => projectedFiles(part, withMode(facts, defaultMode)));
}

/** The tokens that a volume holds. */
export function tokenSourcesOf(volume: Volume): readonly TokenSource[] {
  return (volume.projected?.sources ?? []).flatMap((source) => source.serviceAccountToken ?? []);
}

interface ModedFacts extends VolumeFacts {
  readonly defaultMode?: number;
}

function withMode(facts: VolumeFacts, defaultMode: number | undefined): ModedFacts {
  return defaultMode === undefined ? facts : { ...facts, defaultMode };
}

function projectedFiles(source: ProjectedSource, facts: ModedFacts): readonly VolumeFile[] {
  if (source.configMap) return keyFiles('configMaps', source.configMap, facts);
  if (source.secret) return keyFiles('secrets', source.secret, facts);
  if (source.downwardAPI) return downwardFiles(source.downwardAPI, facts);
  if (source.serviceAccountToken) return [tokenFile(source.serviceAccountToken, facts)];
  throw new TestbedError('startFailed', 'a projected source is unknown here');
}

function keyFiles(
  kind: 'configMaps' | 'secrets',
  { name = '', items, optional }: NamedSource,
  { pod, sources, defaultMode = defaultFileMode }: ModedFacts,
): readonly VolumeFile[] {
  const { namespace } = pod.metadata;
  const data = findSource(sources, { kind, namespace, name, optional });
  if (data === undefined) return [];
  if (items === undefined) {
    return [...data].map(([path, bytes]) => ({ path, bytes, mode: defaultMode }));
  }
  return items.flatMap(({ key, path, mode = defaultMode }) => {
    const bytes = data.get(key);
    if (bytes !== undefined) return [{ path, bytes, mode }];
    if (optional === true) return [];
    throw new TestbedError('startFailed', `${kind} "${name}" has no key "${key}"`);
  });
}

function downwardFiles(
  { items = [] }: DownwardSource,
  { pod, place, defaultMode = defaultFileMode }: ModedFacts,
): readonly VolumeFile[] {
  return items.map(({ path, mode = defaultMode, fieldRef }) => {
    if (!fieldRef) throw new TestbedError('startFailed', `${path}: only fields are known here`);
    return { path, bytes: Buffer.from(downwardField(pod, place, fieldRef.fieldPath)), mode };
  });
}

/**
 * Readable for nobody but the user that all containers run as, if they have one in common:
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-storage/1205-bound-service-account-tokens#file-permission
 */
function tokenFile(source: TokenSource, facts: ModedFacts): VolumeFile {
  const { pod, defaultMode = defaultFileMode } = facts;
  const bytes = Buffer.from(facts.tokenOf(source));
  const uid = commonUser(pod);
  if (uid !== undefined) return { path: source.path, bytes, mode: tokenMode, uid };
  const hasGroup = pod.spec.securityContext?.fsGroup !== undefined;
  return { path: source.path, bytes, mode: hasGroup ? tokenMode : defaultMode };
}

function commonUser({ spec }: Pod): number | undefined {
  const users = spec.containers.map(
    ({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser,
  );
  return users.every((user) => user === users[0]) ? users[0] : undefined;
}

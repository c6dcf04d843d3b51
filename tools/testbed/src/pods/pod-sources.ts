/** What pods are made of besides themselves: ConfigMaps, Secrets and Services of one moment. */
import { TestbedError } from '../testbed-error.ts';

/** Keys of a ConfigMap or Secret, with their bytes. */
export type SourceData = ReadonlyMap<string, Buffer>;

/** A Service, as far as it shows in the environment of containers. */
export interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly protocol?: string;
    }[];
  };
}

/** One moment's objects; keys are `namespace/name`. */
export interface PodSources {
  readonly configMaps: ReadonlyMap<string, SourceData>;
  readonly secrets: ReadonlyMap<string, SourceData>;
  readonly services: readonly Service[];
}

/** What API servers answer when asked for ConfigMaps and Secrets. */
export interface StoredObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Which object is meant. */
export interface SourceRef {
  readonly kind: 'configMaps' | 'secrets';
  readonly namespace: string;
  readonly name: string;
  readonly optional?: boolean | undefined;
}

/** The objects of three lists, found by name. */
export function podSources(lists: {
  readonly configMaps: readonly StoredObject[];
  readonly secrets: readonly StoredObject[];
  readonly services: readonly Service[];
}): PodSources {
  const text = (value: string) => Buffer.from(value);
  const binary = (value: string) => Buffer.from(value, 'base64');
  return {
    configMaps: byName(lists.configMaps, ({ data = {}, binaryData = {} }) => [
      ...mapValues(data, text),
      ...mapValues(binaryData, binary),
    ]),
    secrets: byName(lists.secrets, ({ data = {} }) => mapValues(data, binary)),
    services: lists.services,
  };
}

/**
 * The object's keys; undefined when it is not there and need not be.
 *
 * @throws TestbedError `startFailed` when it must be there
 */
export function findSource(sources: PodSources, ref: SourceRef): SourceData | undefined {
  const found = sources[ref.kind].get(`${ref.namespace}/${ref.name}`);
  if (found !== undefined || ref.optional === true) return found;
  throw new TestbedError('startFailed', `${ref.kind} "${ref.name}" not found`);
}

function mapValues(
  data: Readonly<Record<string, string>>,
  decode: (value: string) => Buffer,
): [string, Buffer][] {
  return Object.entries(data).map(([key, value]) => [key, decode(value)]);
}

function byName(
  objects: readonly StoredObject[],
  entries: (object: StoredObject) => readonly [string, Buffer][],
): ReadonlyMap<string, SourceData> {
  return new Map(
    objects.map((object) => [
      `${object.metadata.namespace}/${object.metadata.name}`,
      new Map(entries(object)),
    ]),
  );
}

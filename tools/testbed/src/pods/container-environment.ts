/**
 * A container's whole environment: of its image, of Services, `envFrom`, then `env` in order, where
 * each value may refer to what came before it.
 */
import { TestbedError } from '../testbed-error.ts';
import { downwardField } from './downward-fields.ts';
import { expandReferences } from './expand-references.ts';
import type { Container, EnvFrom, EnvVar, KeyRef, Pod, PodPlace } from './pod-spec.ts';
import { findSource, type PodSources, type SourceData } from './pod-sources.ts';
import { serviceEnvironment, type ApiServerPlace } from './service-environment.ts';

/** What an environment is made of. */
export interface EnvironmentFacts {
  readonly pod: Pod;
  readonly place: PodPlace;
  readonly sources: PodSources;
  readonly apiServer: ApiServerPlace;
}

/**
 * The variables that a container gets besides its image's.
 *
 * @throws TestbedError `startFailed` when something that it needs is not there
 */
export function containerEnvironment(
  container: Container,
  facts: EnvironmentFacts,
): Readonly<Record<string, string>> {
  const { metadata, spec } = facts.pod;
  const services = facts.sources.services.filter(
    (service) => service.metadata.namespace === metadata.namespace,
  );
  const linked = spec.enableServiceLinks === false ? [] : services;
  const told = serviceEnvironment(facts.apiServer, linked);
  const given: Record<string, string> = {};
  for (const source of container.envFrom ?? []) Object.assign(given, fromAllKeys(source, facts));
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, { ...told, ...given }, facts);
    if (value !== undefined) given[variable.name] = value;
  }
  return { HOSTNAME: metadata.name, ...told, ...given };
}

function valueOf(
  { value, valueFrom }: EnvVar,
  known: Readonly<Record<string, string>>,
  facts: EnvironmentFacts,
): string | undefined {
  if (valueFrom === undefined) return expandReferences(value ?? '', known);
  if (valueFrom.fieldRef)
    return downwardField(facts.pod, facts.place, valueFrom.fieldRef.fieldPath);
  if (valueFrom.configMapKeyRef) return keyValue('configMaps', valueFrom.configMapKeyRef, facts);
  if (valueFrom.secretKeyRef) return keyValue('secrets', valueFrom.secretKeyRef, facts);
  throw new TestbedError('startFailed', 'a variable comes from somewhere unknown here');
}

function keyValue(
  kind: 'configMaps' | 'secrets',
  { name, key, optional }: KeyRef,
  { pod, sources }: EnvironmentFacts,
): string | undefined {
  const { namespace } = pod.metadata;
  const value = findSource(sources, { kind, namespace, name, optional })?.get(key);
  if (value !== undefined || optional === true) return value?.toString();
  throw new TestbedError('startFailed', `${kind} "${name}" has no key "${key}"`);
}

function fromAllKeys(
  { prefix = '', configMapRef, secretRef }: EnvFrom,
  { pod, sources }: EnvironmentFacts,
): Readonly<Record<string, string>> {
  const { namespace } = pod.metadata;
  const data: SourceData[] = [];
  const add = (found: SourceData | undefined) => found && data.push(found);
  if (configMapRef) add(findSource(sources, { kind: 'configMaps', namespace, ...configMapRef }));
  if (secretRef) add(findSource(sources, { kind: 'secrets', namespace, ...secretRef }));
  const entries = data.flatMap((keys) => [...keys]);
  return Object.fromEntries(entries.map(([key, value]) => [prefix + key, value.toString()]));
}

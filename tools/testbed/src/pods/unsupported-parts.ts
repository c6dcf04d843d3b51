/** What a pod may ask for and nobody does here: said at once, instead of running something else. */
import type { Container, Pod, Probe, Volume } from './pod-spec.ts';

const volumeSources = [
  ...['configMap', 'secret', 'downwardAPI', 'projected', 'emptyDir', 'persistentVolumeClaim'],
] as const;

/** A line for each part of a pod that this room cannot do; none for a pod that it can run. */
export function unsupportedParts({ spec }: Pod): readonly string[] {
  const { initContainers = [], containers, volumes = [] } = spec;
  return [
    ...initContainers.map(({ name }) => `init container "${name}"`),
    ...volumes.filter((volume) => !isKnown(volume)).map(({ name }) => `volume "${name}"`),
    ...containers.flatMap(partsOf),
  ];
}

function isKnown(volume: Volume): boolean {
  return volumeSources.some((source) => source in volume);
}

function partsOf(container: Container): readonly string[] {
  const { name, workingDir, lifecycle, securityContext } = container;
  const parts: string[] = [];
  if (workingDir !== undefined) parts.push('workingDir');
  if (lifecycle?.postStart) parts.push('lifecycle.postStart');
  if (lifecycle?.preStop && !lifecycle.preStop.sleep) parts.push('lifecycle.preStop');
  if (securityContext?.privileged === true) parts.push('privileged');
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
    if (!isAskable(container[probe])) parts.push(probe);
  }
  return parts.map((part) => `${part} of container "${name}"`);
}

function isAskable(probe: Probe | undefined): boolean {
  return probe === undefined || probe.httpGet !== undefined || probe.tcpSocket !== undefined;
}

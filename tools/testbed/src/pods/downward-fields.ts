/** The facts of a pod that it may be told (`fieldRef`), in the environment or as files. */
import { TestbedError } from '../testbed-error.ts';
import type { Pod, PodPlace } from './pod-spec.ts';

/**
 * The value of one field, '' for a label or annotation that is not there.
 *
 * @throws TestbedError `startFailed` for a path that is none
 */
export function downwardField(pod: Pod, place: PodPlace, fieldPath: string): string {
  const { metadata, spec } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (keyed) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? '';
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': formatMap(metadata.labels),
    'metadata.annotations': formatMap(metadata.annotations),
    'spec.nodeName': place.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': place.hostIP,
    'status.hostIPs': place.hostIP,
    'status.podIP': place.podIP,
    'status.podIPs': place.podIP,
  };
  const value = fields[fieldPath];
  if (value !== undefined) return value;
  throw new TestbedError('startFailed', `fieldPath "${fieldPath}" is not known`);
}

/** As kubelets write them: `key="value"`, sorted, one a line. */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/**
 * `/etc/hosts` of a pod, as kubelets write it, and with the names of Services, since there is no
 * DNS of the cluster: each leads to this machine, whose ports all pods share.
 */
import type { Pod, PodPlace } from './pod-spec.ts';
import type { Service } from './pod-sources.ts';

/** The text of the file. */
export function hostsFile(pod: Pod, place: PodPlace, services: readonly Service[]): string {
  const { name, namespace } = pod.metadata;
  const aliases = pod.spec.hostAliases ?? [];
  return [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    `${place.podIP}\t${name}`,
    ...services.map((service) => `${place.hostIP}\t${serviceNames(service, namespace).join(' ')}`),
    ...aliases.map(({ ip, hostnames }) => `${ip}\t${hostnames.join(' ')}`),
    '',
  ].join('\n');
}

function serviceNames({ metadata }: Service, namespace: string): readonly string[] {
  const full = `${metadata.name}.${metadata.namespace}`;
  const short = metadata.namespace === namespace ? [metadata.name] : [];
  return [...short, full, `${full}.svc`, `${full}.svc.cluster.local`];
}

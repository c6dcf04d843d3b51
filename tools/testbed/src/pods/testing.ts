/** Builders for the tests of this folder. */
import type { Pod, PodPlace, PodSpec } from './pod-spec.ts';
import { podSources, type PodSources, type Service } from './pod-sources.ts';

/** A pod called `web-1` in `shop`, with the given spec. */
export function aPod(spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name: 'web-1', namespace: 'shop', uid: 'uid-1', labels: { b: '2', a: '1' } },
    spec: { containers: [], serviceAccountName: 'web', ...spec },
  };
}

/** Where it runs. */
export const aPlace: PodPlace = { nodeName: 'node-1', hostIP: '127.0.0.1', podIP: '127.0.0.1' };

/** The ConfigMap `settings` (`color`, `size`) and the Secret `keys` (`token`), both in `shop`. */
export function someSources(services: readonly Service[] = []): PodSources {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return podSources({
    configMaps: [
      {
        metadata: { name: 'settings', namespace: 'shop' },
        data: { color: 'red', size: 'small' },
        binaryData: { raw: Buffer.from([0, 255]).toString('base64') },
      },
    ],
    secrets: [{ metadata: { name: 'keys', namespace: 'shop' }, data: { token: base64('t0p') } }],
    services,
  });
}

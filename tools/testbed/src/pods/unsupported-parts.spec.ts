import { aPod } from './testing.ts';
import { unsupportedParts } from './unsupported-parts.ts';

const app = { name: 'app', image: 'app' };

describe(unsupportedParts, () => {
  it('finds none in a pod that can be run', () => {
    const container = { ...app, readinessProbe: { httpGet: { port: 80 } } };
    const volumes = [{ name: 'tmp', emptyDir: {} }];

    expect(unsupportedParts(aPod({ containers: [container], volumes }))).toEqual([]);
  });

  it('names each of them', () => {
    const container = {
      ...app,
      workingDir: '/srv',
      livenessProbe: { exec: {} },
      securityContext: { privileged: true },
    };
    const pod = aPod({
      initContainers: [{ ...app, name: 'first' }],
      containers: [container],
      volumes: [{ name: 'host' }],
    });

    expect(unsupportedParts(pod)).toEqual([
      'init container "first"',
      'volume "host"',
      'workingDir of container "app"',
      'privileged of container "app"',
      'livenessProbe of container "app"',
    ]);
  });
});

import { containerEnvironment } from './container-environment.ts';
import type { Container, PodSpec } from './pod-spec.ts';
import { aPlace, aPod, someSources } from './testing.ts';

const service = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { clusterIP: '10.0.0.9', ports: [{ port: 80 }] },
};

function environmentOf(container: Partial<Container>, spec: Partial<PodSpec> = {}) {
  return containerEnvironment(
    { name: 'app', image: 'app', ...container },
    {
      pod: aPod(spec),
      place: aPlace,
      sources: someSources([service]),
      apiServer: { host: '127.0.0.1', port: 6443 },
    },
  );
}

describe(containerEnvironment, () => {
  it('takes values from keys of ConfigMaps and Secrets, and from the pod', () => {
    const env = [
      { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'ME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']" } } },
    ];

    expect(environmentOf({ env })).toMatchObject({
      ...{ COLOR: 'red', TOKEN: 't0p', IP: '127.0.0.1', ME: 'web-1', A: '1', HOSTNAME: 'web-1' },
    });
  });

  it('expands what came before, and not what comes after', () => {
    const env = [
      { name: 'FIRST', value: '$(LAST)' },
      { name: 'NEXT', value: '$(FIRST)/$(KUBERNETES_SERVICE_PORT)/$(P_color)' },
      { name: 'LAST', value: 'z' },
    ];
    const envFrom = [{ prefix: 'P_', configMapRef: { name: 'settings' } }];

    expect(environmentOf({ env, envFrom })).toMatchObject({
      FIRST: '$(LAST)',
      NEXT: '$(LAST)/6443/red',
      P_size: 'small',
    });
  });

  it('lets env win over envFrom', () => {
    const envFrom = [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }];
    const env = [{ name: 'color', value: 'blue' }];

    expect(environmentOf({ env, envFrom })).toMatchObject({ color: 'blue', token: 't0p' });
  });

  it('tells of the Services of its namespace unless that is not wanted', () => {
    expect(environmentOf({})).toMatchObject({ WEB_SERVICE_HOST: '10.0.0.9' });
    expect(environmentOf({}, { enableServiceLinks: false })).not.toHaveProperty('WEB_SERVICE_HOST');
  });

  it('needs what is not optional', () => {
    const ref = (name: string, key: string, optional?: boolean) => ({
      env: [
        {
          name: 'X',
          valueFrom: {
            secretKeyRef: { name, key, ...(optional === undefined ? {} : { optional }) },
          },
        },
      ],
    });

    expect(() => environmentOf(ref('gone', 'token'))).toThrow('secrets "gone" not found');
    expect(() => environmentOf(ref('keys', 'gone'))).toThrow('has no key "gone"');
    expect(environmentOf(ref('gone', 'token', true))).not.toHaveProperty('X');
    expect(environmentOf(ref('keys', 'gone', true))).not.toHaveProperty('X');
  });
});

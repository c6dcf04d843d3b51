import { hostsFile } from './hosts-file.ts';
import { aPlace, aPod } from './testing.ts';

describe(hostsFile, () => {
  const service = (name: string, namespace: string) => ({
    metadata: { name, namespace },
    spec: {},
  });

  it('knows the pod, its aliases, and Services by all their names', () => {
    const pod = aPod({ hostAliases: [{ ip: '10.0.0.7', hostnames: ['db', 'db.example'] }] });

    expect(hostsFile(pod, aPlace, [service('api', 'shop'), service('bridge', 'spin')])).toBe(
      [
        '127.0.0.1\tlocalhost',
        '::1\tlocalhost ip6-localhost ip6-loopback',
        '127.0.0.1\tweb-1',
        '127.0.0.1\tapi api.shop api.shop.svc api.shop.svc.cluster.local',
        '127.0.0.1\tbridge.spin bridge.spin.svc bridge.spin.svc.cluster.local',
        '10.0.0.7\tdb db.example',
        '',
      ].join('\n'),
    );
  });
});

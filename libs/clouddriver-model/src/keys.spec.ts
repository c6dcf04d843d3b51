import fc from 'fast-check';
import {
  applicationKey,
  applicationKeyOfCluster,
  clusterKey,
  infrastructureKey,
  infrastructureKeyPrefix,
  parseInfrastructureKey,
} from './keys.ts';

describe(infrastructureKey, () => {
  it('has an empty part for the namespace of a cluster-scoped object', () => {
    const key = { kind: 'namespace', account: 'acct', namespace: '', name: 'ns1' };

    expect(infrastructureKey(key)).toBe('kubernetes.v2:infrastructure:namespace:acct::ns1');
  });

  it('writes a colon inside a part as a semicolon', () => {
    const key = { kind: 'clusterRole', account: 'a:b', namespace: '', name: 'system:node' };

    const id = infrastructureKey(key);

    expect(id).toBe('kubernetes.v2:infrastructure:clusterRole:a;b::system;node');
    expect(parseInfrastructureKey(id)).toEqual(key);
  });

  it('is read back as it was, if no part holds a semicolon', () => {
    const part = fc.string().filter((text) => !text.includes(';'));
    const keys = fc.record({ kind: part, account: part, namespace: part, name: part });
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseInfrastructureKey(infrastructureKey(key))).toEqual(key);
        expect(infrastructureKey(key).startsWith(infrastructureKeyPrefix(key))).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe(parseInfrastructureKey, () => {
  it.each([
    '',
    'kubernetes.v2:infrastructure:pod:a:b',
    'aws:infrastructure:pod:a:b:c',
    'x:y:z:a:b:c:d',
  ])('does not read %j', (id) => {
    expect(parseInfrastructureKey(id)).toBeUndefined();
  });
});

describe(applicationKeyOfCluster, () => {
  it('finds the application of a cluster whatever its name holds', () => {
    const id = clusterKey({ account: 'a:b', application: 'x;y:z', cluster: 'deployment web' });

    expect(id).toBe('kubernetes.v2:logical:clusters:a;b:x;y;z:deployment web');
    expect(applicationKeyOfCluster(id)).toBe(applicationKey('x;y:z'));
    expect(applicationKeyOfCluster('kubernetes.v2:logical:clusters:a:b')).toBeUndefined();
  });
});

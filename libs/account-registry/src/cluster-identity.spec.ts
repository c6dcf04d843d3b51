import { describe, expect, it } from '@jest/globals';
import { isSameCluster, mergeClusterIdentity, type ClusterIdentity } from './cluster-identity.ts';

const nothing: ClusterIdentity = { server: '', certificateFingerprint: '', version: '', uid: '' };
const inside = 'https://10.96.0.1';

function seen(agentId: string, cluster: Partial<ClusterIdentity>) {
  return { agentId, cluster: { ...nothing, ...cluster } };
}

describe(isSameCluster, () => {
  it.each<[string, Partial<ClusterIdentity>, Partial<ClusterIdentity>, boolean]>([
    [
      'equal uids at different addresses',
      { uid: 'u', server: 'a' },
      { uid: 'u', server: 'b' },
      true,
    ],
    ['different uids at one address', { uid: 'u', server: 'a' }, { uid: 'v', server: 'a' }, false],
    ['equal certificates', { certificateFingerprint: 'f' }, { certificateFingerprint: 'f' }, true],
    [
      'different certificates at one address',
      { certificateFingerprint: 'f', server: inside },
      { certificateFingerprint: 'g', server: inside },
      false,
    ],
    ['one address, no certificate', { server: 'http://a' }, { server: 'http://a' }, true],
    [
      'one uid unknown, equal certificates',
      { uid: 'u', certificateFingerprint: 'f' },
      { certificateFingerprint: 'f' },
      true,
    ],
    ['nothing known', {}, {}, false],
  ])('%s', (_what, before, after, expected) => {
    expect(isSameCluster(seen('agent-1', before), seen('agent-2', after))).toBe(expected);
    expect(isSameCluster(seen('agent-1', after), seen('agent-2', before))).toBe(expected);
  });

  it('takes a new certificate at the same address for a renewal if the same agent found it', () => {
    const before = seen('agent-1', { certificateFingerprint: 'f', server: inside });
    const after = seen('agent-1', { certificateFingerprint: 'g', server: inside });

    expect(isSameCluster(before, after)).toBe(true);
  });
});

describe(mergeClusterIdentity, () => {
  it('takes what is newly known and keeps what is known no more', () => {
    const known = { ...nothing, uid: 'u', version: 'v1.30.0', server: 'a' };
    const offered = { ...nothing, version: 'v1.31.0', server: 'b' };

    expect(mergeClusterIdentity(known, offered)).toEqual({
      server: 'b',
      certificateFingerprint: '',
      version: 'v1.31.0',
      uid: 'u',
    });
  });
});

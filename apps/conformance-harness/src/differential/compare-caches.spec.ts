import {
  type AccountCache,
  compareCaches,
  describeDifference,
  type StoredRow,
} from './compare-caches.ts';

const podId = (account: string) => `kubernetes.v2:infrastructure:pod:${account}:prod:web`;
const setId = (account: string) => `kubernetes.v2:infrastructure:replicaSet:${account}:prod:web`;

function aPod(account: string, changes: object = {}): StoredRow {
  const body = {
    id: podId(account),
    ttlSeconds: -1,
    attributes: { name: 'web', manifest: { kind: 'Pod' } },
    relationships: { replicaSet: [setId(account)], service: [] },
    ...changes,
  };
  return { id: podId(account), agent: `${account}/Core[1/1]`, body: JSON.stringify(body) };
}

const aCache = (account: string, parts: Partial<AccountCache> = {}): AccountCache => ({
  ...{ account, rows: [aPod(account)], relations: [] },
  ...parts,
});

const compare = (actual: Partial<AccountCache>) =>
  compareCaches(aCache('own'), aCache('fed', actual)).map(describeDifference);

describe(compareCaches, () => {
  it('finds nothing between accounts that differ in their name alone', () => {
    const differences = compare({});

    expect(differences).toEqual([]);
  });

  it('takes relations from the relation table for those of the body', () => {
    const relation = { id: podId('fed'), relId: setId('fed'), relType: 'replicaSet' };
    const differences = compare({
      rows: [aPod('fed', { relationships: {} })],
      relations: [{ ...relation, relAgent: 'replicaSet:fed/Core[1/1]' }],
    });

    expect(differences).toEqual([]);
  });

  it('passes over rows and relations of other accounts, and over times', () => {
    const attributes = { name: 'web', manifest: { kind: 'Pod' }, cacheExpiry: 5 };
    const relation = { id: podId('fed'), relId: 'x', relType: 'service' };
    const differences = compare({
      rows: [aPod('fed', { attributes }), aPod('third')],
      relations: [{ ...relation, relAgent: 'service:third/Core[1/1]' }],
    });

    expect(differences).toEqual([]);
  });

  it('takes no annotations and an empty map of them for the same', () => {
    const withMetadata = (account: string, metadata: object) => ({
      rows: [aPod(account, { attributes: { manifest: { kind: 'Pod', metadata } } })],
    });

    const differences = compareCaches(
      aCache('own', withMetadata('own', { name: 'web', annotations: {} })),
      aCache('fed', withMetadata('fed', { name: 'web' })),
    );

    expect(differences).toEqual([]);
  });

  it('names every row that is on one side only', () => {
    const node = { id: 'kubernetes.v2:infrastructure:node:fed::n', agent: 'fed/Core[1/1]' };
    const differences = compare({
      rows: [{ ...node, body: '{"ttlSeconds":-1,"attributes":{},"relationships":{}}' }],
    });

    expect(differences).toEqual([
      'extra: kubernetes.v2:infrastructure:node:*::n: */Core[1/1]',
      'missing: kubernetes.v2:infrastructure:pod:*:prod:web: */Core[1/1]',
    ]);
  });

  it('names every attribute, lifetime, agent and relation that differs', () => {
    const row = aPod('fed', {
      ttlSeconds: 600,
      attributes: { name: 'web', manifest: { kind: 'Pod', status: {} } },
      relationships: { service: ['kubernetes.v2:infrastructure:service:fed:prod:web'] },
    });
    const differences = compare({ rows: [{ ...row, agent: 'fed/Other' }] });

    expect(differences.map((line) => line.replace(`${podId('*')}: `, ''))).toEqual([
      'agent: */Core[1/1] / */Other',
      'ttl: -1 / 600',
      'attribute: manifest: {"kind":"Pod"} / {"kind":"Pod","status":{}}',
      `relation missing: ${setId('*')}`,
      'relation extra: kubernetes.v2:infrastructure:service:*:prod:web',
    ]);
  });
});
